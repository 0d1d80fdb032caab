import t, { type Test } from 'tap';
import type { Ending } from '#access';
import { type Orgnr, toInstant } from '#domain';
import { maskinportenEnding } from '#maskinporten';
import { clients, delegations, onBehalfOfs, scopeAccesses, scopePrefixes, scopes } from '#maskinporten/entities';
import { clientOf, scopeOf } from '../fixtures/maskinporten-documents.js';
import { BERGEN, FHI, NOON, OSLO, openRoom, type Room, VISMA } from './room.js';

const AT = toInstant(NOON);
const LATER = toInstant(NOON + 86_400_000);
const facts = { action: 'test', at: AT, actor: 'operator' };
const KEY = { kid: 'k', alg: 'RS256', jwk: {}, added: AT, until: LATER } as const;
const any = { expect: 'any', facts } as const;

/** Bergen ends. It owns a scope, has been granted four and the product's own, has a client of its own, one that Visma keeps for it, and keeps one for FHI. */
async function worldOf(t: Test): Promise<Room> {
  const room = await openRoom(t);
  const { store } = room;
  const put = {
    scope: (name: string, owner: Orgnr) =>
      store.collection(scopes).put(scopeOf(name, owner === BERGEN ? { owner, seat: 1 } : { owner }), any),
    access: (consumer: Orgnr, scope: string, more: object = {}) =>
      store
        .collection(scopeAccesses)
        .put({ scope: scope as never, owner: FHI, consumer, state: 'APPROVED', created: AT, updated: AT, ...more }, any),
    client: (id: string, more: object) => store.collection(clients).put(clientOf(id, { keys: [KEY], ...more }), any),
    delegation: (consumer: Orgnr, supplier: Orgnr, scope: string, more: object = {}) =>
      store
        .collection(delegations)
        .put({ consumer, supplier, scope: scope as never, source: 'own', by: 'x', created: AT, updated: AT, ...more }, any),
  };
  await store.collection(scopePrefixes).put({ prefix: 'bergen', owner: BERGEN, active: true, created: AT, updated: AT }, any);
  await put.scope('bergen:s', BERGEN);
  for (const name of ['fhi:a', 'fhi:b', 'fhi:c', 'fhi:d']) await put.scope(name, FHI);
  await put.access(FHI, 'bergen:s', { owner: BERGEN, seat: 1 });
  await put.access(BERGEN, 'fhi:a');
  await put.access(BERGEN, 'fhi:b');
  await put.access(OSLO, 'fhi:b', { until: LATER, seat: 1 });
  await put.access(BERGEN, 'fhi:c');
  await put.access(OSLO, 'fhi:c', { state: 'DENIED' });
  await put.access(BERGEN, 'fhi:d', { until: AT });
  await put.access(BERGEN, 'idporten:dcr.write');
  await put.client('own', { orgnr: BERGEN, scopes: ['fhi:a', 'idporten:dcr.write'], seat: 1 });
  await put.client('by-certificate', { orgnr: BERGEN, scopes: ['fhi:b'], keys: [] });
  await put.client('by-visma', { orgnr: BERGEN, supplier: VISMA, scopes: ['fhi:a'] });
  await put.client('for-fhi', { orgnr: FHI, supplier: BERGEN, scopes: [] });
  await put.client('for-oslo', { orgnr: OSLO, supplier: BERGEN, scopes: [] });
  const behalf = { clientId: 'own', supplier: BERGEN, value: 'v', name: 'v', orgnr: FHI, seat: 1, created: AT, updated: AT };
  await store.collection(onBehalfOfs).put(behalf, any);
  await put.delegation(BERGEN, VISMA, 'fhi:a', { until: LATER, seat: 1 });
  await put.delegation(BERGEN, OSLO, 'fhi:a');
  await put.delegation(FHI, BERGEN, 'bergen:s');
  await put.delegation(VISMA, BERGEN, 'fhi:a');
  await put.delegation(VISMA, OSLO, 'fhi:a', { withdrawn: { at: AT, by: 'x' } });
  return room;
}

/** @param writes after which it is broken off */
function endingOf(into: Orgnr | undefined, { dryRun = false, writes = Infinity } = {}) {
  const told: Record<string, number> = {};
  let left = writes;
  const ending: Ending = {
    orgnr: BERGEN,
    into,
    dryRun,
    at: AT,
    actor: 'operator',
    facts(action) {
      left -= 1;
      if (left < 0) throw new Error('broken off');
      return { action, at: AT, actor: 'operator', onBehalfOf: BERGEN };
    },
    count(what) {
      told[what] = (told[what] ?? 0) + 1;
    },
  };
  return { ending, told };
}

/** All documents of the room but for their times. */
async function standing({ store }: Room): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const entity of [scopePrefixes, scopes, scopeAccesses, delegations, clients, onBehalfOfs]) {
    const { items } = await store.collection(entity as typeof scopes).query({ limit: 1000 });
    for (const { value } of items) found[`${entity.name} ${(entity as typeof scopes).key(value)}`] = value;
  }
  return found;
}

async function ended(room: Room, into: Orgnr | undefined, writes?: number): Promise<Record<string, number>> {
  const { ending, told } = endingOf(into, writes === undefined ? {} : { writes });
  if (into !== undefined) await maskinportenEnding.goesOn(room as never, ending);
  await maskinportenEnding.end(room as never, ending);
  return told;
}

