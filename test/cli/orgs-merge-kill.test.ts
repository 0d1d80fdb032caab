// Takes about 10 s.
import t from 'tap';
import { openAccess } from '#installation';
import { startCommand } from '../fixtures/command.js';
import { runInside } from '../fixtures/command-inside.js';
import { demoFolder, newPersons } from '../fixtures/demo-folder.js';
import { demoConfig } from '../fixtures/gateway.js';
import { serverOfSuite } from '../fixtures/store-of-suite.js';
import { appId, commandsIn, FROM, NEW, NEW_FILE, world } from './organisations.js';

// So many that it is killed before it is done; over the wire fewer do.
const PERSONS = serverOfSuite() === undefined ? 5000 : 1000;

t.test('a merge that was killed is completed by repeating it', async (t) => {
  const { data } = await demoFolder(t);
  const { orgs, file, env, whole } = commandsIn(t, data);
  const persons = newPersons(PERSONS, world);
  t.match(await orgs('import', file('new.csv', NEW_FILE)), { code: 0 });
  const lines = persons.map((one) => `${appId},${one},${FROM}`);
  t.match(await runInside(['grants', 'import', file('g.csv', ['app,brukerIdent,orgnr', ...lines].join('\n'))], env), { code: 0 });
  const grantsOf = async (orgnr: string): Promise<string[]> => {
    const { code, stdout, stderr } = await runInside(['grants', 'export', '--orgnr', orgnr], env);
    t.equal(code, 0, stderr);
    const lines = stdout.trim().split('\n').slice(1);
    return lines.map((line) => line.split(',').slice(0, 2).join(' ')).sort();
  };
  const had = await grantsOf(FROM);

  const { access, close } = await openAccess(demoConfig(data));
  const { events } = access.store;
  const last = async (cursor?: string): Promise<string | undefined> => {
    const { events: found, next } = await events.after(cursor, 10_000);
    return next === undefined ? found.at(-1)?.cursor : last(next);
  };
  let moves = 0;
  const running = startCommand(['orgs', 'merge', FROM, '--into', NEW, '--yes'], env);
  for await (const event of events.follow(await last(), AbortSignal.timeout(60_000))) {
    if (event.action === 'grant.move') moves += 1;
    if (moves === PERSONS / 5) break;
  }
  running.child.kill('SIGKILL');
  t.equal((await running.ended).code, null);
  await close();
  const [left, moved] = [await grantsOf(FROM), await grantsOf(NEW)];
  t.ok(left.length > 0 && moved.length > 0, `${left.length} left, ${moved.length} moved`);
  t.same([...left, ...moved].sort(), had, 'nobody is without, nobody has it twice');
  await whole();

  t.match(await orgs('merge', FROM, '--into', NEW, '--yes'), { code: 0, stdout: new RegExp(`grants moved: ${left.length}, `) });
  t.same(await grantsOf(NEW), had);
  t.same(await grantsOf(FROM), []);
  await whole();
});
