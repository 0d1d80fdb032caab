import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { giveGrant, NotedUses, operatorRequest, registerApplication, registerOrganisation, setActivation } from '#access';
import { DAY_MS, type PersonNumber } from '#domain';
import { openAccess } from '#installation';
import { APP, orgnrs, persons, SANDVIK, TILBYDER } from '../access/world.js';
import { bundleWith, openLogged, SEARCH } from '../decisions/logged.js';
import { runCommand, startCommand, written } from '../fixtures/command.js';
import { runInside } from '../fixtures/command-inside.js';
import { demoConfig, temporaryFolder } from '../fixtures/gateway.js';

const OTHER_APP = '7c0d6c1e-0000-4000-8000-000000000002';
const ADA = 'A'.repeat(43);
const question = (id: string, more: object = {}) => ({
  subject: { type: 'person', id: ADA },
  application: { id },
  grants: [{ konsument: '910000000' }],
  ...more,
});

/** A log with a yes and a no of hours ago, and a yes of now. */
async function openLog(t: Parameters<typeof openLogged>[0]) {
  const data = temporaryFolder(t);
  const bundle = bundleWith({ 'tilgang/access/evaluate': () => [] });
  const world = openLogged(t, {}, { folder: join(data, 'decisions'), bundle });
  world.now = Date.now() - 2 * 3_600_000;
  await world.ask(1, question(APP));
  const judge = world.judge('request');
  const evil = 'a\r\n\u001b[2J\u202e\u009b31m';
  const EVALUATE = { ...SEARCH, entrypoint: 'tilgang/access/evaluate' };
  const { id } = await judge.ask(EVALUATE, question(OTHER_APP, { evil }), undefined, { requestedBy: '910000001', documentRevision: 4 });
  await judge.written();
  world.now = Date.now();
  await world.ask(1, question(APP));
  return { data, world, id, env: { TILGANG_DATA: data } };
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '');

t.test('decisions are listed by application, konsument, person, outcome and time; by default those of the last hour', async (t) => {
  const { env } = await openLog(t);
  const list = async (...args: readonly string[]) => linesOf((await runInside(['decisions', ...args], env)).stdout);
  t.match(await list(), [/^\S+ {2}yes +tilgang\/access\/search {2}.*910000000 {2}910000001 {2}\S+-\w+$/]);
  const all = ['--from', '2026-01-01'];
  t.equal((await list(...all)).length, 3);
  t.equal((await list(...all, '--app', APP)).length, 2);
  t.equal((await list(...all, '--app', APP, '--konsument', '974760223')).length, 0);
  t.equal((await list(...all, '--subject', ADA)).length, 3);
  t.equal((await list(...all, '--subject', 'B'.repeat(43))).length, 0);
  t.equal((await list(...all, '--result', 'yes')).length, 2);
  t.equal((await list(...all, '--result', 'no')).length, 1);
  t.equal((await list(...all, '--until', new Date(Date.now() - 3_600_000).toISOString())).length, 2);
  t.match(JSON.parse((await list(...all, '--json'))[0] ?? ''), { decision_id: String, result: ['910000000'] });
  for (const wrong of [
    ['--app', 'x'],
    ['--subject', 'x'],
    ['--from', 'yesterday'],
    ['--result', 'maybe'],
    ['--konsument', '1'],
  ]) {
    t.match(await runInside(['decisions', ...wrong], env), { code: 2, stdout: '' });
  }
});

t.test('one decision is shown whole, and nothing that it holds does anything in a terminal (threat 38)', async (t) => {
  const { env, id } = await openLog(t);
  const shown = await runInside(['decisions', 'show', id], env);
  t.equal(shown.code, 0);
  t.match(
    shown.stdout,
    /^decision {2}\S+\nmade +\S+ by process \S+ \(Tilgang 1\.2\.3\)\nasked by +910000001\nrequest +request\nrule +tilgang\/access\/evaluate\nbundle +tilgang r1\ndocument +revision 4\n/,
  );
  const json = await runInside(['decisions', 'show', id, '--json'], env);
  t.match(JSON.parse(json.stdout), { input: { evil: 'a\r\n\u001b[2J\u202e\u009b31m' } }, 'it is the same JSON');
  const list = await runInside(['decisions', '--json', '--from', '2026-01-01'], env);
  for (const { stdout } of [shown, json, list]) t.notMatch(stdout, /[^\P{C}\n]/u);
  t.match(await runInside(['decisions', 'show', 'no-such'], env), { code: 1, stderr: /no such decision/ });
});

