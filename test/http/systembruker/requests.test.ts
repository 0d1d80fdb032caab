import { randomUUID } from 'node:crypto';
import t from 'tap';
import { DAY_MS, toInstant } from '#domain';
import type { Resource, ResourceId, System, SystemId, SystemUser } from '#systembruker';
import { resources, systemClients, systems, systemUsers } from '#systembruker/entities';
import { runGateway } from '../../fixtures/gateway.js';
import { watchLoop } from '../../fixtures/loop-watch.js';
import {
  CUSTOMER,
  EMPLOYEE,
  LEADER,
  OTHER_SYSTEM,
  OTHER_VENDOR,
  PLAIN_SYSTEM,
  STRANGER,
  SYSTEM,
  sentPackage,
  sentRight,
  systemUsersWorld,
  VENDOR,
  vendorOf,
} from '../../fixtures/system-users.js';

const gateway = await runGateway(t);
const world = await systemUsersWorld(t, gateway);
const { as, send } = world;
const vendor = vendorOf(VENDOR);
const other = vendorOf(OTHER_VENDOR);
const BERGEN = gateway.world.administrators.find(({ id }) => id === 'bergen-leder')?.orgnr ?? '';
let names = 0;
/** A request that no other test has made. */
const asking = (more: object = {}) => {
  names += 1;
  return { systemId: SYSTEM, partyOrgNo: CUSTOMER, externalRef: `ref-${names}`, rights: [sentRight('mva')], ...more };
};
const post = (more: object = {}, holder = vendor) => as(holder, 'POST', '/request/vendor', asking(more));
const asked = async (more: object = {}): Promise<string> => (await post(more)).json.id;
const statusOf = async (id: string): Promise<string> => (await as(vendor, 'GET', `/request/vendor/${id}`)).json.status;
const answer = (what: string, id: string, holder = LEADER, party: string = CUSTOMER) =>
  as(holder, 'POST', `/request/${party}/${id}/${what}`);
/** A system user that the customer has approved. */
const made = async (more: object = {}): Promise<string> => {
  const id = await asked(more);
  t.equal((await answer('approve', id)).status, 200);
  return id;
};
/** As another Maskinporten asks for the customer's system user by a client. */
const lookUp = (clientId: string) =>
  gateway.send(
    { orgnr: VENDOR, scopes: ['altinn:maskinporten/systemuser.read'] },
    'GET',
    `/authentication/api/v1/systemuser/byExternalId?clientId=${clientId}&systemProviderOrgNo=${VENDOR}&systemUserOwnerOrgNo=${CUSTOMER}`,
  );
const code = ({ status, json }: { readonly status: number; readonly json: { readonly code?: string } }) => `${status} ${json.code}`;
const hasOf = async (id: string) => {
  const { json } = await as(LEADER, 'GET', `/${CUSTOMER}/${id}/delegations`);
  return [...json.rights.map(valueOf), ...json.accessPackages.map(({ urn }: { urn: string }) => urn.slice(25))].sort();
};
const valueOf = ({ action, resource }: { action?: string; resource: { value: string }[] }): string =>
  resource.map(({ value }) => value).join('+') + (action === undefined ? '' : `:${action}`);

t.test('a vendor asks for a part of what its system has (§8 9)', async (t) => {
  const { status, json, headers } = await post({
    externalRef: 'ni',
    rights: [sentRight('mva')],
    accessPackages: [sentPackage('skattnaering')],
  });
  t.equal(status, 201);
  t.match(json, {
    status: 'New',
    integrationTitle: 'regnskap123',
    externalRef: 'ni',
    partyOrgNo: CUSTOMER,
    escalated: false,
    timedOut: false,
    rights: [sentRight('mva')],
    accessPackages: [sentPackage('skattnaering')],
    confirmUrl: `${gateway.origin}/systembruker/foresporsel?id=${json.id}`,
  });
  t.same((await gateway.send(vendor, 'GET', headers.get('location') ?? '')).json, json);
  t.same((await as(vendor, 'GET', `/request/vendor/byexternalref/${SYSTEM}/${CUSTOMER}/ni`)).json, json);
  t.equal(code(await as(vendor, 'GET', `/request/vendor/agent/${json.id}`)), '404 AUTH-00010', 'it is for no agent');
  t.equal((await post({ externalRef: '' })).json.externalRef, CUSTOMER);
});

t.test('of one name there is one request, also if it is asked for many times at once (§8 10)', async (t) => {
  const body = asking();
  const answers = await Promise.all(Array.from({ length: 8 }, () => as(vendor, 'POST', '/request/vendor', body)));
  t.same(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 200, 200, 201]);
  t.equal(new Set(answers.map(({ json }) => json.id)).size, 1);
  const next = await post();
  t.equal(next.status, 201);
  t.not(next.json.id, answers[0]?.json.id);
  const blank = await as(vendor, 'POST', '/request/vendor', asking({ externalRef: ' ', systemId: PLAIN_SYSTEM }));
  t.equal(blank.status, 201);
  const named = await as(vendor, 'POST', '/request/vendor', asking({ externalRef: CUSTOMER, systemId: PLAIN_SYSTEM }));
  t.same([named.status, named.json.id], [200, blank.json.id], 'no name is the customer’s number');
});

t.test('of another vendor’s system nothing shows (§8 11)', async (t) => {
  const id = await asked({ externalRef: 'elleve' });
  const foreign = await post({ externalRef: 'elleve' }, other);
  const unknown = await post({ systemId: `${OTHER_VENDOR}_finnes_ikke` }, other);
  t.equal(code(foreign), '404 AUTH-00011');
  t.same({ ...foreign.json, requestId: '' }, { ...unknown.json, requestId: '' }, 'as of one that is not there');
  for (const path of [
    `/request/vendor/${id}`,
    `/request/vendor/byexternalref/${SYSTEM}/${CUSTOMER}/elleve`,
    `/request/vendor/bysystem/${SYSTEM}`,
  ])
    t.equal((await as(other, 'GET', path)).status, 404, path);
  t.equal(code(await post({ partyOrgNo: '900000006' })), '400 AUTH-00000', 'no such customer');
  t.equal(code(await post({ partyOrgNo: '958935421' })), '400 AUTH-00000');
  const { status } = await as(
    { orgnr: VENDOR, scopes: ['altinn:authentication/systemuser.request.read'] },
    'POST',
    '/request/vendor',
    asking(),
  );
  t.equal(status, 403, 'who reads does not ask');
  t.equal((await gateway.get('/authentication/api/v1/systemuser/request/vendor', { method: 'POST' })).status, 401);
});

