// Takes about 8 s.
import t from 'tap';
import { runCommand } from '../fixtures/command.js';
import { runInside } from '../fixtures/command-inside.js';
import { demoFolder } from '../fixtures/demo-folder.js';
import { startGatewayProcess } from '../fixtures/gateway-process.js';
import { appId, brukerIdent, commandsIn, FROM, NEW, NEW_FILE, OSLO, UNKNOWN, world } from './organisations.js';

t.test('after a merge whoever had access for the one organisation has it for the other, while the gateway serves', async (t) => {
  const { data, world } = await demoFolder(t);
  const gateway = await startGatewayProcess(t, data);
  const { orgs, file, env, events, whole } = commandsIn(t, data);
  t.match(await orgs('import', file('new.csv', NEW_FILE)), { code: 0, stdout: /^registered 1,/ });
  const answer = (): Promise<string[]> => gateway.told(world, appId, brukerIdent);
  const had = await answer();
  t.ok(had.includes(FROM) && !had.includes(NEW));

  const before = await events();
  const asked = await orgs('merge', FROM, '--into', NEW);
  t.match(asked, { code: 1, stdout: /^would be done: .* merged into Ny kommune/ });
  t.match(asked.stdout, /grants moved: [1-9][0-9]*, held there already: 0\n {2}applications switched on: [1-9]/);
  t.match(asked.stdout, /Nothing has been changed. Add --yes to do it.\n$/);
  t.equal(await events(), before, 'without --yes nothing is written');

  const done = await runCommand(['orgs', 'merge', FROM, '--into', NEW, '--reason', 'sammenslåing', '--yes'], env);
  t.equal(done.code, 0);
  t.equal(`would be done: ${done.stdout}Nothing has been changed. Add --yes to do it.\n`, asked.stdout, 'what was said is what was done');
  t.same(await answer(), [...had.filter((orgnr) => orgnr !== FROM), NEW].sort());
  const exported = await runInside(['grants', 'export', '--orgnr', FROM], env);
  t.equal(exported.stdout.split('\n').length, 2, 'nothing but the header is left');
  t.match(await events(), /"action":"organisation.merge".*"reason":"sammenslåing"/);
  await whole();

  const after = await events();
  t.match(await orgs('merge', FROM, '--into', NEW, '--yes'), { code: 0, stdout: /grants moved: 0, held there already: 0/ });
  t.equal(await events(), after, 'merged again it changes nothing');
  for (const args of [
    ['merge', FROM, '--into', OSLO],
    ['close', FROM],
  ]) {
    t.match(await orgs(...args, '--yes'), { code: 1, stdout: '', stderr: /has ceased already, by a merge into/ });
  }
});

t.test('a closed organisation gives access to nobody', async (t) => {
  const { data } = await demoFolder(t);
  const { orgs, env, events, whole } = commandsIn(t, data);
  const before = await events();
  const asked = await orgs('close', FROM);
  t.match(asked, { code: 1, stdout: /^would be done: .* closed\n {2}grants withdrawn: [1-9]/ });
  t.equal(await events(), before);
  const done = await orgs('close', FROM, '--yes', '--reason', 'nedlagt');
  t.equal(done.code, 0);
  t.ok(asked.stdout.includes(done.stdout));
  t.equal((await runCommand(['grants', 'export', '--orgnr', FROM], env)).stdout.split('\n').length, 2);
  const after = await events();
  t.match(await orgs('close', FROM, '--yes'), { code: 0, stdout: /grants withdrawn: 0\n/ });
  t.equal(await events(), after);
  await whole();
});

t.test('what cannot be merged or closed is told', async (t) => {
  const { data } = await demoFolder(t);
  const { orgs, events } = commandsIn(t, data);
  const before = await events();
  const barred = world.organisations.find(({ mayBeKonsument }) => !mayBeKonsument)?.orgnr as string;
  const cases: readonly (readonly [args: readonly string[], code: number, told: RegExp])[] = [
    [['merge', FROM], 2, /--into/],
    [['merge', FROM, '--into', '991825828'], 2, /--into has a wrong check digit/],
    [['merge', '1', '--into', OSLO], 2, /<from> is not nine digits/],
    [['merge', UNKNOWN, '--into', OSLO], 1, new RegExp(`no organisation ${UNKNOWN} is registered`)],
    [['merge', OSLO, '--into', UNKNOWN], 1, new RegExp(`no organisation ${UNKNOWN} is registered`)],
    [['close', UNKNOWN], 1, new RegExp(`no organisation ${UNKNOWN} is registered`)],
    [['merge', OSLO, '--into', OSLO], 1, /is the same one/],
    [['merge', OSLO, '--into', barred], 1, /may not be konsument/],
    [['close', OSLO, '--reason', brukerIdent], 2, /looks like a person number/],
  ];
  for (const [args, code, told] of cases) {
    t.match(await orgs(...args, '--yes'), { code, stdout: '', stderr: told }, args.join(' '));
  }
  t.equal(await events(), before);
});
