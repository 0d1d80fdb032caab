import t from 'tap';
import { operatorRequest } from '#access';
import {
  changeClient,
  createClient,
  deactivateClient,
  grantAccess,
  listClients,
  readClient,
  renewSecret,
  replaceKeys,
  revokeAccess,
} from '#maskinporten';
import { clients } from '#maskinporten/entities';
import type { ProblemError } from '#problem';
import { BERGEN, FHI, keyPair, machine, OSLO, openRoom, VISMA } from './room.js';

const MACHINE = { name: 'Fagsystem', integrationType: 'maskinporten' as const };
const WEB = { name: 'Nettside', integrationType: 'api_klient' as const, redirectUris: ['https://oslo.example/callback'] };

/** The places of the faults with which it is refused, or the problem's slug. */
async function faultsOf(asked: Promise<unknown>): Promise<string> {
  const fault = (await asked.then(
    () => undefined,
    (error: unknown) => error,
  )) as ProblemError | undefined;
  if (fault === undefined) return '';
  return fault.at.length === 0 ? fault.slug : fault.at.map(({ pointer }) => pointer).join(' ');
}

t.test('a client has what the table of client types says, and what was said', async (t) => {
  const room = await openRoom(t);
  const { value: plain, secret } = await createClient(room, machine(OSLO), MACHINE);
  t.match(plain.id, /^[0-9a-f-]{36}$/);
  t.match(plain, {
    orgnr: OSLO,
    active: true,
    applicationType: 'web',
    tokenEndpointAuthMethod: 'private_key_jwt',
    grantTypes: ['urn:ietf:params:oauth:grant-type:jwt-bearer'],
    scopes: [],
    accessTokenLifetime: 120,
    keys: [],
    created: '2026-11-27T12:00:00.000Z',
  });
  t.notOk('supplier' in plain);
  t.equal(secret, undefined);
  const { value: web } = await createClient(room, machine(OSLO), WEB);
  t.match(web, { grantTypes: ['authorization_code', 'refresh_token'], scopes: ['openid', 'profile'], codeChallengeMethod: 'S256' });
  const native = { ...WEB, applicationType: 'native' as const, redirectUris: ['no.oslo.app:/back', 'http://127.0.0.1:0/'] };
  t.match((await createClient(room, machine(OSLO), native)).value, { tokenEndpointAuthMethod: 'none' });
});

t.test('what does not fit is told of all at once, by its fields', async (t) => {
  const room = await openRoom(t);
  const refused = (change: object, from: object = WEB): Promise<string> =>
    faultsOf(createClient(room, machine(OSLO), { ...MACHINE, ...from, ...change }));
  t.equal(
    await refused({ name: ' ', accessTokenLifetime: 0, grantTypes: ['password'] }),
    '/client_name /grant_types/0 /grant_types /access_token_lifetime',
  );
  t.equal(await refused({ integrationType: 'idporten_saml2' }), '/integration_type');
  t.equal(await refused({ applicationType: 'browser' }, MACHINE), '/application_type');
  t.equal(await refused({ tokenEndpointAuthMethod: 'client_secret_basic' }, MACHINE), '/token_endpoint_auth_method');
  t.equal(await refused({ tokenEndpointAuthMethod: 'none' }), '/token_endpoint_auth_method');
  t.equal(await refused({ applicationType: 'browser', codeChallengeMethod: 'none' }), '/code_challenge_method');
  t.equal(await refused({ redirectUris: ['https://a.example/'] }, MACHINE), '/redirect_uris');
  t.equal(await refused({ redirectUris: [] }), '/redirect_uris');
  t.equal(await refused({ scopes: ['openid'] }, MACHINE), '/scopes/0');
  t.equal(await refused({ scopes: ['openid', 'openid', 'fhi'] }), '/scopes/1 /scopes/2');
  t.equal(await refused({ integrationType: 'idporten', scopes: ['openid', 'fhi:a'] }), '/scopes/1');
  t.equal(await refused({ integrationType: 'krr', scopes: ['fhi:a'] }, MACHINE), '/scopes/0');
  t.equal(await refused({ accessTokenLifetime: 600 }), '/access_token_lifetime', 'access < refresh');
  t.equal(await refused({ refreshTokenLifetime: 7201 }), '/refresh_token_lifetime', 'refresh ≤ authorization');
  t.equal(await refused({ accessTokenLifetime: 7201 }, MACHINE), '/access_token_lifetime');
  t.equal(await refused({ accessTokenLifetime: 7200 }, MACHINE), '', 'a machine has no refresh tokens');
  t.equal(await refused({ frontchannelLogoutUri: 'https://other.example/out' }), '/frontchannel_logout_uri');
  t.equal(await refused({ frontchannelLogoutUri: 'https://oslo.example/out' }), '');
  t.equal(await refused({ id: 'a/b' }), '/client_id');
});