t.test('what the system does not have is not asked for (§8 12)', async (t) => {
  const named = await post({ rights: [sentRight('mva'), sentRight('aksjonaer'), sentRight('ukjent', 'slette'), sentRight('<script>')] });
  t.match(
    named,
    { status: 400, json: { code: 'AUTH-00001', NotFoundRights: 'aksjonaer, ukjent (slette)' } },
    'named is what names a service',
  );
  t.match(named.json.detail, /aksjonaer, ukjent \(slette\)/);
  t.equal(
    code(await post({ rights: [{ resource: [sentRight('mva').resource[0], sentRight('lonn').resource[0]] }] })),
    '400 AUTH-00001',
    'the services of a right belong together',
  );
  t.equal(
    (await post({ rights: [{ resource: ['arsregnskap', 'mva'].map((id) => sentRight(id).resource[0]) }] })).status,
    201,
    'in any order',
  );
  t.equal((await post({ rights: [sentRight('mva', 'read')] })).status, 201, 'one thing of what it may do');
  t.equal(code(await post({ rights: [sentRight('mva', 'sign')] })), '400 AUTH-00001', 'that the service does not know');
  const outside = await post({ accessPackages: [sentPackage('post')] });
  t.equal(code(outside), '400 AUTH-00063');
  t.equal(outside.json.NotFoundPackages, 'urn:altinn:accesspackage:post');
  t.equal(code(await post({ rights: [], accessPackages: [] })), '400 AUTH-00059');
  t.equal(code(await as(vendor, 'POST', '/request/vendor', { ...asking(), rights: undefined })), '400 AUTH-00059');
  t.equal(code(await post({ rights: [{ resource: [{ id: 'urn:x', value: 'mva' }] }] })), '400 AUTH-00001');
});

t.test('what nobody of the customer could ever give is told to the vendor (§7 1)', async (t) => {
  const closed = await post({ rights: [sentRight('mva'), sentRight('udelegerbar'), sentRight('forbeholdt')] });
  t.equal(code(closed), '400 AUTH-00001');
  t.equal(closed.json.NotDelegableRights, 'udelegerbar, forbeholdt');
  t.match(closed.json.detail, /udelegerbar: the service can be given to nobody; forbeholdt: its owner lets other organisations/);
  t.equal((await post({ rights: [sentRight('lonn')] })).status, 201, 'somebody there may give it');
});

t.test('the redirect URL is one of the system’s, with any query (§8 13)', async (t) => {
  const url = 'https://bedriftshjelp.example/kvittering';
  const long = `${url}?kunde=${'a'.repeat(3000)}`;
  for (const redirectUrl of [url, `${url}?x=1&y=%C3%B8`, long]) t.equal((await post({ redirectUrl })).json.redirectUrl, redirectUrl);
  for (const redirectUrl of [
    'https://bedriftshjelp.example/annet',
    'https://bedriftshjelp.example.onde.example/kvittering',
    'https://bedriftshjelp.example@onde.example/kvittering',
    'http://bedriftshjelp.example/kvittering',
    'https://bedriftshjelp.example/kvittering/',
    `${url}#x`,
    `${url}?x=\r\nLocation: https://onde.example`,
    `${url}\\@onde.example`,
    '/kvittering',
    'javascript:alert(1)',
  ])
    t.equal(code(await post({ redirectUrl })), '400 AUTH-00021', redirectUrl);
  t.equal(code(await post({ redirectUrl: url, systemId: PLAIN_SYSTEM })), '400 AUTH-00026');
  t.equal(code(await post({ redirectUrl: `${url}?fnr=01819011067` })), '400 AUTH-00005', 'nobody’s number stands in an address');
});

t.test('an agent has packages for clients, and those alone (§8 14)', async (t) => {
  const agent = (more: object) => as(vendor, 'POST', '/request/vendor/agent', { ...asking(), rights: undefined, ...more });
  t.equal(code(await agent({})), '400 AUTH-00058');
  const unfit = await agent({ accessPackages: [sentPackage('skattnaering')] });
  t.equal(code(unfit), '400 AUTH-00065');
  t.equal(unfit.json.NotDelegablePackages, 'urn:altinn:accesspackage:skattnaering');
  t.equal(code(await post({ accessPackages: [sentPackage('regnskapsforer-lonn')] })), '400 AUTH-00064');
  t.equal((await agent({ rights: [sentRight('mva')], accessPackages: [sentPackage('begge')] })).status, 400);
  const { status, json } = await agent({ accessPackages: [sentPackage('regnskapsforer-lonn')] });
  t.equal(status, 201);
  t.match(json, { userType: 'agent', rights: undefined });
  t.equal(
    code(await as(vendor, 'POST', '/request/vendor', asking({ externalRef: json.externalRef }))),
    '400 AUTH-00005',
    'of one name there is one of either type',
  );
  // Whoever answers for an agent needs nothing of what it has (§7 4), and it waits for whoever it is sent on to.
  t.equal((await as(LEADER, 'GET', `/request/agent/${CUSTOMER}/${CUSTOMER}/pending`)).json.data.length, 0);
  t.same((await as(EMPLOYEE, 'POST', `/request/agent/${CUSTOMER}/${json.id}/escalate`)).json, true);
  t.match((await as(LEADER, 'GET', `/request/agent/${CUSTOMER}/${CUSTOMER}/pending`)).json.data, [{ id: json.id }]);
  t.equal((await send('substantial', 'POST', `/request/agent/${CUSTOMER}/${json.id}/approve`)).status, 200);
  t.match((await as(LEADER, 'GET', `/agent/${CUSTOMER}`)).json.data, [
    { id: json.id, userType: 'agent', accessPackages: [sentPackage('regnskapsforer-lonn')] },
  ]);
  t.equal(code(await as(LEADER, 'DELETE', `/${CUSTOMER}/${json.id}`)), '400 AUTH-00036');
  t.equal((await as(LEADER, 'DELETE', `/agent/${CUSTOMER}/${json.id}`)).status, 202);
});

