// Takes about 16 s.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runCommand, startCommand, written } from '../fixtures/command.js';
import { runInside } from '../fixtures/command-inside.js';
import { demoFolder, newPersons } from '../fixtures/demo-folder.js';
import { serverOfSuite } from '../fixtures/store-of-suite.js';

// So many that it is killed before it is done; over the wire fewer do.
const LINES = serverOfSuite() === undefined ? 60_000 : 10_000;
const PER_PERSON = 20;

t.test('what a killed import has reported as written is there, and the import run again completes (threat 24)', async (t) => {
  const { data, world } = await demoFolder(t);
  const env = { TILGANG_MODE: 'demo', TILGANG_DATA: data };
  const kommuner = world.organisations.filter(({ kommunenummer }) => kommunenummer !== undefined).slice(0, PER_PERSON);
  const { appId } = world.first;
  const grants = newPersons(LINES / PER_PERSON, world).flatMap((person) => kommuner.map(({ orgnr }) => `${person},${orgnr}`));
  t.equal(new Set(grants).size, LINES);
  const file = join(data, 'import.csv');
  // One line in a thousand is faulty, so that lines and what is written are not the same number.
  const lines = grants.flatMap((grant, i) =>
    i % 1000 === 999 ? [`${appId},1,${world.organisations[0]?.orgnr}`, `${appId},${grant}`] : [`${appId},${grant}`],
  );
  writeFileSync(file, `app,brukerIdent,orgnr\n${lines.join('\n')}\n`);

  const running = startCommand(['grants', 'import', file], env);
  const [, reported = '0'] = await written(running, running.stderr, /written ([1-9][0-9]*) /);
  running.child.kill('SIGKILL');
  t.equal((await running.ended).code, null, 'it was killed before it was done');
  const all = [...running.stderr().matchAll(/written ([0-9]+) /g)].map(([, count]) => Number(count));
  const last = Math.max(Number(reported), ...all);
  t.ok(last > 0 && last < LINES, `killed after ${last} were reported`);

  const exported = async (): Promise<Set<string>> => {
    const { code, stdout } = await runInside(['grants', 'export', '--app', appId], env);
    t.equal(code, 0);
    return new Set(
      stdout.split('\n').map((line) => {
        const [, person, , orgnr] = line.split(',');
        return `${person},${orgnr}`;
      }),
    );
  };
  const survived = await exported();
  t.equal(grants.slice(0, last).filter((grant) => !survived.has(grant)).length, 0, 'nothing that was reported is missing');

  const again = await runCommand(['grants', 'import', file], env);
  t.equal(again.code, 1, 'some lines are faulty');
  const [, given, changed, unchanged, faulty] = (again.stdout.match(/given (\d+), changed (\d+), unchanged (\d+), faulty (\d+)/) ?? []).map(
    Number,
  );
  t.match({ changed, faulty }, { changed: 0, faulty: LINES / 1000 });
  t.equal((given ?? 0) + (unchanged ?? 0), LINES);
  t.ok((unchanged ?? 0) >= last);
  const complete = await exported();
  t.equal(grants.filter((grant) => !complete.has(grant)).length, 0, 'all are there');

  const third = await runCommand(['grants', 'import', file], env);
  t.match(third.stdout, `given 0, changed 0, unchanged ${LINES}, faulty ${LINES / 1000}`);
});