t.test('an address to be sent back to is absolute, exact, and leads to no other machine', async (t) => {
  const room = await openRoom(t);
  const takes = async (uri: string, applicationType: 'web' | 'native' = 'web'): Promise<boolean> =>
    (await faultsOf(createClient(room, machine(OSLO), { ...WEB, applicationType, redirectUris: [uri] }))) === '';
  for (const uri of ['https://a.example/', 'https://a.example:8443/cb?x=1', 'https://a.example']) t.ok(await takes(uri), uri);
  for (const uri of [
    '/callback',
    'a.example/cb',
    'https://a.example/#x',
    'https://*.example/',
    'https://user@a.example/',
    'https://user:word@a.example/',
    'https://a.example\\@b.example/',
    'https:a.example/',
    'https:///a.example',
    'HTTPS://a.example/',
    'https://a.example/../b',
    'https://a.example/%2e%2e/b',
    'https://a.example/a b',
    ' https://a.example/',
    'http://a.example/',
    'http://localhost:3000/',
    'javascript:alert(1)',
    'data:text/html,x',
    'no.oslo.app:/back',
    '',
  ]) {
    t.notOk(await takes(uri), uri);
  }
  for (const uri of ['no.oslo.app:/back', 'http://127.0.0.1:0/', 'http://[::1]:1/', 'https://a.example/'])
    t.ok(await takes(uri, 'native'), uri);
  for (const uri of ['javascript:alert(1)', 'app:/back', 'http://localhost:0/', 'http://10.0.0.1/', 'data:text/html,x']) {
    t.notOk(await takes(uri, 'native'), uri);
  }
});

t.test('MP 22, threat 32: a client is registered with what its organisation may have, and with nothing else', async (t) => {
  const room = await openRoom(t);
  await room.scope('fhi:open', { accessibleForAll: true });
  await room.scope('fhi:granted');
  await room.scope('fhi:delegated', { delegationSource: 'https://www.altinn.no', visibility: 'PRIVATE' });
  await room.scope('fhi:persons', { allowedIntegrationTypes: ['api_klient'] });
  await room.scope('fhi:gone', { active: false });
  await room.scope('fhi:denied');
  await room.scope('fhi:hidden', { visibility: 'PRIVATE' });
  for (const scope of ['fhi:granted', 'fhi:persons', 'fhi:gone']) await room.grant(OSLO, scope);
  await room.grant(OSLO, 'fhi:denied', 'DENIED');
  await room.grant(BERGEN, 'fhi:hidden');
  const good = ['fhi:open', 'fhi:granted', 'fhi:delegated'];
  const { value } = await createClient(room, machine(OSLO), { ...MACHINE, scopes: good });
  t.same(value.scopes, good);
  const bad = ['fhi:persons', 'fhi:gone', 'fhi:denied', 'fhi:hidden', 'fhi:none', 'fhi:Granted', 'fhi:grant'];
  const refused = (await createClient(room, machine(OSLO), { ...MACHINE, scopes: [...good, ...bad] }).catch(
    (error) => error,
  )) as ProblemError;
  t.equal(refused.slug, 'action-not-allowed');
  t.same(
    refused.at.map(({ pointer }) => pointer),
    bad.map((_, i) => `/scopes/${good.length + i}`),
  );
  const [, , , hidden, none] = refused.at.map(({ detail }) => detail);
  t.equal(hidden, none, 'threat 27: what is hidden is told of as what is not there');
  t.equal(await faultsOf(createClient(room, machine(BERGEN), { ...MACHINE, scopes: ['fhi:hidden'] })), '');
});