t.test('one approval makes the system user, with just what was asked (§8 15; threat 29)', async (t) => {
  const id = await asked({ integrationTitle: 'Regnskap og MVA', rights: [sentRight('mva'), sentRight('arsregnskap')] });
  const opened = await as(LEADER, 'GET', `/request/${id}`);
  t.match(opened.json, { id, status: 'New', userMayEscalateButNotApprove: false, notDelegable: [] });
  const answers = await Promise.all(Array.from({ length: 6 }, () => answer('approve', id)));
  t.same(answers.map(({ status }) => status).sort(), [200, 409, 409, 409, 409, 409], 'one of those who approve at once');
  t.equal(answers.find(({ status }) => status === 200)?.json, true);
  t.equal(code(answers.find(({ status }) => status === 409) as never), '409 AUTH-00013');
  t.equal(await statusOf(id), 'Accepted');
  t.match((await as(LEADER, 'GET', `/${CUSTOMER}/${id}`)).json, {
    id,
    integrationTitle: 'Regnskap og MVA',
    systemId: SYSTEM,
    productName: SYSTEM,
    reporteeOrgNo: CUSTOMER,
    supplierOrgno: VENDOR,
    isDeactivated: false,
  });
  t.same(await hasOf(id), ['arsregnskap', 'mva']);
  t.equal(code(await answer('reject', id)), '409 AUTH-00013');
  t.equal(code(await as(vendor, 'DELETE', `/request/vendor/${id}`)), '409 AUTH-00013', 'it is given back, not withdrawn');
  const same = asking({ externalRef: opened.json.externalRef });
  t.equal(code(await as(vendor, 'POST', '/request/vendor', same)), '400 AUTH-00004');
});

t.test('of approving and rejecting at once, one happens', async (t) => {
  const id = await asked();
  const answers = await Promise.all(['approve', 'reject', 'approve', 'reject'].map((what) => answer(what, id)));
  t.same(answers.map(({ status }) => status).sort(), [200, 409, 409, 409]);
  const won = ['Accepted', 'Rejected'][answers.findIndex(({ status }) => status === 200) % 2];
  t.equal(await statusOf(id), won);
});

t.test('nobody of another business answers (§8 16; threat 27)', async (t) => {
  const id = await asked();
  t.equal(code(await answer('approve', id, STRANGER, BERGEN)), '403 AUTH-00041');
  t.equal(code(await answer('approve', id, STRANGER, CUSTOMER)), '403 AUTH-00066');
  t.equal((await answer('approve', id, vendor as never)).status, 403, 'nor the vendor');
  t.equal(code(await as(STRANGER, 'GET', `/request/${BERGEN}/${id}`)), '404 AUTH-00010');
  const [foreign, unknown] = await Promise.all(
    [id, '00000000-0000-4000-8000-000000000000'].map((one) => as(STRANGER, 'GET', `/request/${one}`)),
  );
  t.equal(foreign?.status, 403);
  t.same({ ...foreign?.json, requestId: '' }, { ...unknown?.json, requestId: '' }, 'what is another’s is as what is not there');
  t.equal((await as(LEADER, 'GET', `/request/${CUSTOMER}/${BERGEN}/pending`)).status, 403, 'the number is derived, not believed');
  t.equal(await statusOf(id), 'New');
});

t.test('who may not answer sends it on (§8 17)', async (t) => {
  const id = await asked();
  const opened = await as(EMPLOYEE, 'GET', `/request/${id}`);
  t.match(opened.json, { status: 'New', userMayEscalateButNotApprove: true, notDelegable: [] });
  t.equal(code(await answer('approve', id, EMPLOYEE)), '403 AUTH-00066');
  t.equal(code(await answer('reject', id, EMPLOYEE)), '403 AUTH-00066');
  t.equal((await as(EMPLOYEE, 'GET', `/request/${CUSTOMER}/${CUSTOMER}/pending`)).status, 403);
  t.same((await answer('escalate', id, EMPLOYEE)).json, true);
  t.same((await answer('escalate', id, EMPLOYEE)).json, false, 'it is sent on already');
  const { json } = await as(LEADER, 'GET', `/request/${CUSTOMER}/${CUSTOMER}/pending`);
  t.match(
    json.data.find((one: { id: string }) => one.id === id),
    { escalated: true, status: 'New' },
  );
  t.equal((await as(vendor, 'GET', `/request/vendor/${id}`)).json.escalated, true);
});