t.test(
  'lines that somebody else has written are told of and passed over, whatever they are, and what stands behind them is read (threat 38)',
  async (t) => {
    const { data, env, id } = await openLog(t);
    const { stdout } = await runInside(['decisions', 'show', id, '--json'], env);
    const event = JSON.parse(stdout);
    const lines: readonly (string | Buffer)[] = [
      stdout.slice(0, 100),
      '',
      Buffer.from([0, 1, 0xff, 0xfe, 0x1b]),
      ...['null', '1', '[]', '{}', '"x"', '['.repeat(100_000)],
      ...[{ timestamp: 5 }, { timestamp: 'z' }, { labels: undefined }, { bundles: { a: null } }, { erased: 5 }, { custom: 'x' }].map(
        (more) => JSON.stringify({ ...event, ...more }),
      ),
      Buffer.alloc(33 * 1024 * 1024, 'a'),
    ];
    const odd = [{ input: { grants: 'x' } }, { input: 'x', result: { reasons: 5 } }, { input: [null] }].map((more, i) =>
      JSON.stringify({ ...event, ...more, decision_id: `odd-${i}` }),
    );
    const file = join(data, 'decisions/20200101T000000000Z-0000abcd.1-1-1.jsonl');
    writeFileSync(
      file,
      Buffer.concat([...lines, ...odd, stdout.slice(0, 50)].flatMap((line) => [Buffer.from(line), Buffer.from('\n')])).subarray(0, -1),
    );
    const listed = await runInside(['decisions', '--from', '2020-01-01'], env);
    t.equal(listed.code, 0);
    t.equal(linesOf(listed.stdout).length, 3 + odd.length);
    t.match(
      listed.stderr,
      new RegExp(`^tilgang: a line of the decision log is no event.*\\n.* ${lines.length} lines of it were left out in all\\n$`),
    );
    t.equal((await runInside(['decisions', 'show', 'odd-1'], env)).code, 0);
    t.match(await runInside(['decisions', '--from', '2020-01-01', '--subject', ADA], env), { code: 0 });
  },
);

t.test('status says what lies there and what is still to be sent', async (t) => {
  const { env, world } = await openLog(t);
  t.match((await runInside(['decisions', 'status'], env)).stdout, /^2 files, [0-9]+ bytes, the oldest of 2[0-9-]+\nit is sent nowhere/);
  await world.log.close();
  const sent = { ...env, TILGANG_DECISION_LOG_URL: 'https://collector.example.no' };
  t.match(
    (await runInside(['decisions', 'status'], sent)).stdout,
    /\n[1-9][0-9]* bytes are still to be sent since 2.*\n2 files of processes that have ended/,
  );
  t.match(JSON.parse((await runInside(['decisions', 'status', '--json'], sent)).stdout), { segments: 2, isSent: true, left: 2 });
});

t.test('decisions are followed as they are made, until the command is told to stop', async (t) => {
  const { data, env, world } = await openLog(t);
  writeFileSync(join(data, 'decisions/20200101T000000000Z-0000abcd.1-1-1.jsonl'), 'no event\n');
  const following = startCommand(['decisions', '--follow'], env);
  await written(following, following.stdout, /yes/);
  await world.ask(1, question(OTHER_APP));
  await written(following, following.stdout, new RegExp(OTHER_APP));
  // It has looked at all files by then.
  await world.ask(1, question(APP));
  following.child.kill('SIGTERM');
  t.match(await following.ended, { code: 0, stderr: /^tilgang: a line .*\n$/ }, 'what is no event is told once');
});

t.test('grants that were not used for so many months are listed without person numbers', async (t) => {
  const config = demoConfig(temporaryFolder(t));
  let now = Date.now() - 400 * DAY_MS;
  const { access, close } = await openAccess(config, () => now);
  const operator = operatorRequest();
  const [ada, bo] = persons as [PersonNumber, PersonNumber];
  for (const orgnr of orgnrs.slice(0, 2)) {
    const id = `00000000-0000-4000-8000-00000000000${orgnrs.indexOf(orgnr)}`;
    await registerOrganisation(access, operator, { orgnr, name: 'A', fiksOrgId: id, mayBeTilbyder: true, mayBeKonsument: true });
  }
  const app = {
    id: APP,
    tilbyder: TILBYDER,
    name: { nb: 'A' },
    description: { nb: '' },
    url: 'https://a.example',
    state: 'active',
    roles: ['use'],
  } as const;
  await registerApplication(access, operator, app);
  await setActivation(access, operator, { orgnr: SANDVIK, appId: APP }, { active: true }, 'any');
  const uses = new NotedUses(access.store, access.clock);
  for (const person of [ada, bo]) await giveGrant(access, operator, { orgnr: SANDVIK, appId: APP }, person, { roles: ['use'] });
  now = Date.now() - 100 * DAY_MS;
  uses.note(APP, access.vault.nameOf(ada), [{ orgnr: SANDVIK }], new Date(now).toISOString() as Parameters<NotedUses['note']>[3]);
  now = Date.now() - 400 * DAY_MS;
  await uses.write();
  const name = access.vault.nameOf(bo);
  await close();
  const env = { TILGANG_MODE: 'demo', TILGANG_DATA: config.data };
  const { code, stdout } = await runCommand(['grants', 'unused', '--months', '6'], env);
  t.equal(code, 0);
  // A name may begin with what a spreadsheet takes for a formula.
  t.match(stdout, new RegExp(`^app,orgnr,brukerId,roles,givenAt,lastUsed\\r?\\n${APP},${SANDVIK},'?${name},use,[^,]+,\\r?\\n$`));
  t.equal(linesOf((await runInside(['grants', 'unused', '--months', '3', '--format', 'jsonl'], env)).stdout).length, 2);
  t.equal(
    linesOf((await runInside(['grants', 'unused', '--months', '3', '--orgnr', TILBYDER, '--format', 'jsonl'], env)).stdout).length,
    0,
  );
});
