import t from 'tap';
import { giveGrants, searchOrganisations, withdrawGrant } from '#access';
import { toInstant } from '#domain';
import { ADA, APP, by, konsumenter, LUNDBY, NOON, openWorld, order, SANDVIK, tilbyder, type World } from './world.js';

const held = async (world: World): Promise<readonly string[]> =>
  (await searchOrganisations(world, { caller: tilbyder, appId: APP, person: ADA })).organisations.map(({ orgnr }) => orgnr);
const sandvik = { appId: APP, person: ADA, konsument: SANDVIK };

t.test('giving twice is unchanged and writes no event', async (t) => {
  const world = await openWorld(t);
  t.same(await giveGrants(world, [order()], by), ['given']);
  world.now += 1000;
  t.same(await giveGrants(world, [order()], by), ['unchanged']);
  t.same(await giveGrants(world, [order(), order()], by), ['unchanged', 'unchanged']);
  t.equal((await world.eventsOf(ADA)).length, 1);
  t.same(await giveGrants(world, [order({ roles: ['admin', 'use'] })], by), ['changed']);
  t.same(await giveGrants(world, [order({ roles: ['use', 'admin'] })], by), ['unchanged'], 'the order of roles says nothing');
  t.equal((await world.eventsOf(ADA)).length, 2);
});

t.test('a withdrawn grant is gone at once, withdrawing it again does nothing, giving it anew restores it', async (t) => {
  const world = await openWorld(t);
  t.equal(await withdrawGrant(world, sandvik, by), false, 'there is nothing yet');
  await giveGrants(world, [order()], by);
  t.same(await held(world), [SANDVIK]);
  t.equal(await withdrawGrant(world, sandvik, { ...by, reason: 'left' }), true);
  t.same(await held(world), []);
  t.equal(await withdrawGrant(world, sandvik, by), false);
  t.same(await giveGrants(world, [order()], by), ['given']);
  t.same(await held(world), [SANDVIK]);
  const events = await world.eventsOf(ADA);
  t.match(events, [
    { action: 'grant.give', actor: 'operator', revision: 1 },
    { action: 'grant.withdraw', reason: 'left', revision: 2 },
    { action: 'grant.give', revision: 3 },
  ]);
  t.equal(events.length, 3);
  t.notOk(JSON.stringify(events).includes(ADA), 'no event holds the person number');
});

t.test('twenty konsumenter that give to one person at the same time lose nothing', async (t) => {
  const world = await openWorld(t);
  const givers = konsumenter.slice(0, 20);
  const outcomes = await Promise.all(givers.map((konsument) => giveGrants(world, [order({ konsument })], { actor: konsument })));
  t.same(
    outcomes,
    givers.map(() => ['given']),
  );
  t.same(await held(world), givers);
  const events = await world.eventsOf(ADA);
  t.same(events.map(({ actor }) => actor).sort(), givers, 'each change has its event');
});

t.test('a grant begins and ends on its exact instant, in any time zone of the process', async (t) => {
  const world = await openWorld(t);
  const zone = process.env['TZ'];
  t.teardown(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });
  await giveGrants(world, [order({ from: toInstant(NOON), until: toInstant(NOON + 5000) })], by);
  for (const name of ['UTC', 'Europe/Oslo', 'Pacific/Kiritimati', 'America/St_Johns']) {
    process.env['TZ'] = name;
    for (const [after, expected] of [
      [-1, []],
      [0, [SANDVIK]],
      [4999, [SANDVIK]],
      [5000, []],
    ] as const) {
      world.now = NOON + after;
      t.same(await held(world), expected, `${name}, ${after} ms after its beginning`);
    }
  }
});

t.test('a change of one konsument’s grant concerns that konsument alone (threat 27)', async (t) => {
  const world = await openWorld(t);
  const heard = async (orgnr: string) =>
    (await world.store.events.concerning(orgnr, { limit: 100 })).events.filter(({ entity }) => entity === 'grant-document').length;
  await giveGrants(world, [order(), order({ konsument: LUNDBY })], by);
  t.same([await heard(SANDVIK), await heard(LUNDBY)], [1, 1], 'one document, both');
  await giveGrants(world, [order({ roles: ['admin'] })], by);
  await withdrawGrant(world, { appId: APP, person: ADA, konsument: SANDVIK }, by);
  t.same([await heard(SANDVIK), await heard(LUNDBY)], [3, 1]);
});
