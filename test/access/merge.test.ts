import t from 'tap';
import { closeOrganisation, type GrantOrder, giveGrants, searchOrganisations, setActivation } from '#access';
import type { Instant, Orgnr, PersonNumber } from '#domain';
import { APP, konsumenter, NOON, openWorld, operator, order, persons, seeded, tilbyder, type World } from './world.js';

const DAY = 86_400_000;
const day = (n: number): Instant => new Date(NOON + n * DAY).toISOString() as Instant;
/** Before, at and between all bounds that are tried. */
const MOMENTS = Array.from({ length: 13 }, (_, i) => NOON + i * (DAY / 2));

/** The roles that the person has for either organisation, moment by moment, from now on. */
async function heldOver(world: World, person: PersonNumber, orgnrs: readonly Orgnr[]): Promise<string[]> {
  const held: string[] = [];
  for (const moment of MOMENTS) {
    world.now = moment;
    for (const action of ['use', 'admin']) {
      const caller = tilbyder;
      const { organisations } = await searchOrganisations(world, { appId: APP, caller, person, action });
      if (organisations.some(({ orgnr }) => orgnrs.includes(orgnr))) held.push(`${moment} ${action}`);
    }
  }
  world.now = NOON;
  return held;
}

t.test('at no moment after a merge has anybody less than before, unless the report names them (fault 11)', async (t) => {
  const world = await openWorld(t);
  const random = seeded(5);
  const below = (n: number): number => Math.floor(random() * n);
  const [from, into] = konsumenter as [Orgnr, Orgnr];
  const terms = (): Partial<GrantOrder> => {
    const begins = below(3) === 0 ? undefined : day(below(4) - 1);
    const ends = below(3) === 0 ? undefined : day(2 + below(4));
    return {
      roles: below(2) === 0 ? ['use'] : ['admin', 'use'],
      ...(begins === undefined ? {} : { from: begins }),
      ...(ends === undefined ? {} : { until: ends }),
    };
  };
  const tried = persons.slice(0, 60);
  const orders = tried.flatMap((person) => [
    order({ ...terms(), person, konsument: from }),
    order({ ...terms(), person, konsument: into }),
  ]);
  // The one of the issue: open-ended there, and from later on here.
  orders.push(order({ person: persons[100] as PersonNumber, konsument: from }));
  orders.push(order({ person: persons[100] as PersonNumber, konsument: into, from: day(3) }));
  await giveGrants(world, operator, orders);
  const all = [...tried, persons[100] as PersonNumber];
  const before = new Map<PersonNumber, string[]>();
  for (const person of all) before.set(person, await heldOver(world, person, [from, into]));
  const dry = await closeOrganisation(world, operator, from, { into, dryRun: true });
  const { report, lessened } = await closeOrganisation(world, operator, from, { into });
  t.same(dry.report, report, 'a dry run tells what is done');
  t.equal(lessened.length, report.lessened);
  t.ok(report.kept > 0 && report.joined > 0 && report.lessened > 0, JSON.stringify(report));
  const named = new Set(lessened.map(({ brukerId }) => brukerId));
  for (const person of all) {
    const after = await heldOver(world, person, [from, into]);
    const had = before.get(person) ?? [];
    t.same(
      after.filter((one) => !had.includes(one)),
      [],
      'nobody has more',
    );
    if (!named.has(world.vault.nameOf(person)))
      t.same(
        had.filter((one) => !after.includes(one)),
        [],
        'nobody who is not named has less',
      );
  }
  t.notOk(named.has(world.vault.nameOf(persons[100] as PersonNumber)));
});

t.test('what the new organisation has switched off stays off, and the report says so (fault 11)', async (t) => {
  const world = await openWorld(t);
  const [from, into] = konsumenter as [Orgnr, Orgnr];
  await setActivation(world, operator, { orgnr: into, appId: APP }, { active: false }, 'any');
  const { report, lessened } = await closeOrganisation(world, operator, from, { into });
  t.equal(report.leftOff, 1);
  t.same(lessened, [{ appId: APP }]);
});
