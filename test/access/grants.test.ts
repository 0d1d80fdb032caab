import t from 'tap';
import { giveGrant, giveGrants, searchOrganisations } from '#access';
import { toInstant } from '#domain';
import {
  ADA,
  APP,
  konsumenter,
  LUNDBY,
  machineOf,
  NOON,
  openWorld,
  operator,
  order,
  SANDVIK,
  tilbyder,
  type World,
  withdraw,
} from './world.js';

const held = async (world: World): Promise<readonly string[]> =>
  (await searchOrganisations(world, { caller: tilbyder, appId: APP, person: ADA })).organisations.map(({ orgnr }) => orgnr);

t.test('giving twice is unchanged and writes no event', async (t) => {
  const world = await openWorld(t);
  t.same(await giveGrants(world, operator, [order()]), ['given']);
  world.now += 1000;
  t.same(await giveGrants(world, operator, [order()]), ['unchanged']);
  t.same(await giveGrants(world, operator, [order(), order()]), ['unchanged', 'unchanged']);
  t.equal((await world.eventsOf(ADA)).length, 1);
  t.same(await giveGrants(world, operator, [order({ roles: ['admin', 'use'] })]), ['changed']);
  t.same(await giveGrants(world, operator, [order({ roles: ['use', 'admin'] })]), ['unchanged'], 'the order of roles says nothing');
  t.equal((await world.eventsOf(ADA)).length, 2);
});

t.test('a withdrawn grant is gone at once, withdrawing it again does nothing, giving it anew restores it', async (t) => {
  const world = await openWorld(t);
  t.equal(await withdraw(world), false, 'there is nothing yet');
  await giveGrants(world, operator, [order()]);
  t.same(await held(world), [SANDVIK]);
  t.equal(await withdraw(world, { reason: 'left' }), true);
  t.same(await held(world), []);
  t.equal(await withdraw(world), false);
  t.same(await giveGrants(world, operator, [order()]), ['given']);
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
  const given = await Promise.all(
    givers.map((konsument) => giveGrant(world, machineOf(konsument), { orgnr: konsument, appId: APP }, ADA, { roles: ['use'] })),
  );
  t.same(
    given.map(({ isNew }) => isNew),
    givers.map(() => true),
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
  await giveGrants(world, operator, [order({ from: toInstant(NOON), until: toInstant(NOON + 5000) })]);
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
  await giveGrants(world, operator, [order(), order({ konsument: LUNDBY })]);
  t.same([await heard(SANDVIK), await heard(LUNDBY)], [1, 1], 'one document, both');
  await giveGrants(world, operator, [order({ roles: ['admin'] })]);
  await withdraw(world);
  t.same([await heard(SANDVIK), await heard(LUNDBY)], [3, 1]);
});
