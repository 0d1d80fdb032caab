import { randomUUID } from 'node:crypto';
import t, { type Test } from 'tap';
import { closeOrganisation, operatorRequest, organisations } from '#access';
import { DAY_MS, type Orgnr, present, toInstant } from '#domain';
import { clients } from '#maskinporten/entities';
import {
  activateSystemUser,
  approveChange,
  approveRequest,
  askForChange,
  askForSystemUser,
  type Choice,
  changeSystemUser,
  createSystem,
  createSystemUser,
  deactivateSystemUser,
  deleteSystem,
  deleteSystemUser,
  escalateRequest,
  giveBackSystemUser,
  importCatalogue,
  listChoosable,
  listHistoryForCustomer,
  listHistoryForVendor,
  listPackages,
  listPending,
  listRequests,
  listSystemUsers,
  listTold,
  listVisibleSystems,
  lookUpSystemUser,
  makeOwnSystem,
  moveSystemUser,
  openRequest,
  putWebhook,
  RequestEndings,
  readChange,
  readRequest,
  readSystemUser,
  rejectRequest,
  type SystemId,
  type SystemUser,
  systemUserOfClient,
  withdrawChange,
  withdrawRequest,
} from '#systembruker';
import { systemClients, systems, systemUsers } from '#systembruker/entities';
import { clientOf } from '../fixtures/maskinporten-documents.js';
import { CUSTOMER, OTHER_SYSTEM, OTHER_VENDOR, PLAIN_SYSTEM, SYSTEM, systemOf, VENDOR } from '../fixtures/system-users.js';
import { keyPair, NOON } from '../maskinporten/room.js';
import { machineOf, type Room, rightsTo, systemUsersRoom, watchStore } from './room.js';

t.setTimeout(60_000);

const vendor = machineOf(VENDOR);
const other = machineOf(OTHER_VENDOR);
const NOBODYS_ID = '00000000-0000-4000-8000-00000000ffff';
const codeOf = (error: { readonly code?: string; readonly slug?: string }): string => error.code ?? error.slug ?? String(error);
/** What came of it: `yes`, or the code of the fault. */
const outcome = (act: Promise<unknown>): Promise<string> => act.then(() => 'yes', codeOf);
const valueOf = async ({ store }: Room, id: string) => (await store.collection(systemUsers).get(id))?.value as SystemUser;
const toldOf = async ({ parts }: Room, systemId: SystemId, id: string): Promise<readonly string[]> =>
  (await listTold(parts, machineOf(systemId.slice(0, 9) as Orgnr), systemId, { limit: 100 })).items
    .filter(({ systemUserId }) => systemUserId === id)
    .flatMap(({ occurrences }) => occurrences);
/** Lets a client of the vendor's act by a system. */
async function letAct(room: Room, systemId: SystemId, clientId: string): Promise<void> {
  const at = toInstant(NOON);
  await room.put(clients, clientOf(clientId, { orgnr: systemId.slice(0, 9) as Orgnr }));
  await room.put(systems, { ...systemOf(systemId, at), clientIds: [clientId] });
  await room.put(systemClients, { clientId, systemId, at });
}
const tokenOf = async ({ parts }: Room, clientId: string, consumer: Orgnr, externalRef?: string): Promise<string> => {
  const asked = present({ clientId, consumer, owner: CUSTOMER, externalRef });
  const found = await systemUserOfClient(parts, asked, { at: toInstant(NOON), requestedBy: consumer });
  return 'reason' in found ? found.reason : found.systemUser.id;
};
const mva: Choice = { systemId: OTHER_SYSTEM, rights: rightsTo('mva') };
const change = (systemUserId: string, id: string = randomUUID()) => ({
  id,
  systemUserId,
  required: rightsTo('skattemelding'),
  unwanted: rightsTo(),
});

