// Takes about 9 s.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { startWorkers } from '#serving';
import { createLog } from '#telemetry';
import { temporaryFolder } from '../fixtures/gateway.js';
import { pause } from '../fixtures/raw-exchange.js';

const program = fileURLToPath(new URL('toy-worker.js', import.meta.url));

interface Line {
  readonly event: string;
  readonly worker?: number;
  readonly pid: number;
  readonly how?: string;
}

/** Toys, and what their parent has logged. */
async function startToys(t: Test, count: number, beatMs = 1000, waitMs = 10_000) {
  const obstacle = join(temporaryFolder(t), 'obstacle');
  const lines: Line[] = [];
  const log = createLog('info', { write: (line) => void lines.push(JSON.parse(line) as Line) });
  const config = { host: '127.0.0.1', port: 0, stopDelayMs: 0, stopTimeoutMs: 1000, obstacle };
  const running = await startWorkers({ program, count, config, log, beatMs, waitMs, readBundle: async () => new Uint8Array() });
  t.teardown(() => running.stop());
  const told = (event: string): Line[] => lines.filter((line) => line.event === event);
  const until = async (event: string, count: number): Promise<Line[]> => {
    while (told(event).length < count) await pause(5);
    return told(event);
  };
  return { running, told, until, obstruct: (how = '') => writeFileSync(obstacle, how) };
}

t.test('connections go to the workers in turn, and one that is killed is told and replaced while the others go on', async (t) => {
  const { running, told, until } = await startToys(t, 2);
  const ask = async () => Number(await (await fetch(running.origin)).text());
  const [one, two] = told('worker ready').map(({ pid }) => pid) as [number, number];
  t.same([await ask(), await ask(), await ask()].sort(), [one, one, two].sort());
  process.kill(one, 'SIGKILL');
  await until('worker ended', 1);
  t.equal(await ask(), two);
  const [, , third] = await until('worker ready', 3);
  t.match(told('worker ended'), [{ worker: 1, how: 'SIGKILL' }]);
  t.match(third, { worker: 1 });
  t.same([await ask(), await ask()].sort(), [two, third?.pid].sort());
  await running.stop();
  await t.rejects(ask());
  t.equal(told('worker ended').length, 1, 'whoever is told to end is not missed');
  for (const pid of [two, third?.pid as number]) t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});

t.test(
  'a worker that hangs is killed and replaced, so that neither connections nor a new bundle nor the stop wait for it for ever',
  async (t) => {
    const { running, told, until } = await startToys(t, 2, 50);
    const ask = async () => Number(await (await fetch(running.origin)).text());
    const [hung, other] = told('worker ready').map(({ pid }) => pid) as [number, number];
    process.kill(hung, 'SIGSTOP');
    await Promise.all([running.reload(), until('worker ready', 3)]);
    t.match(told('worker ended'), [{ worker: 1, how: 'SIGKILL' }]);
    const third = told('worker ready').at(-1)?.pid as number;
    t.same([await ask(), await ask()].sort(), [other, third].sort());
    process.kill(other, 'SIGSTOP');
    await running.stop();
    for (const pid of [other, third]) t.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  },
);

t.test(
  'a connection that a worker has not got when it is killed is answered by another, and whoever waits for the killed one is told',
  async (t) => {
    const { running, told, until } = await startToys(t, 2);
    const ask = async () => Number(await (await fetch(running.origin)).text());
    const [one, two] = told('worker ready').map(({ pid }) => pid) as [number, number];
    process.kill(one, 'SIGSTOP');
    const asked = Array.from({ length: 6 }, ask);
    const reloaded = running.reload();
    t.equal(await Promise.race(asked), two);
    process.kill(one, 'SIGKILL');
    await reloaded;
    const [, , third] = await until('worker ready', 3);
    for (const pid of await Promise.all(asked)) t.ok([two, third?.pid].includes(pid));
    await running.stop();
  },
);

t.test('a bundle that is loaded again and again does not keep a new worker from answering', async (t) => {
  const { running, told, until } = await startToys(t, 2);
  let isOver = false;
  const storm = (async () => {
    while (!isOver) await running.reload();
  })();
  process.kill(told('worker ready')[0]?.pid ?? 0, 'SIGKILL');
  await until('worker ready', 3);
  isOver = true;
  await storm;
  t.equal(told('worker ended').length, 1);
});

t.test('a worker that stands still in its start is killed too, and a connection that nobody takes is not kept for ever', async (t) => {
  const { running, told, until, obstruct } = await startToys(t, 1, 25, 300);
  obstruct('hang');
  process.kill(told('worker ready')[0]?.pid ?? 0, 'SIGKILL');
  await until('worker ended', 1);
  await t.rejects(fetch(running.origin), /fetch failed/);
  await until('worker not started', 1);
});

t.test('if none can be started any more they are tried less and less often, and then the reason is told', async (t) => {
  const { running, told, obstruct } = await startToys(t, 1);
  obstruct();
  const begun = performance.now();
  process.kill(told('worker ready')[0]?.pid ?? 0, 'SIGKILL');
  await t.rejects(running.lost, { slug: 'store-unavailable', message: 'The toy stands still.' });
  t.equal(told('worker not started').length, 5);
  t.ok(performance.now() - begun > 100 + 200 + 400 + 800, 'not all at once');
});

t.test('what keeps the first from starting ends the start, and the port is free again', async (t) => {
  const { running, obstruct } = await startToys(t, 1);
  await running.stop();
  obstruct();
  const port = Number(new URL(running.origin).port);
  const config = { host: '127.0.0.1', port, stopDelayMs: 0, stopTimeoutMs: 1000, obstacle: program };
  const start = () => startWorkers({ program, count: 2, config, log: createLog('silent'), readBundle: async () => new Uint8Array() });
  await t.rejects(start(), { slug: 'store-unavailable', message: 'The toy stands still.' });
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  await t.rejects(start(), { slug: 'config-invalid', message: new RegExp(`port ${port} is taken`) });
  other.close();
});

t.test('a parent that is killed leaves no orphans', async (t) => {
  const parent = spawn(process.execPath, [fileURLToPath(new URL('toy-parent.js', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => parent.kill('SIGKILL'));
  let said = '';
  parent.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const pids = () => [...said.matchAll(/"pid":(\d+)/g)].map(([, pid]) => Number(pid));
  while (pids().length < 2) await pause(10);
  const [one, two] = pids() as [number, number];
  parent.kill('SIGKILL');
  const isThere = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  while (isThere(one) || isThere(two)) await pause(10);
  t.pass('both have ended');
});
