// Takes about 11 s.
import t from 'tap';
import { operatorRequest, readHistory, verifyHistory } from '#access';
import { demoWorld, syntheticOrgnr } from '#demo';
import { type PersonNumber, toInstant } from '#domain';
import { openAccess } from '#installation';
import { alterEvent } from '../fixtures/alter-event.js';
import { runCommand, startCommand, written } from '../fixtures/command.js';
import { runInside } from '../fixtures/command-inside.js';
import { demoFolder, newPersons } from '../fixtures/demo-folder.js';
import { demoConfig, runGateway } from '../fixtures/gateway.js';

const OSLO = '958935420';
const world = demoWorld(toInstant(Date.now()));
const [a] = newPersons(1, world) as [PersonNumber];
const demoIn = (data: string) => ({ TILGANG_MODE: 'demo', TILGANG_DATA: data });

interface Shown {
  readonly cursor: string;
  readonly action: string;
  readonly key: string;
}
const eventsOf = (text: string): Shown[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Shown);

t.test('audit verify says that the store of a serving gateway is whole', async (t) => {
  const gateway = await runGateway(t);
  const env = demoIn(gateway.config.data);
  const { code, stdout, stderr } = await runCommand(['audit', 'verify'], env);
  t.match({ code, stderr }, { code: 0, stderr: '' });
  const [, events] = stdout.match(/^([0-9]+) events, ([0-9]+) documents: whole\n$/) ?? [];
  t.equal(Number(events), eventsOf((await runCommand(['audit', 'events'], env)).stdout).length);
});

t.test('audit verify names the event of a changed byte', async (t) => {
  const { data } = await demoFolder(t);
  const env = demoIn(data);
  const events = eventsOf((await runInside(['audit', 'events', '--orgnr', OSLO], env)).stdout);
  const chosen = events.find(({ action }) => action === 'administrator.appoint') as Shown;
  await alterEvent(data, chosen.cursor, '"operator"', '"operatos"');
  const { code, stdout } = await runCommand(['audit', 'verify'], env);
  t.equal(code, 1);
  t.match(stdout, new RegExp(`^BROKEN at event ${chosen.cursor}: [A-Z].*\\. \\(administrators ${OSLO}\\)\\n$`));
});

t.test('audit events are JSON lines without sealed values, page after page', async (t) => {
  const { data } = await demoFolder(t);
  const events = (...args: readonly string[]) => runInside(['audit', 'events', ...args], demoIn(data));
  const all = await runCommand(['audit', 'events'], demoIn(data));
  t.equal(all.code, 0);
  t.match(all.stdout, /"action":"grant\./);
  t.notMatch(all.stdout, /"(sealed|content|answer)":/);
  const found = eventsOf(all.stdout);
  t.same(
    found.map(({ cursor }) => cursor),
    found.map(({ cursor }) => cursor).sort(),
  );
  const { access, close } = await openAccess(demoConfig(data));
  const concerning = await access.store.events.concerning(OSLO, { limit: 1_000_000 });
  await close();
  t.equal(eventsOf((await events('--orgnr', OSLO)).stdout).length, concerning.events.length);
  t.same(eventsOf((await events('--orgnr', syntheticOrgnr('Finnes ikke'))).stdout), []);
  // More than one page of the store's.
  const head = eventsOf((await events('--limit', '700')).stdout);
  t.same(head, found.slice(0, 700));
  t.same(eventsOf((await events('--after', head.at(-1)?.cursor ?? '')).stdout), found.slice(700));
  t.equal((await events('--after', found.at(-1)?.cursor ?? '')).stdout, '');
  for (const args of [
    ['--after', 'x'],
    ['--limit', '0'],
    ['--limit', '010'],
    ['--orgnr', '123456789'],
  ]) {
    t.match(await events(...args), { code: 2, stdout: '', stderr: /error: / }, args.join(' '));
  }
});

t.test('the history of all organisations is read and checked by the operator alone', async (t) => {
  const { data } = await demoFolder(t);
  const { access, close } = await openAccess(demoConfig(data));
  t.teardown(close);
  const { over } = { over: new AbortController().signal };
  const machine = { kind: 'machine', consumer: OSLO as never, clientId: 'c', scopes: ['ks:fiks.konsument'] } as const;
  for (const request of [{ caller: machine }, { caller: { kind: 'anonymous' } as const }]) {
    await t.rejects(readHistory(access, request, { limit: 1, over }), { name: 'ProblemError' });
    await t.rejects(
      verifyHistory(access, request, () => {}),
      { name: 'ProblemError' },
    );
  }
  for await (const { cursor } of await readHistory(access, operatorRequest(), { limit: 1, over })) t.match(cursor, /^0+1$/);
});

t.test('audit events follows what happens until it is told to stop', async (t) => {
  const { data } = await demoFolder(t);
  const env = demoIn(data);
  const last = eventsOf((await runInside(['audit', 'events'], env)).stdout).at(-1)?.cursor ?? '';
  const following = [[], ['--orgnr', OSLO]].map((only) => startCommand(['audit', 'events', '--after', last, '--follow', ...only], env));
  t.equal((await runInside(['admin', 'appoint', OSLO], env, a)).code, 0);
  for (const running of following) {
    await written(running, running.stdout, /administrator\.appoint.*\n/);
    running.child.kill('SIGTERM');
    const { code, stdout } = await running.ended;
    t.equal(code, 0);
    t.match(eventsOf(stdout), [{ action: 'administrator.appoint', key: OSLO }]);
    t.equal(eventsOf(stdout).length, 1);
  }
});
