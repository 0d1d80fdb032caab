import t from 'tap';
import { syntheticOrgnr } from '#demo';
import { toInstant } from '#domain';
import { ownScopes } from '#maskinporten';
import { C, JWT_BEARER, L, NOON, P, said, tokenWorld } from './token-world.js';

const SOURCE = 'https://source.example/';
const other = syntheticOrgnr('En annen');
const organisation = (orgnr: string) => ({ authority: 'iso6523-actorid-upis', ID: `0192:${orgnr}` });

const world = await tokenWorld(t, { ownScopes: ownScopes({ origin: 'https://tilgang.test' }) });
const { put } = world;
await put.scope('t:d', { delegationSource: SOURCE });
await put.scope('t:open', { delegationSource: SOURCE, accessibleForAll: true });
await put.client('l', { orgnr: L, scopes: ['t:d', 't:s', 't:open'] as never });

t.test('MP 16: a supplier gets what the consumer was granted and has delegated, and the token names both', async (t) => {
  const of = (claims: object = {}) => world.ask({ claims: { iss: 'l', scope: 't:d', consumer_org: C, ...claims } });
  t.equal(said(await of()), '403 forbidden MP-250', 'without a grant');
  await put.delegation('t:d');
  t.equal(said(await of()), '403 forbidden MP-250', 'a delegation may be made before, and is not enough');
  await put.access('t:d', L);
  t.equal(said(await of()), '403 forbidden MP-250', 'nor is what the supplier has been granted');
  await put.access('t:d');
  const reply = await of();
  t.equal(reply.status, 200, reply.text);
  const claims = world.claimsOf(reply);
  t.match(claims, { consumer: organisation(C), supplier: organisation(L), delegation_source: SOURCE, client_id: 'l', scope: 't:d' });
  const withdrawn = { withdrawn: { at: toInstant(NOON), by: 'operator' } };
  for (const [why, more] of Object.entries({
    'withdrawn a moment ago': withdrawn,
    ended: { until: toInstant(NOON) },
    'made at another source': { source: 'https://www.altinn.no/' },
  })) {
    await put.delegation('t:d', more);
    const refused = await of();
    t.equal(said(refused), '403 forbidden MP-251', why);
    t.match(refused.json.error_description, new RegExp(`^Consumer ${C} has not delegated access to the scope t:d to supplier ${L} \\(`));
  }
  await put.delegation('t:d', { until: toInstant(NOON + 1) });
  t.equal(said(await of()), '200');
  await put.access('t:d', C, { state: 'DENIED' });
  t.equal(said(await of()), '403 forbidden MP-250', 'the access is told of before the delegation');
  await put.access('t:d');
  t.equal(said(await of({ consumer_org: other })), '403 forbidden MP-250', 'of one consumer alone');
  t.equal(said(await of({ scope: 't:d t:s' })), '400 invalid_scope scope-not-delegable');
});

t.test('MP 16: consumer_org of the client itself, or beside another way to act for somebody, is no request', async (t) => {
  const own = await world.ask({ claims: { iss: 'l', scope: 't:d', consumer_org: L } });
  t.equal(said(own), '400 invalid_request consumer-not-combinable');
  t.match(
    own.json.error_description,
    /^Validation of JWT claim failed: The combination consumer_org in claim and delegation scope on client is invalid/,
  );
  t.equal(said(await world.ask({ claims: { iss: 'l', consumer_org: C, iss_onbehalfof: 'x' } })), '400 invalid_request MP-011');
});

t.test('what was delegated of the product’s own scopes stays delegated when the gateway gets another name', async (t) => {
  await put.client('own', { orgnr: L, scopes: ['ks:fiks', 'idporten:scopes.write'] as never });
  const of = (claims: object = {}) => world.ask({ claims: { iss: 'own', scope: 'ks:fiks', consumer_org: C, ...claims } });
  await put.access('ks:fiks');
  t.equal(said(await of()), '403 forbidden MP-251');
  await put.delegation('ks:fiks', { source: 'own' });
  t.match(world.claimsOf(await of()), {
    supplier: organisation(L),
    delegation_source: 'https://tilgang.example/maskinporten/delegations',
    aud: 'https://tilgang.test',
  });
  await put.delegation('ks:fiks', { source: 'own', withdrawn: { at: toInstant(NOON), by: 'operator' } });
  t.equal(said(await of()), '403 forbidden MP-251');
});