t.test(
  'after a merge the other organisation has what the one had, but for how it is administered and what it has given up itself',
  async (t) => {
    const room = await worldOf(t);
    const before = await standing(room);
    const dry = endingOf(OSLO, { dryRun: true });
    await maskinportenEnding.goesOn(room as never, dry.ending);
    t.same(await standing(room), before, 'a dry run writes nothing');
    const told = await ended(room, OSLO);
    t.same(dry.told, told, 'what was said is what was done');
    t.same(told, {
      'accesses moved': 2,
      "accesses that end, since the scope's owner has revoked the new one's": 1,
      "accesses to this installation's own scopes that end": 1,
      'delegations given, moved': 1,
      'delegations between the two that end': 1,
      'delegations got, moved': 1,
      "delegations got that end, since the new one's have been withdrawn": 1,
      'scopes moved': 1,
      'prefixes moved': 1,
      'clients moved': 5,
      "clients that lose this installation's own scopes": 1,
      "clients that need a key of their own, or the new one's certificate": 1,
    });
    const after = await standing(room);
    t.match(after, {
      'scope-prefix bergen': { owner: OSLO, active: true },
      'scope bergen:s': { owner: OSLO, active: true, seat: undefined },
      [`scope-access ${FHI}/bergen:s`]: { owner: OSLO, state: 'APPROVED', seat: undefined },
      [`scope-access ${OSLO}/fhi:a`]: { state: 'APPROVED', owner: FHI },
      [`scope-access ${OSLO}/fhi:b`]: { state: 'APPROVED', until: undefined },
      [`scope-access ${OSLO}/fhi:c`]: { state: 'DENIED' },
      [`scope-delegation ${OSLO}/${VISMA}/fhi:a`]: { until: LATER, withdrawn: undefined },
      [`scope-delegation ${FHI}/${OSLO}/bergen:s`]: { withdrawn: undefined },
      [`scope-delegation ${VISMA}/${OSLO}/fhi:a`]: { withdrawn: { by: 'x' } },
      'client own': { orgnr: OSLO, scopes: ['fhi:a'], seat: undefined, active: true },
      'client by-visma': { orgnr: OSLO, supplier: VISMA },
      'client for-fhi': { orgnr: FHI, supplier: OSLO },
      'client for-oslo': { orgnr: OSLO, supplier: undefined },
      'client-onbehalfof own/v': { supplier: OSLO, orgnr: FHI },
    });
    t.notOk(`scope-access ${OSLO}/idporten:dcr.write` in after, 'who administers the new one is not decided here');
    t.notOk(`scope-access ${OSLO}/fhi:d` in after, 'what is over does not begin anew');
    for (const [name, value] of Object.entries(after)) {
      if (!name.includes(BERGEN)) continue;
      t.match(value, name.startsWith('scope-access') ? { state: 'DENIED' } : { withdrawn: { by: 'operator' } }, name);
    }
    for (const party of [BERGEN, OSLO, FHI]) {
      const { events } = await room.store.events.concerning(party, { limit: 1000 });
      const moves = new Set(events.map(({ action }) => action).filter((action) => action.endsWith('.move')));
      t.ok(
        moves.has('scope.move') === (party !== FHI) && moves.has('client.move') && moves.has('access.move'),
        `in the history of ${party}`,
      );
    }
    const { told: again, ending } = endingOf(OSLO);
    await maskinportenEnding.goesOn(room as never, ending);
    await maskinportenEnding.end(room as never, ending);
    t.same([await standing(room), again], [after, {}], 'done again it changes nothing, and tells of nothing');
  },
);

t.test('a merge that was broken off, wherever, ends alike when it is done again; no client is ever before what it needs', async (t) => {
  const whole = await worldOf(t);
  await ended(whole, OSLO);
  const expected = await standing(whole);
  for (const writes of [1, 5, 8, 11, 14, 18]) {
    const room = await worldOf(t);
    await t.rejects(ended(room, OSLO, writes), /broken off/, `after ${writes}`);
    const found = await standing(room);
    for (const value of Object.values(found)) {
      const { id, orgnr, scopes: names } = value as ReturnType<typeof clientOf>;
      if (id === undefined || orgnr !== OSLO) continue;
      for (const name of names) t.match(found[`scope-access ${OSLO}/${name}`], { state: 'APPROVED' }, `${id} after ${writes}`);
    }
    await ended(room, OSLO);
    t.same(await standing(room), expected, `after ${writes}`);
  }
});

t.test('what an organisation has ends with it, each with its event', async (t) => {
  const room = await worldOf(t);
  const before = await standing(room);
  const dry = endingOf(undefined, { dryRun: true });
  await maskinportenEnding.end(room as never, dry.ending);
  t.same(await standing(room), before);
  const told = await ended(room, undefined);
  t.same(dry.told, told);
  t.same(told, {
    'clients deactivated': 5,
    'accesses revoked': 5,
    'delegations withdrawn': 4,
    'scopes deactivated': 1,
    'prefixes taken back': 1,
  });
  const after = await standing(room);
  t.match(after, {
    'scope-prefix bergen': { owner: BERGEN, active: false },
    'scope bergen:s': { owner: BERGEN, active: false, seat: undefined },
    [`scope-access ${FHI}/bergen:s`]: { state: 'APPROVED' },
    [`scope-access ${BERGEN}/fhi:a`]: { state: 'DENIED' },
    [`scope-access ${OSLO}/fhi:b`]: { state: 'APPROVED', until: LATER },
    [`scope-delegation ${FHI}/${BERGEN}/bergen:s`]: { withdrawn: { at: AT, by: 'operator' } },
    'client own': { active: false, orgnr: BERGEN },
  });
  t.match((await room.eventsOf('by-visma')).at(-1), { action: 'client.deactivate', actor: 'operator' });
  t.same(await ended(room, undefined), {}, 'done again it finds nothing');
});