t.test(
  'a move whose process is killed between its writes goes on, whatever was chosen, and nothing is told twice or not at all',
  async (t) => {
    const room = await systemUsersRoom(t);
    const { parts, leader } = room;
    await letAct(room, SYSTEM, 'old');
    await letAct(room, OTHER_SYSTEM, 'new');
    const watched = watchStore(room.store);
    const living = async () => (await listSystemUsers(parts, leader, undefined, { limit: 50 })).items.map(({ value }) => value.systemId);
    for (const writes of [0, 1]) {
      for (const again of [mva, { systemId: PLAIN_SYSTEM, rights: rightsTo('mva') }]) {
        for (const standing of ['none', 'waits', 'withdrawn']) {
          const name = `${writes} ${again.systemId} ${standing}`;
          const id = await room.made(name);
          const request = standing === 'none' ? undefined : await room.asked(CUSTOMER, OTHER_SYSTEM);
          watched.left = writes;
          t.equal(await outcome(moveSystemUser(parts, leader, id, mva)), 'Error: killed', name);
          watched.left = Infinity;
          const isEnded = writes > 0;
          t.equal(await tokenOf(room, 'old', VENDOR, name), isEnded ? 'system_user_unknown' : id, `${name}: the old vendor’s token`);
          if (standing === 'withdrawn') await withdrawRequest(parts, other, request as string);
          const made = (await moveSystemUser(parts, leader, id, again)).value;
          t.same(await living(), [again.systemId], `${name}: one is there`);
          t.equal(await tokenOf(room, 'old', VENDOR, name), 'system_user_unknown');
          if (again === mva) t.equal(await tokenOf(room, 'new', OTHER_VENDOR), made.id, `${name}: the new vendor’s token`);
          t.equal((await valueOf(room, id)).removed?.into, made.id);
          const told = await toldOf(room, SYSTEM, id);
          t.same(told.filter((one) => one === 'system-user-moved-away').length, 1, `${name}: ${told}`);
          const isAnswer = made.id === request;
          t.same((await toldOf(room, made.systemId, made.id)).at(-1), isAnswer ? 'request-approved' : 'system-user-created', name);
          t.equal(await outcome(moveSystemUser(parts, leader, id, mva)), 'AUTH-00015', 'once it is moved, that is over');
          await deleteSystemUser(parts, leader, made.id);
          if (standing === 'waits' && !isAnswer) await withdrawRequest(parts, other, request as string);
        }
      }
    }
  },
);

t.test('what a vendor or a customer does to one system user is one write, so that nothing of it is ever half', async (t) => {
  const room = await systemUsersRoom(t);
  const { parts, leader } = room;
  const watched = watchStore(room.store);
  const [asked, rejected, made, given] = [await room.asked('a'), await room.asked('b'), await room.made('c'), await room.made('d')];
  const ids = [randomUUID(), randomUUID()] as const;
  const acts: Readonly<Record<string, () => Promise<unknown>>> = {
    ask: () => room.asked('e'),
    escalate: () => escalateRequest(parts, leader, { id: asked }),
    approve: () => approveRequest(parts, leader, { id: asked }),
    reject: () => rejectRequest(parts, leader, { id: rejected }),
    withdraw: () => withdrawRequest(parts, vendor, rejected),
    'ask for a change': () => askForChange(parts, vendor, change(made, ids[0])),
    'approve a change': () => approveChange(parts, leader, ids[0]),
    'ask for another': () => askForChange(parts, vendor, { ...change(made, ids[1]), required: rightsTo('lonn') }),
    'withdraw a change': () => withdrawChange(parts, vendor, ids[1]),
    change: () => changeSystemUser(parts, leader, made, { rights: rightsTo('mva') }),
    deactivate: () => deactivateSystemUser(parts, leader, made),
    activate: () => activateSystemUser(parts, leader, made),
    delete: () => deleteSystemUser(parts, leader, made),
    'give back': () => giveBackSystemUser(parts, vendor, given),
    create: () => createSystemUser(parts, leader, mva),
  };
  for (const [name, act] of Object.entries(acts)) {
    watched.writes = 0;
    await act();
    t.equal(watched.writes, 1, name);
  }
});

