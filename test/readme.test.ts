// Takes about 8 s.
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { freePort } from './fixtures/command.js';
import { temporaryFolder } from './fixtures/gateway.js';
import { openLogFile } from './fixtures/log-file.js';
import { pause } from './fixtures/raw-exchange.js';

// The first `make run` after a change compiles everything.
t.setTimeout(300_000);
const GREETING_WITHIN_MS = 90_000;
const END_WITHIN_MS = 20_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
/** As a person's terminal has it: without what the test runner, an outer make and the developer's own installation put there. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(TILGANG_|NODE_OPTIONS$|NODE_V8|TAP|_TAPJS|MAKE|MFLAGS$)/.test(name)),
);

t.test('README.md has at most 150 lines', async (t) => {
  t.ok(readme.replace(/\n$/, '').split('\n').length <= 150);
});

t.test('the section of the two commands has make run and make test, each in a block of its own', async (t) => {
  const section = readme.match(/^## Two commands\n([\s\S]*?)(?=^## )/m)?.[1] ?? '';
  const blocks = [...section.matchAll(/^```\w*\n([\s\S]*?)^```$/gm)].map((match) => match[1]);
  t.same(blocks, ['make run\n', 'make test\n']);
});

/** `make run` that has greeted. */
interface MakeRun {
  /** The whole curl command, as it is to be pasted. */
  readonly curl: string;
  /** Presses Ctrl-C; the log once everything has ended, `undefined` if it does not end. */
  interrupt(): Promise<readonly { readonly event?: string }[] | undefined>;
}

async function makeRun(t: { teardown(end: () => unknown): void }, own: Readonly<Record<string, string>>): Promise<MakeRun> {
  const keep = openLogFile();
  // A process group of its own, as a terminal gives it: Ctrl-C reaches make and the gateway alike.
  const child: ChildProcessByStdio<null, Readable, Readable> = spawn('make', ['run'], {
    cwd: root,
    env: { ...env, ...own },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const signal = (name: NodeJS.Signals): void => {
    if (child.pid !== undefined && !isOver) process.kill(-child.pid, name);
  };
  let isOver = false;
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // `close` comes when nobody holds the pipes any more: make and the gateway.
  const ended = new Promise<readonly { readonly event?: string }[]>((resolve) => {
    child.once('close', () => {
      isOver = true;
      const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
      // The greeting on standard error holds a curl line about a synthetic person, so it is not kept.
      keep(lines.map((line) => `${line}\n`).join(''));
      resolve(lines.map((line) => JSON.parse(line)));
    });
  });
  t.teardown(async () => {
    signal('SIGKILL');
    await ended;
  });
  const latest = Date.now() + GREETING_WITHIN_MS;
  for (;;) {
    const curl = stderr.match(/^curl[\s\S]*?(?=\n\n)/m)?.[0];
    if (curl !== undefined) {
      return {
        curl,
        async interrupt() {
          signal('SIGINT');
          const latestEnd = Date.now() + END_WITHIN_MS;
          while (!isOver && Date.now() < latestEnd) await pause(20);
          return isOver ? ended : undefined;
        },
      };
    }
    if (isOver || Date.now() > latest) throw new Error(`make run has not greeted:\n${stdout}${stderr}`);
    await pause(20);
  }
}

function pasted(command: string): { tilganger: { kommune?: string }[] } {
  const { stdout, stderr } = spawnSync('bash', ['-c', command], { env, encoding: 'utf8', timeout: 30_000 });
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`the curl line answers no JSON: ${stdout}${stderr}`);
  }
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

t.test('make run prints a curl line that answers, ends at Ctrl-C and keeps its data', { timeout: 300_000 }, async (t) => {
  const port = await freePort();
  const own = { TILGANG_PORT: String(port), TILGANG_DATA: temporaryFolder(t) };
  const times = async (): Promise<{ answer: unknown; kommuner: string[]; filled: number; stopped: number }> => {
    const run = await makeRun(t, own);
    t.ok(await isOpen(port), 'it listens');
    const answer = pasted(run.curl);
    const log = await run.interrupt();
    t.ok(log, 'make and the gateway end');
    t.notOk(await isOpen(port), 'the port is closed');
    const count = (event: string): number => log?.filter((line) => line.event === event).length ?? -1;
    const kommuner = answer.tilganger.flatMap(({ kommune }) => kommune ?? []);
    return { answer, kommuner, filled: count('demo world filled'), stopped: count('stopped') };
  };
  const first = await times();
  t.ok(first.kommuner.length >= 2, 'at least two kommuner');
  t.ok(
    first.kommuner.every((kommune) => /^[0-9]{4}$/.test(kommune)),
    'of four digits',
  );
  t.match(first, { filled: 1, stopped: 1 });
  const second = await times();
  t.match(second, { filled: 0, stopped: 1 });
  t.same(second.answer, first.answer);
});

t.test('every relative link in the documentation leads to a file', async (t) => {
  const pagesIn = (folder: string): string[] =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .sort()
      .map((name) => `${folder}/${name}`);
  const pages = ['README.md', 'SECURITY.md', 'CONTRIBUTING.md', ...pagesIn('docs'), ...pagesIn('docs/decisions')];
  const links = pages.flatMap((page) => {
    const prose = readFileSync(join(root, page), 'utf8').replace(/^```[\s\S]*?^```$/gm, '');
    const targets = [...prose.matchAll(/\]\(([^)\s]+)[^)]*\)|^\[[^\]]+\]:\s*(\S+)/gm)].map((match) => (match[1] ?? match[2]) as string);
    return targets.filter((target) => !/^([a-z][a-z0-9+.-]*:|#)/i.test(target)).map((target) => ({ page, target }));
  });
  t.ok(links.length >= 10, 'links are found');
  const dead = links.filter(({ page, target }) => !existsSync(join(root, dirname(page), decodeURI(target.replace(/#.*/, '')))));
  t.same(dead, []);
});