t.test('for whom a client says by itself that it acts opens neither Tilgang’s own APIs nor anything administrative', async (t) => {
  await put.client('self', { orgnr: L, scopes: ['ks:fiks', 'ks:fiks.konsument', 'ks:fiks.tilbyder', 'idporten:scopes.write'] as never });
  await put.onBehalfOf('self', 'them', C);
  for (const scope of ['ks:fiks', 'ks:fiks.konsument', 'ks:fiks.tilbyder']) {
    await put.access(scope, L);
    await put.access(scope);
    await put.delegation(scope, { source: 'own' });
    t.equal(said(await world.ask({ claims: { iss: 'self', scope, iss_onbehalfof: 'them' } })), '400 invalid_scope scope-only-delegated');
  }
});

t.test('what is open to all is delegated, too', async (t) => {
  const of = () => world.ask({ claims: { iss: 'l', scope: 't:open', consumer_org: other } });
  t.equal(said(await of()), '403 forbidden MP-251');
  await put.delegation('t:open', { consumer: other });
  t.equal(said(await of()), '200');
  t.equal(said(await world.ask({ claims: { iss: 'l', scope: 't:open' } })), '200', 'for itself it needs none');
  const claims = world.claimsOf(await world.ask({ claims: { iss: 'l', scope: 't:open' } }));
  t.match(claims, { consumer: organisation(L), supplier: undefined, delegation_source: undefined });
});

t.test('iss_onbehalfof names a consumer that is registered on the client, by the client’s own access, without delegation', async (t) => {
  await put.access('t:s', L);
  await put.onBehalfOf('l', 'kunde', C);
  const of = (claims: object = {}) => world.ask({ claims: { iss: 'l', iss_onbehalfof: 'kunde', ...claims } });
  const claims = world.claimsOf(await of());
  t.match(claims, { consumer: organisation(C), supplier: organisation(L) });
  t.notOk('delegation_source' in claims);
  t.equal(said(await of({ scope: 't:d' })), '400 invalid_scope scope-only-delegated');
  for (const value of ['ukjent', '../l/kunde', '\0', `${'x'.repeat(499)}`, 'c/kunde'])
    t.equal(said(await of({ iss_onbehalfof: value })), '400 invalid_grant onbehalfof-unknown');
  await put.access('t:s', L, { state: 'DENIED' });
  t.equal(said(await of()), '403 forbidden MP-250', 'what its customer has been granted is no help');
});

t.test('a client that a supplier made for a customer needs both to be granted, or a delegation', async (t) => {
  await put.client('made', { orgnr: C, supplier: L, scopes: ['t:s', 't:d'] as never, grantTypes: [JWT_BEARER] });
  const of = (claims: object = {}) => world.ask({ claims: { iss: 'made', ...claims } });
  await put.access('t:s', L, { state: 'DENIED' });
  t.equal(said(await of()), '403 forbidden MP-250', 'the supplier is not granted');
  await put.access('t:s', L);
  t.match(world.claimsOf(await of()), { consumer: organisation(C), supplier: organisation(L), client_id: 'made' });
  await put.access('t:s', C, { state: 'DENIED' });
  t.equal(said(await of()), '403 forbidden MP-250', 'the customer is not granted');
  await put.access('t:s');
  await put.delegation('t:d', { withdrawn: { at: toInstant(NOON), by: 'operator' } });
  t.equal(said(await of({ scope: 't:d' })), '403 forbidden MP-251');
  await put.delegation('t:d');
  t.match(world.claimsOf(await of({ scope: 't:d' })), { consumer: organisation(C), supplier: organisation(L), delegation_source: SOURCE });
  t.equal(said(await of({ consumer_org: P })), '400 invalid_request consumer-not-combinable');
  t.equal(said(await of({ iss_onbehalfof: 'x' })), '400 invalid_request consumer-not-combinable');
});

t.test('a delegation that is kept here counts whatever the gateway is called, and the token names it as it is called now', async (t) => {
  await put.scope('t:own', { delegationSource: 'own' });
  await put.client('l2', { orgnr: L, scopes: ['t:own'] as never });
  await put.access('t:own');
  await put.delegation('t:own', { source: 'own' });
  const reply = await world.ask({ claims: { iss: 'l2', scope: 't:own', consumer_org: C } });
  t.match(world.claimsOf(reply), { supplier: organisation(L), delegation_source: 'https://tilgang.example/maskinporten/delegations' });
});