t.test('a system whose deletion is killed half-way gives no token, its clients are free, and its users can be ended', async (t) => {
  const room = await systemUsersRoom(t);
  const { parts, leader } = room;
  const watched = watchStore(room.store);
  for (const writes of [0, 1]) {
    const systemId = `${VENDOR}_halv${writes}` as SystemId;
    const clientId = `halv${writes}`;
    await letAct(room, systemId, clientId);
    const id = await room.made(CUSTOMER, systemId);
    await putWebhook({ ...parts, receivers: parts.side.receivers as never }, vendor, systemId, 'http://127.0.0.1:9/');
    watched.left = writes;
    t.equal(await outcome(deleteSystem(parts, vendor, systemId)), 'Error: killed');
    watched.left = Infinity;
    t.equal(await tokenOf(room, clientId, VENDOR), writes === 0 ? id : 'client_on_no_system', 'it is all there, or gives nothing');
    t.equal(await outcome(deleteSystem(parts, vendor, systemId)), 'yes');
    t.equal(await tokenOf(room, clientId, VENDOR), 'client_on_no_system');
    const texts = { nb: 'x', nn: 'x', en: 'x' };
    const sent = { id: `${systemId}-ny`, vendor: `0192:${VENDOR}`, name: texts, description: texts, rights: [], packages: [] };
    const made = await outcome(createSystem(parts, vendor, { ...sent, clientIds: [clientId], redirectUrls: [], isVisible: false }));
    t.equal(made, 'yes', 'another system has the client at once');
    t.equal(await outcome(deleteSystemUser(parts, leader, id)), 'yes');
    t.same(await toldOf(room, systemId, id), ['request-created', 'request-approved', 'system-user-removed']);
  }
});

t.test(
  'a system whose registration is killed half-way is there or not, and registered again it is there once, with its client',
  async (t) => {
    const room = await systemUsersRoom(t);
    const { parts } = room;
    const watched = watchStore(room.store);
    const texts = { nb: 'x', nn: 'x', en: 'x' };
    let writes = 0;
    for (; ; writes += 1) {
      const [id, clientId] = [`${VENDOR}_ny${writes}` as SystemId, `ny${writes}`];
      await room.put(clients, clientOf(clientId, { orgnr: VENDOR }));
      const sent = { id, vendor: `0192:${VENDOR}`, name: texts, description: texts, ...{ rights: [], packages: [], redirectUrls: [] } };
      const make = () => outcome(createSystem(parts, vendor, { ...sent, clientIds: [clientId], isVisible: true }));
      watched.left = writes;
      const first = await make();
      watched.left = Infinity;
      const isThere = (await room.store.collection(systems).get(id)) !== undefined;
      t.equal(await make(), isThere ? 'STD-00000' : 'yes', `killed before write ${writes + 1}`);
      t.equal(await tokenOf(room, clientId, VENDOR), 'system_user_unknown', 'its client is on it');
      if (first === 'yes') break;
    }
    t.ok(writes >= 2, `${writes} writes: the client’s place, the system`);
  },
);

t.test('a system of a vendor that has ceased is in no list that customers choose from', async (t) => {
  const room = await systemUsersRoom(t);
  const { parts, leader } = room;
  const lists = async (): Promise<readonly string[]> => {
    const [visible, choosable] = [
      await listVisibleSystems(parts, leader, { limit: 100 }),
      await listChoosable(parts, leader, '', { limit: 100 }),
    ];
    return [...visible.items.map(({ value }) => value.id), ...choosable.items.map(({ id }) => id)];
  };
  t.ok((await lists()).includes(OTHER_SYSTEM));
  const registered = await room.store.collection(organisations).get(OTHER_VENDOR);
  await room.put(organisations, { ...registered?.value, closed: toInstant(NOON) } as never);
  t.notOk((await lists()).some((id) => id.startsWith(OTHER_VENDOR)));
  t.ok((await lists()).some((id) => id.startsWith(VENDOR)));
});

t.test('a walk for a system of one’s own goes on where it was killed, wherever that was', async (t) => {
  const room = await systemUsersRoom(t);
  const { parts, leader } = room;
  await room.sign(CUSTOMER);
  const watched = watchStore(room.store);
  const { jwk } = keyPair('k');
  const standing = async () => {
    const count = async (entity: typeof systems, isOwn: (value: never) => boolean) =>
      (await room.store.collection(entity).query({ limit: 200 })).items.filter(({ value }) => isOwn(value as never)).length;
    return [
      await count(clients as never, ({ orgnr }: { orgnr: string }) => orgnr === CUSTOMER),
      await count(systems, ({ vendor: one }: { vendor: string }) => one === CUSTOMER),
      await count(systemUsers as never, ({ party }: { party: string }) => party === CUSTOMER),
    ];
  };
  let writes = 0;
  for (; ; writes += 1) {
    const sent = { name: `Eget ${writes}`, jwk, scopes: [], ...rightsTo('mva') };
    watched.left = writes;
    const first = await outcome(makeOwnSystem(parts, leader, sent));
    watched.left = Infinity;
    const made = await makeOwnSystem(parts, leader, sent);
    t.same(await standing(), Array(3).fill(writes + 1), `killed before write ${writes + 1}: one of each`);
    t.equal(await tokenOf(room, made.clientId, CUSTOMER), made.user.value.id);
    if (first === 'yes') break;
  }
  t.ok(writes >= 4, `${writes} writes: client, its place, system, system user`);
});