t.test('who could not give all of it gives nothing, and is told what and why (§8 18; §7 2; threats 28, 29)', async (t) => {
  const id = await asked({ rights: [sentRight('mva'), sentRight('lonn'), sentRight('skattemelding')] });
  const { json } = await send('substantial', 'GET', `/request/${id}`);
  t.match(json, { userMayEscalateButNotApprove: false });
  t.same(
    json.notDelegable.map(({ resource, reason }: Record<string, string>) => `${resource} ${reason}`),
    ['lonn role_missing', 'skattemelding security_level_too_low'],
  );
  const refused = await send('substantial', 'POST', `/request/${CUSTOMER}/${id}/approve`);
  t.equal(code(refused), '403 AUTH-00016');
  t.equal(refused.json.NotDelegableRights, 'lonn, skattemelding');
  t.match(
    refused.json.detail,
    /lonn: it takes another role in the organisation to give it; skattemelding: it takes a login at a higher level/,
  );
  t.equal(code(await send('high', 'POST', `/request/${CUSTOMER}/${id}/approve`)), '403 AUTH-00016');
  const level = await asked({ rights: [sentRight('skattemelding')] });
  t.equal(code(await send('substantial', 'POST', `/request/${CUSTOMER}/${level}/approve`)), '403 AUTH-00020');
  t.equal((await send('high', 'POST', `/request/${CUSTOMER}/${level}/approve`)).status, 200);
  const inPackage = await asked({ rights: [], accessPackages: [sentPackage('begge')] });
  const ofPackage = await send('high', 'POST', `/request/${CUSTOMER}/${inPackage}/approve`);
  t.equal(code(ofPackage), '400 AUTH-00053');
  t.equal(ofPackage.json.NotDelegablePackages, 'urn:altinn:accesspackage:begge');
  t.equal(await statusOf(id), 'New');
  t.equal(code(await as(LEADER, 'GET', `/${CUSTOMER}/${id}`)), '404 AUTH-00015', 'no system user is left behind');
  t.equal((await answer('approve', id)).status, 200, 'an organisasjonsadministrator with a sure login can');
});

t.test('what the system no longer has is not approved', async (t) => {
  const [narrowed, deleted] = [`${VENDOR}_smal`, `${VENDOR}_slettet`] as (typeof SYSTEM)[];
  for (const one of [narrowed, deleted]) await world.put(systems, world.system(one as typeof SYSTEM));
  const body = { rights: [sentRight('mva')], accessPackages: [sentPackage('skattnaering')] };
  const [first, second] = [await asked({ systemId: narrowed, ...body }), await asked({ systemId: deleted, ...body })];
  await world.put(systems, world.system(narrowed as typeof SYSTEM, { packages: [] }));
  await world.put(systems, world.system(deleted as typeof SYSTEM, { deleted: { at: toInstant(Date.now()), by: VENDOR } }));
  t.equal(code(await answer('approve', first)), '400 AUTH-00063');
  await world.put(systems, world.system(narrowed as typeof SYSTEM, { rights: [] }));
  t.equal(code(await answer('approve', first)), '400 AUTH-00001');
  t.equal(code(await answer('approve', second)), '404 AUTH-00011');
  t.equal(await statusOf(first), 'New');
  t.equal((await answer('reject', second)).status, 200, 'it can be rejected');
});

t.test('a rejected request stands until it is withdrawn (§8 19)', async (t) => {
  const body = asking();
  const { id } = (await as(vendor, 'POST', '/request/vendor', body)).json;
  t.equal((await answer('reject', id)).status, 200);
  const again = await as(vendor, 'POST', '/request/vendor', body);
  t.match(again, { status: 200, json: { id, status: 'Rejected' } });
  t.equal(code(await as(other, 'DELETE', `/request/vendor/${id}`)), '404 AUTH-00010', 'not by another vendor');
  t.equal(await statusOf(id), 'Rejected');
  t.equal((await as(vendor, 'DELETE', `/request/vendor/${id}`)).status, 202);
  t.equal(code(await as(vendor, 'DELETE', `/request/vendor/${id}`)), '404 AUTH-00010');
  const anew = await as(vendor, 'POST', '/request/vendor', body);
  t.equal(anew.status, 201);
  t.not(anew.json.id, id);
});