t.test('a scope that was withdrawn since does not stand in the way of another change', async (t) => {
  const room = await openRoom(t);
  await room.scope('fhi:a');
  await room.scope('fhi:b');
  await room.grant(OSLO, 'fhi:a');
  const made = { ...MACHINE, scopes: ['fhi:a'] };
  const { value } = await createClient(room, machine(OSLO), made);
  await room.grant(OSLO, 'fhi:a', 'DENIED');
  const change = (change: object) => changeClient(room, machine(OSLO), value.id, 'any', { ...made, ...change });
  t.match((await change({ name: 'Nytt navn' })).value, { name: 'Nytt navn', scopes: ['fhi:a'] });
  t.equal(await faultsOf(change({ scopes: ['fhi:a', 'fhi:b'] })), '/scopes/1');
  await change({ scopes: [] });
  t.equal(await faultsOf(change({})), '/scopes/0', 'once given up it is asked for anew');
});

t.test('a change replaces all but what a client is known by', async (t) => {
  const room = await openRoom(t);
  const { value, revision } = await createClient(room, machine(OSLO), { ...MACHINE, description: 'Før', accessTokenLifetime: 60 });
  room.later(1);
  const whole = { ...MACHINE, id: value.id, orgnr: OSLO };
  const after = await changeClient(room, machine(OSLO), value.id, [revision], whole);
  t.match(after.value, { description: 'Fagsystem', accessTokenLifetime: 120, created: value.created, updated: '2026-11-28T12:00:00.000Z' });
  t.same(await changeClient(room, machine(OSLO), value.id, 'any', whole), after, 'what is so already stays as it is');
  t.equal(await faultsOf(changeClient(room, machine(OSLO), value.id, [revision], whole)), 'precondition-failed');
  const other = { ...MACHINE, id: 'x', orgnr: BERGEN, supplier: VISMA, integrationType: 'krr' as const };
  t.equal(
    await faultsOf(changeClient(room, machine(OSLO), value.id, 'any', other)),
    '/client_id /client_orgno /supplier_orgno /integration_type',
  );
});

t.test('a client that is taken out of use is hidden from the list, and can come back', async (t) => {
  const room = await openRoom(t);
  const { value } = await createClient(room, machine(OSLO), { ...MACHINE, id: 'oslo-1' });
  await createClient(room, machine(OSLO), { ...MACHINE, id: 'oslo-2' });
  await deactivateClient(room, machine(OSLO), value.id, 'any');
  await deactivateClient(room, machine(OSLO), value.id, [77]);
  const listed = async (inactive: boolean): Promise<string> =>
    (await listClients(room, machine(OSLO), { inactive }, { limit: 100 })).items.map((one) => one.value.id).join(' ');
  t.equal(await listed(false), 'oslo-2');
  t.equal(await listed(true), 'oslo-1 oslo-2');
  t.equal(await faultsOf(createClient(room, machine(OSLO), { ...MACHINE, id: 'oslo-1' })), 'client-exists', 'its id is never free again');
  const citizens = createClient(room, machine(OSLO), { ...MACHINE, id: 'tilgang-innbygger' });
  t.equal(await faultsOf(citizens), 'client-exists', 'that of the page where persons see what they have given is nobody’s');
  await changeClient(room, machine(OSLO), value.id, 'any', { ...MACHINE, name: 'Et annet navn' });
  t.equal(await listed(false), 'oslo-2', 'what does not say that it is active leaves it out of use');
  await changeClient(room, machine(OSLO), value.id, 'any', { ...MACHINE, active: true });
  t.equal(await listed(false), 'oslo-1 oslo-2');
  const actions = (await room.eventsOf('oslo-1')).map(({ action, actor }) => `${action} ${actor}`);
  t.same(
    actions,
    ['create', 'deactivate', 'change', 'change'].map((verb) => `client.${verb} ${OSLO}`),
  );
});