t.test('what nobody has answered in time is written down once, told to its vendor, and gives its place back, whoever looks', async (t) => {
  const room = await systemUsersRoom(t);
  const { parts, leader, store, clock } = room;
  const made = await room.made('endres');
  const changes = [randomUUID(), randomUUID()] as const;
  for (const id of changes) await askForChange(parts, vendor, change(made, id));
  const id = await room.asked('utløper');
  const answered = await room.made('svart');
  const nodes = [new RequestEndings({ store, clock }), new RequestEndings({ store, clock })];
  const look = () => Promise.all(nodes.map((node) => node.look()));
  const expires = Date.parse((await valueOf(room, id)).expires);
  t.equal(expires, NOON + 180 * DAY_MS);
  room.now = expires - 1;
  await look();
  t.equal((await valueOf(room, id)).status, 'New', 'not before its end');
  room.now = expires;
  t.equal(await outcome(approveRequest(parts, leader, { id })), 'AUTH-00013', 'from its end on, also before that is written');
  t.equal((await listPending(parts, leader, {}, { limit: 50 })).items.length, 0);
  const watched = watchStore(store);
  watched.left = 3;
  await look().catch(() => {});
  watched.left = Infinity;
  // The claim of the one that was killed runs out.
  room.now += 30_000;
  await look();
  t.equal((await valueOf(room, id)).status, 'Timedout');
  t.same(
    (await valueOf(room, made)).changes.map(({ status }) => status),
    ['Timedout', 'Timedout'],
  );
  t.same(await toldOf(room, SYSTEM, id), ['request-created', 'request-expired']);
  t.same((await toldOf(room, SYSTEM, made)).slice(2), [
    'change-request-created',
    'change-request-created',
    'change-request-expired',
    'change-request-expired',
  ]);
  const { items } = await listTold(parts, vendor, SYSTEM, { limit: 100 });
  const ended = items.filter(({ occurrences }) => occurrences[0] === 'change-request-expired');
  t.same(ended.map(({ changeId }) => changeId).sort(), [...changes].sort(), 'each by its own id');
  t.equal((await valueOf(room, answered)).status, 'Accepted');
  watched.writes = 0;
  await look();
  t.equal(watched.writes, 0, 'then there is nothing to do');
  t.equal(await store.collection(systemUsers).count({ index: 'seat', prefix: `${CUSTOMER} ${VENDOR}/` }), 0, 'its place is free');
  t.equal(await outcome(approveChange(parts, leader, changes[0])), 'AUTH-00061');
  const sent = { type: 'standard' as const, systemId: SYSTEM, party: CUSTOMER, externalRef: 'utløper', ...rightsTo('mva') };
  t.match((await askForSystemUser(parts, vendor, sent)).view.value, { id, status: 'Timedout' }, 'it stands until it is withdrawn');
  const history = (await listHistoryForCustomer(parts, leader, made, { limit: 50 })).items;
  t.match(history[0], { action: 'change-request.expire', side: 'operator', brukerId: undefined, changeId: String });
  await withdrawRequest(parts, vendor, id);
  t.same(await toldOf(room, SYSTEM, id), ['request-created', 'request-expired', 'request-withdrawn']);
});

t.test('a package that the operator’s file says is out of use is given to nobody any more', async (t) => {
  const room = await systemUsersRoom(t);
  const { parts, leader } = room;
  const sent = { type: 'standard' as const, systemId: SYSTEM, party: CUSTOMER, externalRef: 'p', rights: [] };
  const ask = async () => askForSystemUser(parts, vendor, { ...sent, packages: room.packages('skattnaering') });
  const { id } = (await ask()).view.value;
  const title = { nb: 'x', nn: 'x', en: 'x' };
  const terms = { name: 'skattnaering', title, description: title, resources: ['mva'], assignable: true };
  await importCatalogue(parts, operatorRequest(), { packages: [{ ...terms, active: false }] });
  t.notOk((await listPackages(parts, leader, { limit: 50 })).items.some(({ value }) => value.name === 'skattnaering'));
  t.equal(await outcome(approveRequest(parts, leader, { id })), 'AUTH-00063');
  await importCatalogue(parts, operatorRequest(), { packages: [terms] });
  t.equal(await outcome(approveRequest(parts, leader, { id })), 'yes');
});

