// Takes about 3 s.
import t from 'tap';
import { Asking, evaluateAll, giveGrants, searchSubjects, setActivation } from '#access';
import { type Instant, type Orgnr, toInstant } from '#domain';
import { APP, konsumenter, machineOf, NOON, openWorld, operator, order, persons, seeded, tilbyder, withdraw } from './world.js';

const HOUR = 3_600_000;

t.test('who is found evaluates to a yes, and who is not to a no, in random worlds and at random times', async (t) => {
  const world = await openWorld(t);
  const random = seeded(13);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const some = konsumenter.slice(0, 4);
  const people = persons.slice(0, 40);
  const around = (): Instant => toInstant(NOON + Math.floor(random() * 20 - 10) * HOUR);
  for (const person of people) {
    for (const konsument of some.filter(() => random() < 0.6)) {
      const [one, other] = [around(), around()].sort() as [Instant, Instant];
      const period = one === other ? {} : pick([{}, { from: one, until: other }, { from: one }, { until: toInstant(NOON + 5 * HOUR) }]);
      await giveGrants(world, operator, [
        order({ person, konsument, roles: pick([['use'], ['admin'], ['admin', 'use']]), ...period }),
      ]).catch(() => {});
      if (random() < 0.2) await withdraw(world, { person, konsument });
    }
  }
  await setActivation(world, operator, { appId: APP, orgnr: some[3] as Orgnr }, { active: false }, 'any');
  let yes = 0;
  for (let round = 0; round < 12; round += 1) {
    world.now = NOON + Math.floor(random() * 24 - 12) * HOUR;
    const [orgnr, name] = [pick(some), pick(['use', 'admin', 'other'])];
    const resource = { type: 'application', id: APP, properties: { orgnr } };
    const found: string[] = [];
    for (let token: string | undefined = ''; token !== undefined; ) {
      const question = { subject: { type: 'person' }, action: { name }, resource };
      const page = await searchSubjects(new Asking(world, tilbyder), machineOf(orgnr), question, { limit: 7, token }, 'me');
      found.push(...page.results.map(({ id }) => id));
      token = page.nextToken;
    }
    const items = people.map((id) => ({ subject: { type: 'person', id }, action: { name }, resource }));
    const outcomes = await evaluateAll(new Asking(world, tilbyder), items, 'execute_all');
    const expected = people.filter((_, i) => outcomes[i]?.decision).map((person) => world.vault.nameOf(person));
    t.same([...found].sort(), [...expected].sort(), `${name} at ${toInstant(world.now)}`);
    t.equal(new Set(found).size, found.length, 'each once');
    yes += found.length;
  }
  t.ok(yes > 20, 'some of them have access');
});
