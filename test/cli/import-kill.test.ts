// Takes about 8 s.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { startCommand, written } from '../fixtures/command.js';
import { runInside } from '../fixtures/command-inside.js';
import { demoFolder, newPersons } from '../fixtures/demo-folder.js';

/** Some batches of it. */
const LINES = 6000;
const PER_PERSON = 20;
const PART = 500;

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
  const header = 'app,brukerIdent,orgnr\n';
  writeFileSync(file, `${header}${lines.join('\n')}\n`);

  // What comes through a pipe that stays open is never done, however fast it is read.
  const pipe = join(data, 'pipe.csv');
  t.equal(spawnSync('mkfifo', [pipe]).status, 0);
  const running = startCommand(['grants', 'import', pipe], env);
  const feed = createWriteStream(pipe).on('error', () => {});
  t.teardown(() => feed.destroy());
  // From when it is read on.
  await once(feed, 'open');
  feed.write(header);
  const report = written(running, running.stderr, /written ([1-9][0-9]*) /);
  // It tells how far it is when a second is over and a batch is written: the second one is not fed sooner.
  for (let at = 0; at < lines.length; at += PART) {
    feed.write(`${lines.slice(at, at + PART).join('\n')}\n`);
    await Promise.race([report, pause(200)]);
  }
  const [, reported = '0'] = await report;
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

  const again = await runInside(['grants', 'import', file], env);
  t.equal(again.code, 1, 'some lines are faulty');
  const [, given, changed, unchanged, faulty] = (again.stdout.match(/given (\d+), changed (\d+), unchanged (\d+), faulty (\d+)/) ?? []).map(
    Number,
  );
  t.match({ changed, faulty }, { changed: 0, faulty: LINES / 1000 });
  t.equal((given ?? 0) + (unchanged ?? 0), LINES);
  t.ok((unchanged ?? 0) >= last);
  const complete = await exported();
  t.equal(grants.filter((grant) => !complete.has(grant)).length, 0, 'all are there');

  const third = await runInside(['grants', 'import', file], env);
  t.match(third.stdout, `given 0, changed 0, unchanged ${LINES}, faulty ${LINES / 1000}`);
});