t.test('a history says which side did what, and who of the customer to the customer alone', async (t) => {
  const room = await systemUsersRoom(t);
  const { parts, leader } = room;
  const id = await room.made('x');
  await giveBackSystemUser(parts, vendor, id);
  const who = (leader.caller as { brukerId: string }).brukerId;
  const seen = async (list: typeof listHistoryForCustomer, request: typeof leader) =>
    (await list(parts, request, id, { limit: 50 })).items.map(({ action, side, brukerId }) => [action, side, brukerId]);
  t.same(await seen(listHistoryForCustomer, leader), [
    ['system-user.give-back', 'vendor', undefined],
    ['request.approve', 'customer', who],
    ['request.create', 'vendor', undefined],
  ]);
  t.same(
    (await seen(listHistoryForVendor, vendor)).map(([, side, person]) => [side, person]),
    [
      ['vendor', undefined],
      ['customer', undefined],
      ['vendor', undefined],
    ],
  );
});

/** What each step comes to once an organisation has ceased; before that all of them go. */
async function afterEndOf(t: Test, orgnr: Orgnr) {
  const room = await systemUsersRoom(t);
  const { parts, leader } = room;
  await letAct(room, SYSTEM, 'c1');
  const [waits, rejects, made, narrowed, moved, given] = [
    await room.asked('a'),
    await room.asked('b'),
    await room.made(CUSTOMER),
    await room.made('c'),
    await room.made('d', PLAIN_SYSTEM),
    await room.made('e'),
  ];
  const changeId = randomUUID();
  await askForChange(parts, vendor, change(narrowed, changeId));
  await closeOrganisation(parts, operatorRequest(), orgnr, {});
  const lookUp = { caller: { ...other.caller, scopes: ['altinn:maskinporten/systemuser.read'] } } as never;
  const steps: Readonly<Record<string, () => Promise<unknown>>> = {
    ask: () => room.asked('f'),
    open: () => openRequest(parts, leader, { id: waits }),
    read: () => readRequest(parts, vendor, { id: waits }),
    approve: () => approveRequest(parts, leader, { id: waits }),
    reject: () => rejectRequest(parts, leader, { id: rejects }),
    withdraw: () => withdrawRequest(parts, vendor, waits),
    'ask for a change': () => askForChange(parts, vendor, change(made)),
    'approve a change': () => approveChange(parts, leader, changeId),
    create: () => createSystemUser(parts, leader, { systemId: PLAIN_SYSTEM, rights: rightsTo('mva') }),
    'move there': () => moveSystemUser(parts, leader, moved, { systemId: SYSTEM, rights: rightsTo('mva') }),
    narrow: () => changeSystemUser(parts, leader, narrowed, { rights: rightsTo('mva') }),
    widen: () => changeSystemUser(parts, leader, narrowed, { rights: rightsTo('mva', 'lonn') }),
    deactivate: () => deactivateSystemUser(parts, leader, narrowed),
    delete: () => deleteSystemUser(parts, leader, narrowed),
    'give back': () => giveBackSystemUser(parts, vendor, given),
    feed: () => listTold(parts, vendor, SYSTEM, { limit: 10 }),
    list: () => listSystemUsers(parts, leader, undefined, { limit: 10 }),
    look: () => lookUpSystemUser(parts, lookUp, { clientId: 'c1', consumer: VENDOR, owner: CUSTOMER }),
  };
  const told: Record<string, string> = {};
  for (const [name, act] of Object.entries(steps)) told[name] = await outcome(act());
  told['token'] = await tokenOf(room, 'c1', VENDOR);
  return told;
}

