import t from 'tap';
import {
  type AccessParts,
  Asking,
  evaluate,
  type GrantView,
  giveGrant,
  listGrants,
  NotedUses,
  operatorRequest,
  readGrant,
  removePerson,
  searchActions,
  searchOrganisations,
  searchResources,
  unusedGrants,
  withdrawGrant,
} from '#access';
import type { DecisionEvent } from '#decisions';
import { DAY_MS, type Day, type PersonNumber } from '#domain';
import { APP, LUNDBY, machineOf, NOON, openWorld, persons, SANDVIK, tilbyder, type World } from './world.js';

const [ADA, BO] = persons as [PersonNumber, PersonNumber];
const day = (text: string): Day => text as Day;
const sandvik = machineOf(SANDVIK);

/** Ada has access by two konsumenter, Bo by one. */
async function openUsed(test: Parameters<typeof openWorld>[0]) {
  const world = await openWorld(test);
  const uses = new NotedUses(world.store, world.clock);
  const parts: AccessParts = Object.defineProperties({} as World, {
    ...Object.getOwnPropertyDescriptors(world),
    uses: { value: uses, writable: true },
  });
  await uses.write();
  for (const [orgnr, person] of [
    [SANDVIK, ADA],
    [LUNDBY, ADA],
    [SANDVIK, BO],
  ] as const)
    await giveGrant(world, machineOf(orgnr), { orgnr, appId: APP }, person, { roles: ['use'] });
  const ask = (person: PersonNumber) => searchOrganisations(parts, { caller: tilbyder, appId: APP, person });
  const list = async (since?: Day): Promise<readonly GrantView[]> =>
    (await listGrants(parts, sandvik, { orgnr: SANDVIK, appId: APP, ...(since && { since }) }, { limit: 10 })).items;
  const usedBy = async (person: PersonNumber) =>
    (await readGrant(parts, sandvik, { orgnr: SANDVIK, appId: APP, brukerId: world.vault.nameOf(person) })).lastUsed;
  return { world, parts, uses, ask, list, usedBy };
}

t.test('the day in Norway on which somebody was let in is kept for each grant, written later and once a day', async (t) => {
  const { world, uses, ask, usedBy, parts } = await openUsed(t);
  world.now = Date.parse('2026-11-21T22:59:00Z');
  await ask(ADA);
  t.equal(await usedBy(ADA), undefined, 'nothing is written on the way of a decision');
  await uses.write();
  t.equal(await usedBy(ADA), '2026-11-21');
  t.equal(await usedBy(BO), undefined);
  let written = 0;
  const { store } = parts;
  const counting = new NotedUses(
    {
      ...store,
      collection: (entity) => {
        const collection = store.collection(entity);
        return {
          ...collection,
          get: (key) => collection.get(key),
          getMany: (keys) => collection.getMany(keys),
          putMany: (changes, facts) => {
            written += changes.length;
            return collection.putMany(changes, facts);
          },
        };
      },
    },
    world.clock,
  );
  Object.assign(parts, { uses: counting });
  await ask(ADA);
  await counting.write();
  t.equal(written, 0, 'another process finds that it is so already');
  world.now = Date.parse('2026-11-21T23:01:00Z');
  await ask(ADA);
  await ask(ADA);
  await counting.write();
  await counting.write();
  t.equal(written, 2, 'the next day: once for each of the two grants');
  t.equal(await usedBy(ADA), '2026-11-22');
});

t.test('of two processes the later day counts, whichever writes first, and nobody sees what others have', async (t) => {
  const { world, uses, usedBy, list } = await openUsed(t);
  const other = new NotedUses(world.store, world.clock);
  const brukerId = world.vault.nameOf(ADA);
  const at = (days: number) => new Date(NOON + days * DAY_MS).toISOString() as Parameters<NotedUses['note']>[3];
  other.note(APP, brukerId, [{ orgnr: SANDVIK }], at(3));
  uses.note(APP, brukerId, [{ orgnr: SANDVIK }, { orgnr: LUNDBY }], at(1));
  await Promise.all([other.write(), uses.write()]);
  await Promise.all([other.write(), uses.write()]);
  world.now += 4 * DAY_MS;
  t.equal(await usedBy(ADA), '2026-11-24');
  world.now = NOON;
  t.equal(await usedBy(ADA), undefined, 'as of a moment before that');
  t.same(
    (await list()).map(({ grant }) => grant.konsument),
    [SANDVIK, SANDVIK],
  );
});

t.test('a use is noted of those who were let in alone', async (t) => {
  const { world, uses, ask, list } = await openUsed(t);
  await withdrawGrant(world, sandvik, { orgnr: SANDVIK, appId: APP, brukerId: world.vault.nameOf(BO) }, 'any', undefined);
  await ask(BO);
  await uses.write();
  await giveGrant(world, sandvik, { orgnr: SANDVIK, appId: APP }, BO, { roles: ['use'] });
  t.ok((await list()).every(({ lastUsed }) => lastUsed === undefined));
});

