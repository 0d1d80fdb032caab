import t from 'tap';
import { readAnswerDescription } from '../../fixtures/described-answers.js';
import { type Answer, runGateway } from '../../fixtures/gateway.js';
import { DIBK, FHI, keeperOf, maskinportenSide, OSLO, SUPPLIER } from '../../fixtures/maskinporten.js';

t.setTimeout(120_000);

const described = readAnswerDescription('src/http/maskinporten/selfservice/openapi.yaml');
const admin = (orgnr: string, ...more: string[]) => ({ orgnr, scopes: ['idporten:dcr.read', 'idporten:dcr.write', ...more] });
const oslo = admin(OSLO);
const fhi = keeperOf(FHI);
const MACHINE = { client_name: 'Fagsystem', integration_type: 'maskinporten' };
const WEB = { client_name: 'Min side', integration_type: 'api_klient', redirect_uris: ['https://oslo.example/cb'] };
const fieldsIn = ({ json }: Answer): string => json.errors.map((one: { fieldIdentifier: string }) => one.fieldIdentifier).join(' ');
/** What an answer tells, but for what is the one request's. */
const told = ({ status, json }: Answer) => ({ status, ...json, timestamp: '', correlation_id: '' });

t.test('a client over the API', async (t) => {
  const gateway = await runGateway(t, { refusalsPerMinute: 1e6 });
  const { send } = await maskinportenSide(t, gateway);
  const scope = async (subscope: string, consumer?: string, more: object = {}): Promise<string> => {
    await send(fhi, 'POST', '/scopes', { prefix: 'fhi', subscope, description: 'A', ...more });
    const name = `fhi:${subscope}`;
    if (consumer !== undefined) await send(fhi, 'PUT', `/scopes/access/${consumer}?scope=${encodeURIComponent(name)}`);
    return name;
  };

  await t.test('is made, read, changed, taken out of use and revived, and is as described each time', async (t) => {
    const name = await scope('a', OSLO);
    const made = await send(oslo, 'POST', '/clients', { ...MACHINE, scopes: [name] });
    t.equal(made.status, 200, made.text);
    t.equal(described.faultsOf('createClient', made), '');
    t.match(made.json, {
      client_id: /^[0-9a-f-]{36}$/,
      client_orgno: OSLO,
      client_organization_name: /\S/,
      active: true,
      scopes: [name],
      access_token_lifetime: 120,
      token_endpoint_auth_method: 'private_key_jwt',
    });
    const path = `/clients/${made.json.client_id}`;
    const read = await send(oslo, 'GET', path);
    t.same(read.json, made.json);
    t.equal(read.headers.get('etag'), '"1"');
    const sent = { ...read.json, client_name: 'Nytt navn' };
    const stale = await send(oslo, 'PUT', path, sent, { 'If-Match': '"7"' });
    t.equal(stale.status, 412);
    const changed = await send(oslo, 'PUT', path, sent, { 'If-Match': '"1"' });
    t.equal(changed.status, 200, 'what was read may be sent back as it is');
    t.equal(described.faultsOf('changeClient', changed), '');
    t.match(changed.json, { client_name: 'Nytt navn', created: made.json.created });
    const gone = await send(oslo, 'DELETE', path);
    t.match(gone.json, { active: false });
    const ids = async (query = ''): Promise<string[]> =>
      (await send(oslo, 'GET', `/clients${query}`)).json.map((one: { client_id: string }) => one.client_id);
    t.notOk((await ids()).includes(made.json.client_id));
    t.ok((await ids('?inactive=true')).includes(made.json.client_id));
    t.equal((await send(oslo, 'GET', path)).status, 200, 'and it can be read still');
    await send(oslo, 'PUT', path, { ...sent, active: true });
    t.ok((await ids()).includes(made.json.client_id));
    t.equal((await gateway.get(`/maskinporten${path}`)).status, 401, 'the old path leads there too');
  });

  await t.test('MP 22: a scope that was never granted is refused, and so is another integration type', async (t) => {
    const open = await scope('open', undefined, { accessible_for_all: true });
    const closed = await scope('closed');
    const hidden = await scope('hidden', DIBK, { visibility: 'PRIVATE' });
    const persons = await scope('persons', OSLO, { allowed_integration_types: ['api_klient'] });
    const refused = await send(oslo, 'POST', '/clients', { ...MACHINE, scopes: [open, closed, hidden, 'fhi:none', persons] });
    t.equal(refused.status, 403);
    t.equal(described.faultsOf('createClient', refused), '');
    t.equal(fieldsIn(refused), '/scopes/1 /scopes/2 /scopes/3 /scopes/4');
    const [, unknown, none] = refused.json.errors.map((one: { errorMessage: string }) => one.errorMessage);
    t.equal(unknown, none);
    t.notOk(refused.text.includes('hidden'), 'nothing that was sent is quoted');
    const { json } = await send(oslo, 'POST', '/clients', { ...MACHINE, scopes: [open] });
    const path = `/clients/${json.client_id}`;
    for (const integration_type of ['krr', 'api_klient', 'idporten_saml2']) {
      const answer = await send(oslo, 'PUT', path, { ...MACHINE, integration_type });
      t.same([answer.status, fieldsIn(answer)], [400, '/integration_type']);
    }
    await send(fhi, 'DELETE', `/scopes?scope=${encodeURIComponent(open)}`);
    t.equal(
      (await send(oslo, 'PUT', path, { ...json, client_name: 'B' })).status,
      200,
      'what has been withdrawn since blocks nothing else',
    );
    t.equal((await send(oslo, 'POST', '/clients', { ...MACHINE, scopes: [open] })).status, 403);
  });

  await t.test('MP 22, threats 27 and 41: another organisation’s client is 403, and one that is not there alike', async (t) => {
    const { json } = await send(admin(DIBK), 'POST', '/clients', { ...MACHINE, client_id: 'dibk-1' });
    t.equal(json.client_id, 'dibk-1');
    for (const [method, rest, body] of [
      ['GET', ''],
      ['PUT', '', MACHINE],
      ['DELETE', ''],
      ['POST', '/secret'],
      ['GET', '/jwks'],
      ['DELETE', '/jwks/k'],
      ['GET', '/onbehalfof'],
      ['POST', '/onbehalfof', { onbehalfof: 'a', name: 'A', orgno: OSLO }],
    ] as const) {
      const foreign = await send(oslo, method, `/clients/dibk-1${rest}`, body);
      t.equal(foreign.status, 403, `${method} ${rest}`);
      for (const id of ['dibk-2', '%20', 'a'.repeat(200)]) {
        t.same(told(await send(oslo, method, `/clients/${id}${rest}`, body)), told(foreign), `${method} ${rest} ${id.slice(0, 9)}`);
      }
    }
    const taken = await send(oslo, 'POST', '/clients', { ...MACHINE, client_id: 'dibk-1' });
    t.same([taken.status, taken.json.error], [409, 'client-exists']);
  });

  await t.test('MP 22: a secret is told once, to those that may have one', async (t) => {
    const made = await send(oslo, 'POST', '/clients', { ...WEB, token_endpoint_auth_method: 'client_secret_post' });
    const { client_id: id, client_secret: secret } = made.json;
    t.match(secret, /^[\w-]{43}$/);
    t.equal(made.headers.get('cache-control'), 'no-store');
    const read = await send(oslo, 'GET', `/clients/${id}`);
    t.notOk('client_secret' in read.json);
    t.match(read.json, { client_secret_expires: /Z$/ });
    const renewed = await send(oslo, 'POST', `/clients/${id}/secret`);
    t.equal(described.faultsOf('renewClientSecret', renewed), '');
    t.not(renewed.json.client_secret, secret);
    const changed = await send(oslo, 'PUT', `/clients/${id}`, { ...WEB, token_endpoint_auth_method: 'client_secret_post' });
    const listed = await send(oslo, 'GET', '/clients?inactive=true');
    for (const text of [changed.text, listed.text, gateway.lines.join('')])
      t.notOk(text.includes(secret) || text.includes(renewed.json.client_secret));
    const machine = await send(oslo, 'POST', '/clients', MACHINE);
    const refused = await send(oslo, 'POST', `/clients/${machine.json.client_id}/secret`);
    t.same([refused.status, refused.json.error], [409, 'client-without-secret']);
    t.equal(described.faultsOf('renewClientSecret', refused), '');
  });

  await t.test('needs the scope for it, and for another organisation the supplier’s', async (t) => {
    const only = (...scopes: string[]) => ({ orgnr: OSLO, scopes });
    t.equal((await send(only('idporten:dcr.read'), 'POST', '/clients', MACHINE)).status, 403);
    t.equal((await send(only('idporten:dcr.modify'), 'POST', '/clients', MACHINE)).status, 403);
    t.equal((await send(only('idporten:dcr.write'), 'POST', '/clients', MACHINE)).status, 200);
    t.equal((await send(null, 'POST', '/clients', MACHINE)).status, 401);
    const forOslo = { ...MACHINE, client_orgno: OSLO };
    t.equal((await send(admin(SUPPLIER), 'POST', '/clients', forOslo)).status, 403);
    const made = await send(admin(SUPPLIER, 'idporten:dcr.supplier'), 'POST', '/clients', forOslo);
    t.match(made.json, { client_orgno: OSLO, supplier_orgno: SUPPLIER });
    t.equal((await send(oslo, 'GET', `/clients/${made.json.client_id}`)).status, 200, 'whose it is sees it');
    const unsigned = await send(admin('971526920'), 'POST', '/clients', MACHINE);
    t.equal(unsigned.status, 428);
    t.equal((await send(oslo, 'POST', '/clients', { ...MACHINE, client_orgno: '958935421' })).status, 400);
  });

  await t.test('acts on behalf of those that are named to it, by the newer words or the older', async (t) => {
    const { json } = await send(oslo, 'POST', '/clients', MACHINE);
    const path = `/clients/${json.client_id}/onbehalfof`;
    const modify = { orgnr: OSLO, scopes: ['idporten:dcr/onbehalfof.write', 'idporten:dcr.read'] };
    t.same((await send(modify, 'GET', path)).json, []);
    const made = await send(modify, 'POST', path, {
      onbehalfof: 'kunde-1',
      display_name: 'Kunden',
      url: 'https://kunde.example/',
      orgno: DIBK,
    });
    t.equal(described.faultsOf('addOnBehalfOf', made), '');
    t.match(made.json, { name: 'Kunden', uri: 'https://kunde.example/', organization_name: /\S/ });
    t.equal((await send(modify, 'POST', path, { onbehalfof: 'kunde-1', name: 'B', orgno: DIBK })).status, 409);
    t.equal((await send(modify, 'POST', path, { onbehalfof: 'kunde/2', name: 'B', orgno: DIBK })).status, 400);
    t.equal((await send(modify, 'POST', path, { onbehalfof: 'kunde-2', orgno: DIBK })).status, 400);
    const changed = await send(modify, 'PUT', `${path}/kunde-1`, { name: 'Kunden AS', orgno: DIBK });
    t.match(changed.json, { name: 'Kunden AS', created: made.json.created });
    t.equal((await send(modify, 'PUT', `${path}/kunde-3`, { name: 'C', orgno: DIBK })).status, 404);
    t.equal((await send(modify, 'GET', path)).json.length, 1);
    t.same((await send(modify, 'GET', `${path}/kunde-1`)).json, changed.json);
    const gone = await send(modify, 'DELETE', `${path}/kunde-1`);
    t.same([gone.status, gone.text], [200, '']);
    t.equal((await send(modify, 'GET', `${path}/kunde-1`)).status, 404);
    t.equal((await send(modify, 'DELETE', `${path}/kunde-1`)).status, 404);
  });

  await t.test('a list goes on behind Link', async (t) => {
    const first = await send(oslo, 'GET', '/clients?inactive=true&limit=2');
    t.equal(first.json.length, 2);
    const [, next = ''] = /<\/maskinporten\/api\/v1([^>]*)>; rel="next"/.exec(first.headers.get('link') ?? '') ?? [];
    const second = await send(oslo, 'GET', next);
    t.not(second.json[0].client_id, first.json[1].client_id);
    t.equal((await send(oslo, 'GET', '/clients?cursor=x')).status, 400);
  });
});