t.test('a list neither drops nor repeats, and what was not answered in time is over (§8 24)', async (t) => {
  const system = `${VENDOR}_mange` as typeof SYSTEM;
  await world.put(systems, world.system(system));
  const { json: first } = await post({ systemId: system });
  const stored = await world.access.store.collection(systemUsers).get(first.id);
  const { seat: _, ...pattern } = (stored as { readonly value: SystemUser }).value;
  const now = Date.now();
  const ids = [first.id, ...Array.from({ length: 119 }, (_, i) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`)];
  // Many of one moment, those of customers and of agents among them.
  const others = [{ madeBy: 'customer' as const }, { type: 'agent' as const }, {}];
  const facts = { action: 'test', at: pattern.created, actor: 'operator' };
  const values = [...ids.slice(1), ...['a1', 'a2'].map((one) => `00000000-0000-4000-8001-0000000000${one}`)].map((id, i) => ({
    ...pattern,
    id,
    externalRef: id,
    created: toInstant(now - (i % 7)),
    ...(i < 119 ? {} : others[i - 119]),
  }));
  await world.access.store.collection(systemUsers).putMany(
    values.map((value) => ({ value, expect: 'absent' as const })),
    facts,
  );
  const seen: string[] = [];
  const sizes: number[] = [];
  for (
    let next: string | undefined = `${gateway.origin}/authentication/api/v1/systemuser/request/vendor/bysystem/${system}`;
    next !== undefined;
  ) {
    const page = await gateway.send(vendor, 'GET', next.slice(gateway.origin.length));
    t.equal(page.status, 200);
    seen.push(...page.json.data.map((one: { id: string }) => one.id));
    sizes.push(page.json.data.length);
    next = page.json.links.next;
  }
  t.same(sizes, [50, 50, 20]);
  t.same([...seen].sort(), [...ids].sort());
  t.equal((await as(vendor, 'GET', `/request/vendor/bysystem/${system}?token=x`)).status, 400);

  const old = {
    ...pattern,
    id: '00000000-0000-4000-8002-000000000000',
    externalRef: 'gammel',
    created: toInstant(now - 200 * DAY_MS),
    expires: toInstant(now - 1),
  };
  await world.put(systemUsers, old);
  t.match((await as(vendor, 'GET', `/request/vendor/${old.id}`)).json, { status: 'Timedout', timedOut: true });
  t.match((await as(LEADER, 'GET', `/request/${old.id}`)).json, { status: 'Timedout' });
  for (const what of ['approve', 'reject', 'escalate']) t.equal(code(await answer(what, old.id)), '409 AUTH-00013', what);
  const { json: pending } = await as(LEADER, 'GET', `/request/${CUSTOMER}/${CUSTOMER}/pending`);
  t.notOk(pending.data.some((one: { id: string }) => one.id === old.id));
  t.equal((await as(vendor, 'DELETE', `/request/vendor/${old.id}`)).status, 202);
});

t.test('a vendor has a bounded number of requests with one customer (threat 51)', async (t) => {
  const collection = world.access.store.collection(systemUsers);
  const waiting = async () => (await collection.query({ index: 'seat', prefix: `${CUSTOMER} ${VENDOR}/`, limit: 200 })).items;
  const [first] = await waiting();
  const free = [];
  const taken = new Set((await waiting()).map(({ value }) => value.seat));
  for (let seat = 1; seat <= 100; seat += 1) if (!taken.has(seat)) free.push(seat);
  // All but five, and then ten at once.
  const more = free.slice(5).map((seat) => ({ ...(first?.value as SystemUser), id: randomUUID(), externalRef: `plass-${seat}`, seat }));
  const facts = { action: 'test', at: toInstant(Date.now()), actor: 'operator' };
  await collection.putMany(
    more.map((value) => ({ value, expect: 'absent' as const })),
    facts,
  );
  const answers = await Promise.all(Array.from({ length: 10 }, () => post()));
  t.same(answers.map(code).sort(), [...Array(5).fill('201 undefined'), ...Array(5).fill('400 AUTH-00005')]);
  t.equal((await waiting()).length, 100);
  t.equal((await post({ systemId: OTHER_SYSTEM }, other)).status, 201, 'those of others are not in the way');
  const won = answers.find(({ status }) => status === 201)?.json.id;
  t.equal((await answer('reject', won)).status, 200);
  t.equal((await post()).status, 201, 'what is answered gives its place back');
  const over = (await waiting()).map(({ value }) => ({ value: { ...value, status: 'Rejected' as const }, expect: 'any' as const }));
  await collection.putMany(over, facts);
});

t.test('the customer ends it for good (§8 22)', async (t) => {
  const body = asking();
  const { id } = (await as(vendor, 'POST', '/request/vendor', body)).json;
  await answer('approve', id);
  const listed = async () => (await as(vendor, 'GET', `/vendor/bysystem/${SYSTEM}`)).json.data.some((one: { id: string }) => one.id === id);
  t.ok(await listed());
  const query = `/vendor/byquery?system-id=${SYSTEM}&orgno=${CUSTOMER}&external-ref=${body.externalRef}`;
  t.match((await as(vendor, 'GET', query)).json, { id });
  t.equal((await as(other, 'GET', query)).status, 404);
  t.equal((await as(STRANGER, 'DELETE', `/${CUSTOMER}/${id}`)).status, 403);
  t.equal(code(await as(STRANGER, 'DELETE', `/${BERGEN}/${id}`)), '403 AUTH-00024');
  t.equal((await as(EMPLOYEE, 'DELETE', `/${CUSTOMER}/${id}`)).status, 403);
  const gone = await as(LEADER, 'DELETE', `/${CUSTOMER}/${id}`);
  t.same([gone.status, gone.json], [202, 1]);
  t.equal(code(await as(LEADER, 'DELETE', `/${CUSTOMER}/${id}`)), '404 AUTH-00015');
  t.notOk(await listed());
  t.equal((await as(vendor, 'GET', query)).status, 404);
  t.equal((await as(vendor, 'POST', '/request/vendor', body)).status, 201, 'it may be asked for again');
});

t.test('a vendor gives back what it needs no more, and nobody else’s (§7 7)', async (t) => {
  const id = await made();
  t.equal(code(await as(other, 'DELETE', `/vendor/${id}`)), '404 AUTH-00015');
  t.equal((await as(vendor, 'DELETE', `/vendor/${id}`)).status, 202);
  t.equal(code(await as(LEADER, 'GET', `/${CUSTOMER}/${id}`)), '404 AUTH-00015');
  const { json } = await as(LEADER, 'GET', `/${CUSTOMER}/${id}/history`);
  t.match(json.data[0], { action: 'system-user.give-back', side: 'vendor', brukerId: undefined, removedRights: [sentRight('mva')] });
});

t.test('a change is asked for, answered, and makes exactly that (§8 23)', async (t) => {
  const id = await made({ rights: [sentRight('mva'), sentRight('arsregnskap')], accessPackages: [] });
  const uuid = (n: number) => `10000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  const change = (n: number, body: object, holder = vendor, user = id) =>
    as(holder, 'POST', `/changerequest/vendor?correlation-id=${uuid(n)}&system-user-id=${user}`, body);
  t.match(await change(1, {}), { status: 200, json: { status: 'NoChangeNeeded', systemUserId: id } });
  t.match(await change(1, { requiredRights: [sentRight('mva', 'read')], unwantedRights: [sentRight('lonn')] }), {
    status: 200,
    json: { status: 'NoChangeNeeded' },
  });
  t.equal(code(await as(vendor, 'GET', `/changerequest/vendor/${uuid(1)}`)), '404 AUTH-00010', 'nothing is kept of it');
  t.equal((await change(2, { requiredRights: [sentRight('lonn')] }, other)).status, 401, 'another vendor');
  t.equal(code(await change(2, { requiredRights: [sentRight('lonn')] }, vendor, uuid(9))), '404 AUTH-00015');
  t.equal((await as(vendor, 'POST', `/changerequest/vendor?system-user-id=${id}`, {})).status, 400, 'without an id of its own');
  t.equal(
    (await as(vendor, 'POST', `/changerequest/vendor?correlation-id=${id}&system-user-id=${id}`, { requiredRights: [sentRight('lonn')] }))
      .status,
    400,
  );
  t.equal(code(await change(2, { requiredRights: [sentRight('aksjonaer')] })), '400 AUTH-00001');
  t.equal(code(await change(2, { requiredAccessPackages: [sentPackage('post')] })), '400 AUTH-00063');
  t.equal(code(await change(2, { requiredAccessPackages: [sentPackage('regnskapsforer-lonn')] })), '400 AUTH-00064');
  t.equal(code(await change(2, { requiredRights: [sentRight('udelegerbar')] })), '400 AUTH-00001');

  const body = {
    requiredRights: [sentRight('skattemelding')],
    requiredAccessPackages: [sentPackage('skattnaering')],
    unwantedRights: [sentRight('mva', 'read')],
  };
  const sent = await change(2, body);
  t.match(sent, { status: 201, json: { id: uuid(2), status: 'New', confirmUrl: `${gateway.origin}/systembruker/endring?id=${uuid(2)}` } });
  t.match(await change(2, { requiredRights: [sentRight('lonn')] }), { status: 200, json: sent.json }, 'whatever the body');
  t.equal((await as(other, 'GET', `/changerequest/vendor/${uuid(2)}`)).status, 404);
  t.equal((await as(other, 'DELETE', `/changerequest/vendor/${uuid(2)}`)).status, 404);
  const opened = await as(LEADER, 'GET', `/changerequest/${uuid(2)}`);
  t.match(opened.json, {
    userMayApprove: true,
    addedRights: [sentRight('skattemelding')],
    addedAccessPackages: [sentPackage('skattnaering')],
  });
  t.same(await hasOf(id), ['arsregnskap', 'mva'], 'nothing changes until it is approved');
  const approve = (n: number, holder = LEADER, party: string = CUSTOMER) =>
    as(holder, 'POST', `/changerequest/${party}/${uuid(n)}/approve`);
  t.equal(code(await approve(2, STRANGER, BERGEN)), '403 AUTH-00041');
  t.equal(code(await approve(2, EMPLOYEE)), '403 AUTH-00066');
  t.equal(code(await send('substantial', 'POST', `/changerequest/${CUSTOMER}/${uuid(2)}/approve`)), '403 AUTH-00020');
  // The customer changes it meanwhile, and of those who approve at once one does.
  const both = await Promise.all([
    as(LEADER, 'PUT', `/${CUSTOMER}/${id}`, { rights: [sentRight('mva')] }),
    ...Array.from({ length: 3 }, () => approve(2)),
  ]);
  t.equal(both[0]?.status, 200);
  t.same(
    both
      .slice(1)
      .map(({ status }) => status)
      .sort(),
    [200, 409, 409],
  );
  t.equal(code(await approve(2)), '409 AUTH-00061');
  const after = await hasOf(id);
  t.ok(
    [['mva'], ['mva:write', 'skattemelding', 'skattnaering']].some((one) => one.join() === after.join()),
    `either before or after the customer’s own: ${after}`,
  );

  await as(LEADER, 'PUT', `/${CUSTOMER}/${id}`, {
    rights: [sentRight('mva'), sentRight('arsregnskap')],
    accessPackages: [sentPackage('skattnaering')],
  });
  t.equal(
    (
      await change(3, {
        unwantedRights: [sentRight('mva')],
        unwantedAccessPackages: [sentPackage('skattnaering')],
        requiredRights: [sentRight('lonn', 'read')],
      })
    ).status,
    201,
  );
  t.equal((await approve(3)).status, 200);
  t.same(await hasOf(id), ['arsregnskap', 'lonn:read']);
  t.equal((await change(4, { requiredRights: [sentRight('lonn')] })).status, 201);
  t.same(
    (await as(LEADER, 'GET', `/changerequest/${CUSTOMER}/${CUSTOMER}/pending`)).json.data.map((one: { id: string }) => one.id),
    [uuid(4)],
  );
  t.equal((await as(LEADER, 'POST', `/changerequest/${CUSTOMER}/${uuid(4)}/reject`)).status, 200);
  t.same(await hasOf(id), ['arsregnskap', 'lonn:read']);
  t.match((await as(vendor, 'GET', `/changerequest/vendor/bysystem/${SYSTEM}`)).json.data, [
    { id: uuid(2) },
    { id: uuid(3) },
    { id: uuid(4), status: 'Rejected' },
  ]);
  t.equal((await as(vendor, 'DELETE', `/changerequest/vendor/${uuid(4)}`)).status, 202);
  t.equal(code(await as(vendor, 'DELETE', `/changerequest/vendor/${uuid(4)}`)), '404 AUTH-00010');

  const agent = await as(vendor, 'POST', '/request/vendor/agent', {
    ...asking(),
    rights: undefined,
    accessPackages: [sentPackage('begge')],
  });
  await as(LEADER, 'POST', `/request/agent/${CUSTOMER}/${agent.json.id}/approve`);
  t.equal(
    code(await change(5, { requiredAccessPackages: [sentPackage('regnskapsforer-lonn')] }, vendor, agent.json.id)),
    '404 AUTH-00015',
    'an agent is not changed',
  );
  t.equal((await as(LEADER, 'DELETE', `/agent/${CUSTOMER}/${agent.json.id}`)).status, 202);
});

t.test('a customer makes, stops, changes and moves its own', async (t) => {
  const choice = { systemId: OTHER_SYSTEM, rights: [sentRight('mva')], accessPackages: [] };
  const create = await as(LEADER, 'POST', `/${CUSTOMER}/create`, choice);
  t.match(create, {
    status: 200,
    json: { systemId: OTHER_SYSTEM, externalRef: CUSTOMER, supplierOrgno: OTHER_VENDOR, rights: [sentRight('mva')] },
  });
  const { id } = create.json;
  t.equal(code(await as(LEADER, 'POST', `/${CUSTOMER}/create`, choice)), '400 AUTH-00004');
  const hidden = `${VENDOR}_skjult` as typeof SYSTEM;
  await world.put(systems, world.system(hidden, { isVisible: false }));
  t.equal(code(await as(LEADER, 'POST', `/${CUSTOMER}/create`, { systemId: hidden })), '404 AUTH-00011');
  t.equal(
    code(await as(LEADER, 'POST', `/${CUSTOMER}/create`, { systemId: SYSTEM })),
    '403 AUTH-00019',
    'all of a system that has what nobody can give',
  );
  t.equal((await as(EMPLOYEE, 'POST', `/${CUSTOMER}/create`, choice)).status, 403);
  t.equal(code(await as(other, 'GET', `/request/vendor/${id}`)), '404 AUTH-00010', 'it is no request');

  const tag = create.headers.get('etag') ?? '';
  t.match((await as(LEADER, 'POST', `/${CUSTOMER}/${id}/deactivate`, undefined, { 'If-Match': tag })).json, { isDeactivated: true });
  t.equal((await as(LEADER, 'POST', `/${CUSTOMER}/${id}/activate`, undefined, { 'If-Match': tag })).status, 412, 'somebody has changed it');
  t.match((await as(LEADER, 'POST', `/${CUSTOMER}/${id}/activate`)).json, { isDeactivated: false });
  t.equal(code(await as(LEADER, 'PUT', `/${CUSTOMER}/${id}`, { rights: [] })), '400 AUTH-00059');
  t.equal(code(await as(LEADER, 'PUT', `/${CUSTOMER}/${id}`, { rights: [sentRight('aksjonaer')] })), '400 AUTH-00001');
  t.equal(code(await send('high', 'PUT', `/${CUSTOMER}/${id}`, { rights: [sentRight('mva'), sentRight('lonn')] })), '403 AUTH-00016');
  t.match(
    (await as(LEADER, 'PUT', `/${CUSTOMER}/${id}`, { integrationTitle: 'Vårt', rights: [sentRight('mva', 'read'), sentRight('lonn')] }))
      .json,
    { integrationTitle: 'Vårt' },
  );
  t.equal((await send('high', 'PUT', `/${CUSTOMER}/${id}`, { rights: [sentRight('lonn')] })).status, 200, 'what is there already may stay');

  t.equal((await as(STRANGER, 'POST', `/${BERGEN}/${id}/move`, { systemId: PLAIN_SYSTEM, rights: [sentRight('mva')] })).status, 403);
  t.equal(
    code(await send('high', 'POST', `/${CUSTOMER}/${id}/move`, { systemId: PLAIN_SYSTEM, rights: [sentRight('lonn')] })),
    '403 AUTH-00016',
  );
  const moved = await as(LEADER, 'POST', `/${CUSTOMER}/${id}/move`, { systemId: `${VENDOR}_mange`, rights: [sentRight('arsregnskap')] });
  t.match(moved, {
    status: 200,
    json: { systemId: `${VENDOR}_mange`, supplierOrgno: VENDOR, integrationTitle: 'Vårt', rights: [sentRight('arsregnskap')] },
  });
  t.not(moved.json.id, id, 'tokens that are out mean nothing more');
  const gone = await as(LEADER, 'GET', `/${CUSTOMER}/${id}`);
  t.match(gone, { status: 404, json: { code: 'AUTH-00015', MovedTo: moved.json.id } }, 'the customer is told which one it is now');
  t.match(gone.json.detail, moved.json.id);
  t.equal((await as(STRANGER, 'GET', `/${CUSTOMER}/${id}`)).json.MovedTo, undefined, 'nobody else is');
  t.equal(code(await as(LEADER, 'POST', `/${CUSTOMER}/${id}/move`, { systemId: `${VENDOR}_mange` })), '404 AUTH-00015');
  t.notOk((await as(other, 'GET', `/vendor/bysystem/${OTHER_SYSTEM}`)).json.data.some((one: { id: string }) => one.id === id));
  const history = await as(LEADER, 'GET', `/${CUSTOMER}/${id}/history`);
  t.same(
    history.json.data.map((one: { action: string }) => one.action),
    ['move', 'change', 'change', 'activate', 'deactivate', 'create'].map((what) => `system-user.${what}`),
  );
  t.match(history.json.data[0], { side: 'customer', brukerId: /^[\w-]{43}$/ });
  const seen = await as(other, 'GET', `/request/vendor/${id}/history`);
  t.equal(seen.json.data.length, 6);
  t.notOk(seen.text.includes('brukerId'), 'the vendor learns no person');
  t.equal((await as(vendor, 'GET', `/request/vendor/${id}/history`)).status, 404);
});

t.test('what a customer chooses itself answers the vendor’s request for the same', async (t) => {
  const { json: own } = await post({ externalRef: '', systemId: `${VENDOR}_mange` });
  t.equal(code(await as(LEADER, 'POST', `/${CUSTOMER}/create`, { systemId: `${VENDOR}_mange` })), '400 AUTH-00004', 'there is one already');
  t.equal(own.code, 'AUTH-00004');
  const system = `${VENDOR}_eget` as typeof SYSTEM;
  await world.put(systems, world.system(system));
  for (const what of ['', 'reject']) {
    const id = await asked({ externalRef: '', systemId: system, rights: [sentRight('mva'), sentRight('lonn')] });
    if (what !== '') t.equal((await answer(what, id)).status, 200);
    const made = await as(LEADER, 'POST', `/${CUSTOMER}/create`, { systemId: system, rights: [sentRight('arsregnskap')] });
    t.match(made, { status: 200, json: { id, rights: [sentRight('arsregnskap')] } });
    t.match((await as(vendor, 'GET', `/request/vendor/${id}`)).json, { status: 'Accepted', rights: [sentRight('arsregnskap')] });
    t.equal((await as(LEADER, 'DELETE', `/${CUSTOMER}/${id}`)).status, 202);
  }
});

t.test('a vendor that asks for what has ended is told what became of it, and not where it went', async (t) => {
  const [moved, withdrawn, deleted] = [await made(), await asked(), await made()];
  const next = await as(LEADER, 'POST', `/${CUSTOMER}/${moved}/move`, { systemId: OTHER_SYSTEM, rights: [sentRight('mva')] });
  t.equal(next.status, 200, next.text);
  const read = (id: string, by = vendor) => as(by, 'GET', `/request/vendor/${id}`);
  const told = await read(moved);
  t.match(told, { status: 404, json: { code: 'AUTH-00010', detail: /moved it to another system: it is yours no more/ } });
  t.notMatch(told.text, new RegExp(`${next.json.id}|${OTHER_SYSTEM}`));
  await as(vendor, 'DELETE', `/request/vendor/${withdrawn}`);
  t.match((await read(withdrawn)).json, { code: 'AUTH-00010', detail: /You have withdrawn it/ });
  await as(LEADER, 'DELETE', `/${CUSTOMER}/${deleted}`);
  t.match((await read(deleted)).json, { code: 'AUTH-00010', detail: /The customer has deleted it/ });
  const foreign = await read(moved, other);
  t.equal(foreign.json.detail, (await read(randomUUID(), other)).json.detail, 'another vendor hears what it hears of what is not there');
  await as(LEADER, 'DELETE', `/${CUSTOMER}/${next.json.id}`);
});

t.test('a move that broke off between its two writes goes on', async (t) => {
  const id = await made();
  const collection = world.access.store.collection(systemUsers);
  const stored = await collection.get(id);
  const value = stored?.value as SystemUser;
  const into = '20000000-0000-4000-8000-000000000000';
  await world.put(systemUsers, { ...value, removed: { at: value.updated, by: 'x', side: 'customer', into } });
  const moved = await as(LEADER, 'POST', `/${CUSTOMER}/${id}/move`, { systemId: OTHER_SYSTEM, rights: [sentRight('mva')] });
  t.match(moved, { status: 200, json: { id: into, systemId: OTHER_SYSTEM } });
});

t.test('nothing that was answered or logged has a person’s number (threat 37)', async (t) => {
  const numbers = gateway.world.persons.map(({ brukerIdent }) => brukerIdent);
  t.notOk(gateway.lines.some((line) => numbers.some((number) => line.includes(number))));
});

t.test('a system of a thousand rights is chosen without holding others up (threats 14, 50)', async (t) => {
  const at = toInstant(Date.now());
  const texts = { nb: 'x', nn: 'x', en: 'x' };
  const ids = Array.from({ length: 1000 }, (_, i) => `tjeneste-som-ligner-paa-andre-${i}` as ResourceId);
  const facts = { action: 'test', at, actor: 'operator' };
  const common = { title: texts, description: texts, active: true, created: at, updated: at };
  const service = { ...common, owner: OTHER_VENDOR, type: 'AltinnApp' as const, actions: ['read'], delegable: true };
  const store = world.access.store;
  const every = ids.map((id) => ({ value: { ...service, id } as Resource, expect: 'any' as const }));
  await store.collection(resources).putMany(every, facts);
  const rights = ids.map((_, i) => ({ resources: Array.from({ length: 20 }, (_, k) => ids[(i + k * 7) % 1000] as ResourceId) }));
  const choose = async (name: string, more: Partial<System>) => {
    const systemId = `${VENDOR}_${name}` as SystemId;
    await world.put(systems, world.system(systemId, { packages: [], isVisible: true, ...more }));
    let answered = { status: 0, text: '' };
    const held = await watchLoop(async () => {
      answered = await as(LEADER, 'POST', `/${CUSTOMER}/create`, { systemId, integrationTitle: name });
    });
    t.equal(answered.status, 200, answered.text.slice(0, 200));
    return held.longestCpuMs;
  };
  const few = Math.max(await choose('femti-rett', { rights: rights.slice(0, 50) }), 10);
  const many = await choose('tusen-rett', { rights });
  t.ok(many < 40 * few, `twenty times as many rights: ${many} ms and ${few} ms`);
});

t.test('of an approval and the deletion of its system at once there is no token, and what is left can be ended', async (t) => {
  for (const round of [1, 2, 3]) {
    const system = `${VENDOR}_kappl-${round}` as SystemId;
    await world.put(systems, world.system(system, { clientIds: [`kapp-${round}`] }));
    await world.put(systemClients, { clientId: `kapp-${round}`, systemId: system, at: toInstant(Date.now()) });
    const id = await asked({ systemId: system });
    const [approved, deleted] = await Promise.all([
      answer('approve', id),
      gateway.send(vendor, 'DELETE', `/authentication/api/v1/systemregister/vendor/${system}`),
    ]);
    t.equal(deleted?.status, 200);
    t.ok(['200 undefined', '404 AUTH-00011'].includes(code(approved)), code(approved));
    t.equal((await lookUp(`kapp-${round}`)).status, 404);
    t.equal(
      (await as(LEADER, approved.status === 200 ? 'DELETE' : 'GET', `/${CUSTOMER}/${id}`)).status,
      approved.status === 200 ? 202 : 404,
    );
  }
});

t.test('from the moment of its deactivation a system user is found no more, whoever asks at the time', async (t) => {
  const system = `${VENDOR}_stans` as SystemId;
  await world.put(systems, world.system(system, { clientIds: ['stans'] }));
  await world.put(systemClients, { clientId: 'stans', systemId: system, at: toInstant(Date.now()) });
  const id = await made({ systemId: system, externalRef: '' });
  const [before, after]: number[][] = [[], []];
  let isStopped = false;
  const asking = (async () => {
    while ((after as number[]).length < 5) {
      const list = isStopped ? after : before;
      list?.push((await lookUp('stans')).status);
    }
  })();
  t.equal((await as(LEADER, 'POST', `/${CUSTOMER}/${id}/deactivate`)).status, 200);
  isStopped = true;
  await asking;
  t.ok(before?.every((status) => status === 200 || status === 404));
  t.same(after, Array(5).fill(404));
});

t.test('a half of a character is in no system’s id (threat 13)', async (t) => {
  t.equal(code(await post({ systemId: '\ud800' })), '404 AUTH-00011');
  t.equal(code(await as(LEADER, 'POST', `/${CUSTOMER}/create`, { systemId: '\ud800', integrationTitle: 'x' })), '404 AUTH-00011');
});
