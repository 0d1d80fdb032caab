import t, { type Test } from 'tap';
import type { Ending } from '#access';
import { type Orgnr, toInstant } from '#domain';
import {
  type AgentClient,
  type ClientRelation,
  type PackageName,
  type ResourceId,
  type System,
  type SystemId,
  type SystemUser,
  systembrukerEnding,
} from '#systembruker';
import { agentClients, clientRelations, resources, systemClients, systems, systemUsers, webhooks } from '#systembruker/entities';
import { breakOff } from '../fixtures/broken-off.js';
import { BERGEN, FHI, NOON, OSLO, openRoom, type Room, VISMA } from '../maskinporten/room.js';

const AT = toInstant(NOON);
const any = { expect: 'any', facts: { action: 'test', at: AT, actor: 'operator' } } as const;
const times = { created: AT, updated: AT };
const texts = (nb: string) => ({ nb, nn: nb, en: nb });
const has = { rights: [{ resources: ['mva' as ResourceId] }], packages: [] as PackageName[] };
const agentHas = { rights: [], packages: ['a' as PackageName] };
const [BERGENS, VISMAS] = [`${BERGEN}_arkiv`, `${VISMA}_lonn`] as [SystemId, SystemId];

const systemOf = (id: SystemId, vendor: Orgnr, clientId: string): System => ({
  ...{ id, vendor, internalId: clientId, name: texts(id), description: texts(id), ...has },
  ...{ clientIds: [clientId], redirectUrls: [], isVisible: true, seat: 1, ...times },
});
const userOf = (id: string, party: Orgnr, systemId: SystemId, more: Partial<SystemUser> = {}): SystemUser => ({
  ...{ id, type: 'standard', systemId, vendor: systemId.slice(0, 9) as Orgnr, party, externalRef: party, title: id },
  ...{ madeBy: 'vendor', status: 'Accepted', asked: has, has, expires: AT, changes: [], ...times, ...more },
});

/** Bergen ends. It is a vendor (a system that FHI and it itself use), a customer of Visma, an accountant of FHI and Oslo, and FHI’s agent’s client. */
async function worldOf(t: Test): Promise<Room> {
  const room = await openRoom(t);
  const put = {
    system: async (one: System) => {
      await room.store.collection(systems).put(one, any);
      for (const clientId of one.clientIds) await room.store.collection(systemClients).put({ clientId, systemId: one.id, at: AT }, any);
    },
    user: (one: SystemUser) => room.store.collection(systemUsers).put(one, any),
    relation: (provider: Orgnr, client: Orgnr, more: Partial<ClientRelation> = {}) => {
      const value = { provider, client, source: 'given', packages: ['a'], since: { a: AT }, ...times, ...more } as ClientRelation;
      return room.store.collection(clientRelations).put(value, any);
    },
    client: (systemUserId: string, provider: Orgnr, client: Orgnr) =>
      room.store.collection(agentClients).put({ systemUserId, provider, client, created: AT, by: 'x' } satisfies AgentClient, any),
    service: (id: string, owner: Orgnr, onlyFor?: readonly Orgnr[]) => {
      const value = { id: id as ResourceId, owner, type: 'Default' as const, title: texts(id), description: texts(id), actions: ['read'] };
      const whole = { ...value, delegable: true, active: true, ...times };
      return room.store.collection(resources).put(onlyFor === undefined ? whole : { ...whole, onlyFor }, any);
    },
  };
  await put.service('mva', FHI, [BERGEN, OSLO]);
  await put.service('arkiv', BERGEN);
  await put.system(systemOf(BERGENS, BERGEN, 'c'));
  await put.system(systemOf(VISMAS, VISMA, 'v'));
  await room.store.collection(webhooks).put({ systemId: BERGENS, vendor: BERGEN, url: 'https://hook.example/', ...times }, any);
  await put.user(userOf('of-fhi', FHI, BERGENS));
  await put.user(userOf('own', BERGEN, BERGENS));
  await put.user(userOf('approved', BERGEN, VISMAS, { externalRef: 'x' }));
  await put.user(userOf('asked', BERGEN, VISMAS, { status: 'New', externalRef: 'y' }));
  await put.user(userOf('double', BERGEN, VISMAS));
  await put.user(userOf('oslos', OSLO, VISMAS));
  await put.user(userOf('agent', BERGEN, VISMAS, { type: 'agent', has: agentHas, externalRef: 'agent' }));
  await put.user(userOf('fhis-agent', FHI, VISMAS, { type: 'agent', has: agentHas, externalRef: 'agent' }));
  await put.relation(BERGEN, FHI, { seat: 1 });
  await put.relation(BERGEN, OSLO);
  await put.relation(FHI, BERGEN);
  await put.relation(VISMA, BERGEN, { packages: ['b' as PackageName] });
  await put.relation(VISMA, OSLO, { packages: ['a' as PackageName] });
  await put.client('agent', BERGEN, FHI);
  await put.client('agent', BERGEN, OSLO);
  await put.client('fhis-agent', FHI, BERGEN);
  return room;
}

async function standing({ store }: Room): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const entity of [systems, systemUsers, systemClients, webhooks, clientRelations, agentClients, resources]) {
    const { items } = await store.collection(entity as typeof systems).query({ limit: 100 });
    for (const { value } of items) found[`${entity.name} ${(entity as typeof systems).key(value)}`] = value;
  }
  return found;
}