t.test('what was not used since a day is listed: neither what is newer than it, nor what nobody can know', async (t) => {
  const { world, parts, uses, ask, list } = await openUsed(t);
  const unused = async (since: Day): Promise<PersonNumber[]> => (await list(since)).map(({ person }) => person).sort();
  world.now = NOON + 100 * DAY_MS; // 2027-03-01
  await ask(ADA);
  await uses.write();
  world.now = NOON + 200 * DAY_MS;
  t.same(await unused(day('2027-03-01')), [BO], 'since the day of the use: it was used');
  t.same(await unused(day('2027-03-02')), [ADA, BO].sort());
  t.same(await unused(day('2026-11-21')), [], 'the day that they were given');
  t.same(await unused(day('2026-11-22')), [BO]);
  await giveGrant(world, sandvik, { orgnr: SANDVIK, appId: APP }, persons[2] as PersonNumber, { roles: ['use'] });
  t.equal((await unused(day('2027-03-02'))).length, 2, 'what is given now is not unused');
  const all: unknown[] = [];
  for await (const { orgnr, lastUsed } of await unusedGrants(parts, operatorRequest(), {}, day('2027-03-02'))) all.push([orgnr, lastUsed]);
  t.same(
    all.sort(),
    [
      [LUNDBY, '2027-03-01'],
      [SANDVIK, '2027-03-01'],
      [SANDVIK, undefined],
    ].sort(),
  );
  await t.rejects(
    unusedGrants(parts, sandvik, {}, day('2027-03-02')),
    { name: 'ProblemError', slug: 'organisation-not-found' },
    'all organisations are the operator’s',
  );
});

t.test('before it is known since when uses are noted nothing is said to be unused', async (t) => {
  const world = await openWorld(t);
  await giveGrant(world, sandvik, { orgnr: SANDVIK, appId: APP }, ADA, { roles: ['use'] });
  world.now += 400 * DAY_MS;
  const list = async () =>
    (await listGrants(world, sandvik, { orgnr: SANDVIK, appId: APP, since: day('2027-11-01') }, { limit: 10 })).items;
  t.same(await list(), []);
  const uses = new NotedUses(world.store, world.clock);
  await uses.write();
  t.same(await list(), [], 'they are noted from now on');
  world.now += 400 * DAY_MS;
  const { items } = await listGrants(world, sandvik, { orgnr: SANDVIK, appId: APP, since: day('2028-06-01') }, { limit: 10 });
  t.equal(items.length, 1);
});

t.test('what the decision log has of processes that have ended is noted, and marked once it is written', async (t) => {
  const { world, usedBy } = await openUsed(t);
  const search: DecisionEvent = {
    labels: {},
    decision_id: 'a',
    path: 'tilgang/access/search',
    input: { application: { id: APP }, subject: { type: 'person', id: world.vault.nameOf(ADA) } },
    result: [SANDVIK],
    timestamp: '2026-11-20T12:00:00.000Z',
  };
  const order: string[] = [];
  const logged = {
    async *left() {
      yield { ...search, result: undefined };
      yield { ...search, input: undefined };
      yield { ...search, path: 'tilgang/access/may_ask' };
      yield search;
      order.push('read');
    },
    mark() {
      order.push('mark');
      return async () => {
        order.push((await usedBy(ADA)) ?? 'not written');
      };
    },
  };
  await new NotedUses(world.store, world.clock, logged).write();
  t.same(order, ['read', 'mark', '2026-11-20']);
});

t.test('with all that a person has in an organisation it is forgotten there when it was used last', async (t) => {
  const { world, uses, ask, usedBy } = await openUsed(t);
  await ask(ADA);
  await ask(BO);
  await uses.write();
  const brukerId = world.vault.nameOf(ADA);
  await removePerson(world, sandvik, { orgnr: SANDVIK, brukerId }, 'any', undefined);
  await giveGrant(world, sandvik, { orgnr: SANDVIK, appId: APP }, ADA, { roles: ['use'] });
  t.equal(await usedBy(ADA), undefined);
  t.equal(await usedBy(BO), '2026-11-21', 'of others it is known');
  const atLundby = await readGrant(world, machineOf(LUNDBY), { orgnr: LUNDBY, appId: APP, brukerId });
  t.equal(atLundby.lastUsed, '2026-11-21', 'what another organisation knows stays');
});

t.test(
  'an evaluation uses the grant of the organisation that it names, and a list uses none, also when it is read back from the log',
  async (t) => {
    const { world, parts, uses, usedBy } = await openUsed(t);
    const subject = { type: 'person', id: ADA };
    const resource = (orgnr: string) => ({ type: 'application', id: APP, properties: { orgnr } });
    await searchActions(new Asking(parts, tilbyder), { subject, resource: resource(SANDVIK) }, {}, 'me');
    await searchResources(new Asking(parts, tilbyder), { subject, action: { name: 'use' }, resource: { type: 'application' } }, {}, 'me');
    t.notOk((await evaluate(new Asking(parts, tilbyder), { subject, action: { name: 'fly' }, resource: resource(SANDVIK) })).decision);
    await uses.write();
    t.equal(await usedBy(ADA), undefined);
    t.ok((await evaluate(new Asking(parts, tilbyder), { subject, action: { name: 'use' }, resource: resource(LUNDBY) })).decision);
    await uses.write();
    t.equal(await usedBy(ADA), undefined, 'it was asked for another organisation');
    const listed: DecisionEvent = {
      labels: {},
      decision_id: 'a',
      path: 'tilgang/access/search',
      input: { application: { id: APP }, subject: { type: 'person', id: world.vault.nameOf(ADA) } },
      result: [SANDVIK],
      timestamp: '2026-11-20T12:00:00.000Z',
      custom: { list: true },
    };
    const left = async function* () {
      yield listed;
    };
    await new NotedUses(world.store, world.clock, { left, mark: () => async () => {} }).write();
    t.equal(await usedBy(ADA), undefined);
    t.ok((await evaluate(new Asking(parts, tilbyder), { subject, action: { name: 'use' }, resource: resource(SANDVIK) })).decision);
    await uses.write();
    t.equal(await usedBy(ADA), '2026-11-21');
  },
);