t.test(
  'MP 22, threats 27 and 48: of a client of others nothing is read, and nothing is told that is not told of one that is not there',
  async (t) => {
    const room = await openRoom(t);
    await createClient(room, machine(BERGEN), { ...MACHINE, id: 'bergen-1' });
    const read: unknown[] = [];
    const all = room.store.collection(clients);
    const watched = {
      ...{ get: async (key: string) => noted(await all.get(key)) },
      ...{ query: async (query: never) => noted(await all.query(query)) },
    };
    const noted = <T>(found: T): T => {
      const { items = [found] } = (found ?? { items: [] }) as { readonly items?: readonly unknown[] };
      read.push(...items);
      return found;
    };
    const store = new Proxy(room.store, {
      get: (target, name) => {
        if (name === 'collection') return (entity: never) => (entity === clients ? watched : target.collection(entity));
        const member = target[name as 'read'];
        return typeof member === 'function' ? member.bind(target) : member;
      },
    });
    const parts = { ...room, judge: room.judge, store };
    const tell = async (id: string): Promise<object> => {
      const { slug, detail, at } = (await readClient(parts, machine(OSLO), id).catch((error) => error)) as ProblemError;
      return { slug, detail, at };
    };
    const foreign = await tell('bergen-1');
    t.match(foreign, { slug: 'action-not-allowed', at: [] });
    for (const id of ['bergen-2', '', '../x', 'bergen-1/x', `${OSLO}/bergen-1`, 'a'.repeat(2000)])
      t.same(await tell(id), foreign, id.slice(0, 20));
    t.same(read, [], 'nothing is read');
    t.equal(await faultsOf(deactivateClient(room, machine(OSLO), 'bergen-1', 'any')), 'action-not-allowed');
    t.equal((await readClient(parts, operatorRequest(), 'bergen-1')).value.orgnr, BERGEN);
    t.equal(read.length, 1);
  },
);

t.test('a supplier keeps the clients that it has made for others, and they see them', async (t) => {
  const room = await openRoom(t);
  await room.scope('fhi:a');
  await room.grant(OSLO, 'fhi:a');
  const supplier = machine(VISMA, 'idporten:dcr.supplier', 'idporten:dcr.read', 'idporten:dcr.write');
  const forOslo = { ...MACHINE, id: 'visma-1', orgnr: OSLO };
  t.equal(await faultsOf(createClient(room, machine(VISMA), forOslo)), 'action-not-allowed', 'without the scope for it');
  t.equal(await faultsOf(createClient(room, supplier, { ...forOslo, scopes: ['fhi:a'] })), '/scopes/0', 'by its own access, not by theirs');
  await room.grant(VISMA, 'fhi:a');
  const { value } = await createClient(room, supplier, { ...forOslo, scopes: ['fhi:a'] });
  t.match(value, { orgnr: OSLO, supplier: VISMA });
  for (const one of [OSLO, VISMA]) {
    t.same(
      (await listClients(room, machine(one), {}, { limit: 9 })).items.map(({ value }) => value.id),
      ['visma-1'],
    );
    t.equal((await readClient(room, machine(one), 'visma-1')).value.id, 'visma-1');
    const { events } = await room.store.events.concerning(one, { limit: 9 });
    t.ok(
      events.some(({ entity, key }) => entity === 'client' && key === 'visma-1'),
      `in the history of ${one}`,
    );
  }
  t.equal(await faultsOf(readClient(room, machine(FHI), 'visma-1')), 'action-not-allowed');
  const { jwk } = keyPair('oslo');
  t.equal(
    await faultsOf(replaceKeys(room, machine(OSLO), 'visma-1', 'any', [jwk])),
    'action-not-allowed',
    'whose it is signs nothing in the supplier’s name',
  );
  t.equal(await faultsOf(changeClient(room, machine(OSLO), 'visma-1', 'any', { ...MACHINE, name: 'Min' })), 'action-not-allowed');
  t.equal((await deactivateClient(room, machine(OSLO), 'visma-1', 'any')).value.active, false, 'but ends it');
});