async function ended(room: Room, into: Orgnr | undefined, dryRun = false): Promise<Record<string, number>> {
  const told: Record<string, number> = {};
  const facts: Ending['facts'] = (action) => ({ action, at: AT, actor: 'operator', onBehalfOf: BERGEN });
  const count = (what: string): void => void Object.assign(told, { [what]: (told[what] ?? 0) + 1 });
  const ending: Ending = { orgnr: BERGEN, into, dryRun, at: AT, actor: 'operator', facts, count };
  const parts = { ...room, clock: () => NOON } as never;
  if (into !== undefined) await systembrukerEnding.goesOn(parts, ending);
  if (!dryRun || into === undefined) await systembrukerEnding.end(parts, ending);
  return told;
}

/** What is left of it in the room but for what has ended. */
function namesOf(all: Record<string, unknown>): readonly string[] {
  const isOver = (one: object): boolean => 'removed' in one || 'deleted' in one || (one as { active?: boolean }).active === false;
  return Object.entries(all).flatMap(([name, one]) => {
    const { id: _, systemId: __, ...rest } = one as Record<string, unknown>;
    return !isOver(rest) && JSON.stringify(rest).includes(`"${BERGEN}"`) ? [name] : [];
  });
}

const MERGED = {
  'services moved': 1,
  'systems moved': 1,
  'packages given, moved': 1,
  'packages given, where what the new one has stands': 1,
  'packages got, moved': 1,
  'packages given between the two that end': 1,
  'system users moved': 4,
  'system users that end, since the new one has such itself': 1,
};

t.test('after a merge the other organisation has systems, system users, services and clients, under their ids', async (t) => {
  const room = await worldOf(t);
  const before = await standing(room);
  const dry = await ended(room, OSLO, true);
  t.same(await standing(room), before, 'a dry run writes nothing');
  t.same(await ended(room, OSLO), MERGED);
  t.same(dry, MERGED, 'what was said is what was done');
  const after = await standing(room);
  t.match(after, {
    [`system ${BERGENS}`]: { vendor: OSLO, seat: undefined, clientIds: ['c'], deleted: undefined },
    [`webhook ${BERGENS}`]: { vendor: OSLO },
    'system-client c': { systemId: BERGENS },
    'system-user of-fhi': { vendor: OSLO, party: FHI, has, removed: undefined },
    'system-user own': { vendor: OSLO, party: OSLO, externalRef: OSLO },
    'system-user approved': { vendor: VISMA, party: OSLO, externalRef: 'x', status: 'Accepted' },
    'system-user asked': { party: OSLO, status: 'New' },
    'system-user double': { party: BERGEN, removed: { side: 'customer', by: 'operator' } },
    'system-user oslos': { party: OSLO, removed: undefined },
    [`client-relation ${OSLO}/${FHI}/given`]: { packages: ['a'], since: { a: AT }, seat: undefined },
    [`client-relation ${FHI}/${OSLO}/given`]: { packages: ['a'] },
    [`client-relation ${VISMA}/${OSLO}/given`]: { packages: ['a'] },
    [`agent-client agent/${FHI}`]: { provider: OSLO, created: AT },
    [`agent-client fhis-agent/${OSLO}`]: { provider: FHI, client: OSLO },
    'resource mva': { owner: FHI, onlyFor: [OSLO] },
    'resource arkiv': { owner: OSLO, active: true },
  });
  t.notOk(`agent-client agent/${OSLO}` in after, 'it acts for itself only if it is added for that');
  t.same(namesOf(after), [], 'nothing that stands names the one that has ceased');
  t.equal((await room.store.events.verify()).broken, undefined);
});

t.test('an organisation that closes leaves no system, system user, service or client behind', async (t) => {
  const room = await worldOf(t);
  const told = { 'system users and requests ended': 5, 'packages taken back': 4, 'systems deleted': 1, 'services taken out of use': 1 };
  t.same(await ended(room, undefined, true), told);
  t.same(await ended(room, undefined), told);
  const after = await standing(room);
  t.match(after, {
    [`system ${BERGENS}`]: { deleted: { at: AT }, clientIds: [] },
    'system-user of-fhi': { party: FHI, removed: undefined },
    'system-user approved': { removed: { side: 'customer' } },
    'system-user oslos': { removed: undefined },
    'resource arkiv': { active: false },
  });
  const left = Object.keys(after).filter((name) => /^(agent-client|system-client) /.test(name));
  t.same(left, ['system-client v']);
  t.same(
    namesOf(after).filter((name) => !/^(resource mva|webhook .*|system-user of-fhi)$/.test(name)),
    [],
  );
});

for (const into of [OSLO, undefined]) {
  t.test(`${into === undefined ? 'a closing' : 'a merge'} that is broken off after any write is finished by the next one`, async (t) => {
    const whole = await worldOf(t);
    await ended(whole, into);
    const expected = await standing(whole);
    // Each begins anew where the one before broke off, so that every number of writes is met.
    const room = await worldOf(t);
    let tries = 0;
    for (let isBroken = true; isBroken; tries += 1) {
      const mend = breakOff(room.store, tries % 3);
      await ended(room, into).catch(() => {});
      isBroken = (await mend()) || tries < 3;
      if (tries > 60) return t.fail('it does not come to an end');
    }
    t.ok(tries > 3, String(tries));
    // The place of a client in a system that is deleted counts for nothing.
    const { 'system-client c': place, ...found } = await standing(room);
    const { 'system-client c': _, ...wanted } = expected;
    t.same(found, wanted);
    if (into !== undefined) t.ok(place);
  });
}