t.test('a customer that has ceased is asked for nothing, gives nothing and has no token; it sees what it has', async (t) => {
  const refused = 'action-not-allowed';
  t.same(await afterEndOf(t, CUSTOMER), {
    ...{ ask: 'AUTH-00000', open: 'yes', read: 'yes', approve: refused, reject: refused, withdraw: 'yes' },
    ...{ 'ask for a change': 'AUTH-00000', 'approve a change': refused, create: refused, 'move there': refused },
    ...{ narrow: refused, widen: refused, deactivate: refused, delete: refused, 'give back': 'yes', feed: 'yes', list: 'yes' },
    ...{ look: 'AUTH-00015', token: 'owner_ceased' },
  });
});

t.test('a vendor that has ceased asks for nothing, is given nothing and gets no token; its customers end what it has', async (t) => {
  const refused = 'action-not-allowed';
  t.same(await afterEndOf(t, VENDOR), {
    ...{ ask: refused, open: 'yes', read: 'yes', approve: 'AUTH-00011', reject: 'yes', withdraw: refused },
    ...{ 'ask for a change': refused, 'approve a change': 'AUTH-00011', create: 'AUTH-00011', 'move there': 'AUTH-00011' },
    ...{ narrow: 'yes', widen: 'AUTH-00011', deactivate: 'yes', delete: 'yes', 'give back': refused, feed: 'yes', list: 'yes' },
    ...{ look: 'AUTH-00015', token: 'vendor_ceased' },
  });
});

t.test('what is another’s costs the store what is not there costs (threats 27, 48)', async (t) => {
  const room = await systemUsersRoom(t);
  const { parts, leader } = room;
  const id = await room.made('a');
  const changeId = randomUUID();
  await askForChange(parts, vendor, change(id, changeId));
  const foreigner = { ...leader, orgnr: undefined, caller: { ...leader.caller, brukerId: 'another' } } as never as typeof leader;
  const watched = watchStore(room.store);
  const unknownSystem = `${VENDOR}_finnes-ikke` as SystemId;
  const acts: Readonly<Record<string, readonly [foreign: () => Promise<unknown>, unknown: () => Promise<unknown>]>> = {
    'read a request': [() => readRequest(parts, other, { id }), () => readRequest(parts, other, { id: NOBODYS_ID })],
    'withdraw a request': [() => withdrawRequest(parts, other, id), () => withdrawRequest(parts, other, NOBODYS_ID)],
    'read a change': [() => readChange(parts, other, changeId), () => readChange(parts, other, NOBODYS_ID)],
    'withdraw a change': [() => withdrawChange(parts, other, changeId), () => withdrawChange(parts, other, NOBODYS_ID)],
    'give back': [() => giveBackSystemUser(parts, other, id), () => giveBackSystemUser(parts, other, NOBODYS_ID)],
    'list requests': [
      () => listRequests(parts, other, { systemId: SYSTEM, type: 'standard' }, { limit: 10 }),
      () => listRequests(parts, other, { systemId: unknownSystem, type: 'standard' }, { limit: 10 }),
    ],
    feed: [() => listTold(parts, other, SYSTEM, { limit: 10 }), () => listTold(parts, other, unknownSystem, { limit: 10 })],
    ask: [
      () => askForSystemUser(parts, other, { type: 'standard', systemId: SYSTEM, party: CUSTOMER, externalRef: 'a', ...rightsTo('mva') }),
      () =>
        askForSystemUser(parts, other, {
          type: 'standard',
          systemId: unknownSystem,
          party: CUSTOMER,
          externalRef: 'a',
          ...rightsTo('mva'),
        }),
    ],
    open: [() => openRequest(parts, foreigner, { id }), () => openRequest(parts, foreigner, { id: NOBODYS_ID })],
    approve: [() => approveRequest(parts, foreigner, { id }), () => approveRequest(parts, foreigner, { id: NOBODYS_ID })],
    'approve a change': [() => approveChange(parts, foreigner, changeId), () => approveChange(parts, foreigner, NOBODYS_ID)],
    'read a system user': [
      () => readSystemUser(parts, { ...leader, orgnr: VENDOR }, id),
      () => readSystemUser(parts, { ...leader, orgnr: VENDOR }, NOBODYS_ID),
    ],
  };
  for (const [name, both] of Object.entries(acts)) {
    const costs: string[] = [];
    for (const act of both) {
      watched.reads = 0;
      watched.writes = 0;
      costs.push(`${await outcome(act())}: ${watched.reads} reads, ${watched.writes} writes`);
    }
    t.equal(costs[0], costs[1], name);
  }
});