t.test('a secret is told once, and only its fingerprint is kept', async (t) => {
  const room = await openRoom(t);
  const { value, secret = '' } = await createClient(room, machine(OSLO), { ...WEB, tokenEndpointAuthMethod: 'client_secret_basic' });
  t.match(secret, /^[A-Za-z0-9_-]{43}$/);
  t.equal(value.secret?.fingerprint, room.vault.fingerprintOf(`client-secret\0${value.id}\0${secret}`));
  t.equal(value.secret?.until, '2027-11-22T12:00:00.000Z', '360 days');
  const next = await renewSecret(room, machine(OSLO), value.id);
  t.not(next.secret, secret);
  t.not(next.value.secret?.fingerprint, value.secret?.fingerprint);
  const all = JSON.stringify([await readClient(room, machine(OSLO), value.id), await room.eventsOf(value.id)]);
  t.notOk(all.includes(secret) || all.includes(next.secret));
  const { value: plain } = await createClient(room, machine(OSLO), MACHINE);
  t.equal(await faultsOf(renewSecret(room, machine(OSLO), plain.id)), 'client-without-secret');
  const keyed = await changeClient(room, machine(OSLO), value.id, 'any', { ...WEB, tokenEndpointAuthMethod: 'private_key_jwt' });
  t.notOk('secret' in keyed.value, 'who signs has no secret any more');
});

t.test('threat 51: an organisation has as many active clients as it may, however many are made at once', async (t) => {
  const room = await openRoom(t, { clientsPerOrganisation: 3 });
  const made = await Promise.all(Array.from({ length: 8 }, () => faultsOf(createClient(room, machine(OSLO), MACHINE))));
  t.same(made.filter((one) => one === '').length, 3);
  t.ok(made.every((one) => one === '' || one === 'quota-reached'));
  t.equal(await faultsOf(createClient(room, machine(BERGEN), MACHINE)), '', 'another one is not in its way');
  const { items } = await listClients(room, machine(OSLO), {}, { limit: 100 });
  const first = items[0]?.value.id as string;
  await deactivateClient(room, machine(OSLO), first, 'any');
  t.equal(await faultsOf(createClient(room, machine(OSLO), MACHINE)), '');
  t.equal(
    await faultsOf(changeClient(room, machine(OSLO), first, 'any', { ...MACHINE, active: true })),
    'quota-reached',
    'coming back takes a place too',
  );
  t.equal(await faultsOf(createClient(room, operatorRequest(), { ...MACHINE, orgnr: OSLO })), '', 'the operator’s are not counted');
});

t.test('a page of clients is cut by what is in it, and never in silence', async (t) => {
  const room = await openRoom(t);
  const at = '2026-11-27T12:00:00.000Z' as never;
  const { value } = await createClient(room, machine(OSLO), { ...MACHINE, id: 'oslo-000' });
  const heavy = Array.from({ length: 900 }, (_, i) => `fhi:${i}` as never);
  const many = Array.from({ length: 30 }, (_, i) => ({
    value: { ...value, id: `oslo-${String(i + 1).padStart(3, '0')}`, scopes: heavy, seat: i + 500 },
    expect: 'absent' as const,
  }));
  await room.store.collection(clients).putMany(many, { action: 'test', at, actor: 'operator' });
  const ids: string[] = [];
  let pages = 0;
  for (let cursor: string | undefined = ''; cursor !== undefined; pages += 1) {
    const range = cursor === '' ? { limit: 1000 } : { limit: 1000, cursor };
    const page: Awaited<ReturnType<typeof listClients>> = await listClients(room, machine(OSLO), {}, range);
    ids.push(...page.items.map((one) => one.value.id));
    cursor = page.next;
  }
  t.same(ids, ['oslo-000', ...many.map((one) => one.value.id)]);
  t.ok(pages > 1);
});

t.test('a quota of accesses that becomes lower takes none away, and lets none in before there are fewer (fault 4)', async (t) => {
  const room = await openRoom(t, { accessesPerOrganisation: 3 });
  await room.scope('fhi:a');
  const fhi = machine(FHI, 'idporten:scopes.write');
  const granted = (consumer: typeof FHI) => faultsOf(grantAccess(room, fhi, { scope: 'fhi:a', consumer }));
  for (const consumer of [OSLO, VISMA, BERGEN]) t.equal(await granted(consumer), '');
  room.quotas.accessesPerOrganisation = 2;
  for (const consumer of [OSLO, VISMA]) {
    await revokeAccess(room, fhi, { scope: 'fhi:a', consumer });
    t.equal(await granted(FHI), consumer === OSLO ? 'quota-reached' : '');
  }
});
