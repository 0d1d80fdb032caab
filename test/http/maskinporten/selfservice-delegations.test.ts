import t from 'tap';
import { type Orgnr, toInstant } from '#domain';
import { createScope, giveDelegation, grantAccess, listPublicScopes } from '#maskinporten';
import { readAnswerDescription } from '../../fixtures/described-answers.js';
import { type Answer, type AnyHolder, runGateway } from '../../fixtures/gateway.js';
import { delegatorOf, FHI, keeperOf, maskinportenSide, OSLO, SUPPLIER } from '../../fixtures/maskinporten.js';

t.setTimeout(120_000);

const described = readAnswerDescription('src/http/maskinporten/selfservice/openapi.yaml');
const told = ({ status, json }: Answer): string => `${status} ${json?.error ?? ''}`.trim();
const NAME = 'fhi:vaksine.read';
const HALF_HOUR_MS = 1_800_000;
const oslo = delegatorOf(OSLO);
const supplier = delegatorOf(SUPPLIER);
const leader: AnyHolder = { person: 'oslo-leder' };
const at = (name = NAME, more = ''): string => `/delegations/${SUPPLIER}?scope=${encodeURIComponent(name)}${more}`;

let now = Date.parse('2026-11-27T12:00:00Z');
const gateway = await runGateway(t, { refusalsPerMinute: 1e6, delegationsPerOrganisation: 3 }, () => now);
const { send, parts, operator } = await maskinportenSide(t, gateway, () => now);
const here = `${gateway.origin}/maskinporten/delegations`;
const make = async (subscope: string, more: object = {}): Promise<string> => {
  const terms = { prefix: 'fhi', subscope, description: 'Til prøve', delegationSource: here, ...more };
  return (await createScope(parts, operator, terms)).value.name;
};
await make('vaksine.read');
/** Of what the demo's world has, nothing. */
const ours = (rows: readonly { readonly scope: string }[]) => rows.filter(({ scope }) => scope === NAME);
const eventsOf = async (person: string, orgnr: string, handling: string) =>
  (await gateway.send({ person }, 'GET', `/konsument-bruker/api/v1/organisasjoner/${orgnr}/hendelser?handling=${handling}`)).json.hendelser;

t.test('a consumer lets a supplier act, with an end, and takes it back; both see it, and nobody else', async (t) => {
  const given = await send(oslo, 'PUT', at(), { until: '2026-11-27T12:30:00Z' });
  t.equal(told(given), '200', given.text);
  t.equal(described.faultsOf('giveDelegation', given), '');
  t.match(given.json, {
    scope: NAME,
    consumer_orgno: OSLO,
    supplier_orgno: SUPPLIER,
    delegation_source: here,
    state: 'ACTIVE',
    until: '2026-11-27T12:30:00.000Z',
  });
  const again = await send(oslo, 'PUT', at(), { until: '2026-11-27T12:30:00Z' });
  t.equal(again.headers.get('etag'), given.headers.get('etag'), 'the same once more changes nothing');
  t.same(ours((await send(oslo, 'GET', '/delegations')).json), [given.json]);
  t.same(ours((await send(supplier, 'GET', '/delegations?role=supplier')).json), [given.json]);
  t.same((await send(supplier, 'GET', '/delegations')).json, [], 'it has delegated nothing itself');
  t.same((await send(delegatorOf(FHI), 'GET', '/delegations?role=supplier')).json, []);
  t.equal(told(await send(delegatorOf(FHI), 'GET', at())), '404 not-found');

  now += HALF_HOUR_MS;
  t.equal((await send(oslo, 'GET', at())).json.state, 'ENDED');
  now -= HALF_HOUR_MS;

  const taken = await send(oslo, 'DELETE', at());
  t.same([taken.status, taken.json.state], [200, 'WITHDRAWN']);
  t.same(ours((await send(oslo, 'GET', '/delegations')).json), []);
  t.match(ours((await send(supplier, 'GET', '/delegations?role=supplier&inactive=true')).json), [{ state: 'WITHDRAWN' }]);
  t.equal((await send(oslo, 'DELETE', at())).headers.get('etag'), taken.headers.get('etag'));
});

t.test(
  'an organisasjonsadministrator delegates; the history names the person to the own organisation, and the organisation to the other',
  async (t) => {
    const body = await send(leader, 'PUT', at(NAME, `&orgno=${OSLO}`));
    t.equal(told(body), '200', body.text);
    const [own] = await eventsOf('oslo-leder', OSLO, 'delegation.give');
    t.match(own, { handling: 'delegation.give', aktor: /^[A-Za-z0-9_-]{43}$/, paaVegneAv: OSLO, tidspunkt: toInstant(now) });
    t.match(own.etter, { konsument: OSLO, leverandor: SUPPLIER, scope: NAME, kilde: 'own', av: own.aktor });
    t.notOk('seat' in own.etter);
    const { events } = await parts.store.events.concerning(SUPPLIER, { limit: 100, newestFirst: true });
    t.equal(events[0]?.action, 'delegation.give', 'it concerns the supplier too');
    const toFhi = (await parts.store.events.concerning(FHI, { limit: 100 })).events.filter(({ action }) => action.startsWith('delegation'));
    t.same(toFhi, [], 'and not the owner of the scope');
  },
);

t.test('the supplier is shown who did it as the organisation', async (t) => {
  // FHI is a supplier that has administrators here.
  const path = `/delegations/${FHI}?scope=${encodeURIComponent(NAME)}&orgno=${OSLO}`;
  t.equal(told(await send(leader, 'PUT', path)), '200');
  t.equal(told(await send(leader, 'DELETE', path)), '200');
  const [taken, given] = await eventsOf('fhi-leder', FHI, 'delegation');
  t.match(given, { handling: 'delegation.give', aktor: OSLO, paaVegneAv: OSLO, etter: { av: OSLO, konsument: OSLO, leverandor: FHI } });
  t.match(taken, { handling: 'delegation.withdraw', aktor: OSLO, foer: { av: OSLO }, etter: { av: OSLO, trukket: { av: OSLO } } });
});

t.test('granting and revoking stands in the history of both', async (t) => {
  const fhi = keeperOf(FHI);
  const path = `/scopes/access/${OSLO}?scope=${encodeURIComponent(NAME)}`;
  t.equal(told(await send(fhi, 'PUT', path)), '200');
  t.equal(told(await send(fhi, 'DELETE', path)), '200');
  const accessesOf = async (person: string, orgnr: string) =>
    (await eventsOf(person, orgnr, 'access')).filter(({ etter }: { etter: { scope: string } }) => etter.scope === NAME);
  const [first, second] = [await accessesOf('fhi-leder', FHI), await accessesOf('oslo-leder', OSLO)];
  t.same(first, second);
  t.match(first, [
    { handling: 'access.revoke', aktor: FHI, foer: { tilstand: 'APPROVED' }, etter: { tilstand: 'DENIED', scope: NAME, konsument: OSLO } },
    { handling: 'access.grant', aktor: FHI, etter: { tilstand: 'APPROVED', eier: FHI } },
  ]);
  t.same(await accessesOf('bergen-leder', (await idOf('bergen-leder')).orgnr), []);
});

const idOf = async (id: string) => gateway.world.administrators.find((one) => one.id === id) as { readonly orgnr: string };

t.test('what may not be delegated, and by whom', async (t) => {
  const foreign = await make('uten.read', { delegationSource: 'https://www.altinn.no' });
  t.equal(told(await send(oslo, 'PUT', at(foreign))), '403 action-not-allowed', 'another one keeps its delegations');
  t.equal(told(await send(oslo, 'PUT', at(await make('ingen.read', { delegationSource: undefined })))), '403 action-not-allowed');
  const secret = await make('hemmelig.read', { visibility: 'PRIVATE' });
  t.equal(told(await send(oslo, 'PUT', at(secret))), told(await send(oslo, 'PUT', at('fhi:finnes.ikke'))), 'a private one is as none');
  await grantAccess(parts, operator, { scope: secret, consumer: OSLO });
  t.equal(told(await send(oslo, 'PUT', at(secret))), '200', 'once it is granted it can be');
  await make('stanset.read', { active: false });
  t.equal(told(await send(oslo, 'PUT', at('fhi:stanset.read'))), '409 scope-not-active');
  t.equal(told(await send(oslo, 'PUT', at('idporten:scopes.write'))), '404 not-found', 'keeping scopes is left to nobody');
  t.equal(told(await send(oslo, 'PUT', at('ks:fiks.konsument'))), '200');

  const byNumber = (orgnr: string): Promise<Answer> => send(oslo, 'PUT', `/delegations/${orgnr}?scope=${NAME}`);
  for (const wrong of [OSLO, '958935421', 'x']) {
    const answer = await byNumber(wrong);
    t.match([answer.status, answer.json.errors], [400, [{ fieldIdentifier: 'supplier_orgno' }]], wrong);
  }
  t.equal(told(await send(oslo, 'PUT', at(), { until: '2026-11-01' })), '400 invalid-request');
  t.equal(told(await send(keeperOf(OSLO), 'PUT', at())), '403 scope-missing');
  t.equal(told(await send({ ...oslo, supplier: SUPPLIER }, 'PUT', at())), '403 action-not-allowed', 'nobody hands on what was handed on');
  t.equal(told(await send({ person: 'oslo-tilgang' }, 'PUT', at(NAME, `&orgno=${OSLO}`))), '403 action-not-allowed');
  t.equal(told(await send(leader, 'PUT', at())), '403 action-not-allowed', 'a person says for whom');
  t.equal(told(await send(leader, 'PUT', at(NAME, `&orgno=${FHI}`))), '403 action-not-allowed');
  t.equal(told(await send(oslo, 'GET', `/delegations?orgno=${FHI}`)), '403 action-not-allowed');
  t.equal(told(await byNumber(FHI)), '409 quota-reached', 'and no more than it may');
});

t.test('a refused attempt is an event of the organisation that it was tried on', async (t) => {
  const path = `/scopes/access/${OSLO}?scope=${encodeURIComponent(NAME)}`;
  t.equal(told(await send(keeperOf(OSLO), 'PUT', path)), '403 action-not-allowed');
  const [event] = await eventsOf('fhi-leder', FHI, 'attempt');
  t.match(event, { handling: 'attempt.refused', aktor: OSLO, etter: { handling: 'access.grant', grunner: ['object_foreign'] } });
});

t.test('terms are signed by an administrator, once; until then all else is 428', async (t) => {
  const { orgnr } = await idOf('bergen-leder');
  const bergen: AnyHolder = { person: 'bergen-leder' };
  const terms = `/terms?orgno=${orgnr}`;
  t.equal(told(await send(bergen, 'GET', `/delegations?orgno=${orgnr}`)), '428 terms-unsigned');
  t.same((await send(bergen, 'GET', terms)).json, { orgno: orgnr, signed: false });
  t.equal(told(await send(keeperOf(orgnr), 'POST', '/terms')), '403 action-not-allowed', 'a machine signs nothing');
  t.equal(told(await send(leader, 'POST', terms)), '403 action-not-allowed');
  const signed = await send(bergen, 'POST', terms);
  t.same(signed.json, { orgno: orgnr, signed: true, signed_at: toInstant(now) });
  t.equal(described.faultsOf('signTerms', signed), '');
  now += 1000;
  t.same((await send(bergen, 'POST', terms)).json, signed.json);
  t.equal(told(await send(bergen, 'GET', `/delegations?orgno=${orgnr}`)), '200');
  t.match(await eventsOf('bergen-leder', orgnr, 'terms'), [{ handling: 'terms.sign', paaVegneAv: orgnr }]);
});

t.test('sources and organisations are told to everybody', async (t) => {
  t.same(
    (await send(null, 'GET', '/delegationsources')).json.map(({ issuer }: { issuer: string }) => issuer),
    [here, 'https://www.altinn.no', 'https://tt02.altinn.no/'],
  );
  t.same((await send(null, 'GET', `/organizations/${OSLO}`)).json, { orgnr: OSLO, name: 'Oslo kommune' });
  for (const unknown of ['889640782', '958935421', 'x'])
    t.equal(told(await send(null, 'GET', `/organizations/${unknown}`)), '404 not-found');
});

t.test('under another address of the gateway the same scopes are delegated by the same source', async (t) => {
  const moved = { ...parts, side: { origin: 'https://moved.example' } };
  const delegationSources = ['https://moved.example/maskinporten/delegations'];
  const { items } = await listPublicScopes(moved, operator, { prefix: 'fhi', delegationSources }, { limit: 10 });
  t.ok(items.some(({ value: { name } }) => name === NAME));
  const again = await giveDelegation(moved, operator, { consumer: OSLO as Orgnr, supplier: SUPPLIER as Orgnr, scope: NAME });
  t.match(again.value, { source: 'own', withdrawn: undefined });
  const listed = (await send(oslo, 'GET', `/scopes/all?prefix=fhi&delegated_sources=${encodeURIComponent(here)}`)).json;
  t.match(
    listed.find(({ name }: { name: string }) => name === NAME),
    { delegation_source: here },
  );
  const all: string[] = [];
  for (let path: string | undefined = '/scopes/all?limit=5'; path !== undefined; ) {
    const { json, headers }: Answer = await send(oslo, 'GET', path);
    t.ok(json.length <= 5, 'no page is longer than was asked for');
    all.push(...json.map(({ name }: { name: string }) => name));
    path = /<\/maskinporten\/api\/v1([^>]+)>; rel="next"$/.exec(headers.get('link') ?? '')?.[1];
  }
  t.same(
    all,
    (await send(oslo, 'GET', '/scopes/all?limit=1000')).json.map(({ name }: { name: string }) => name),
    'and they are all told, once',
  );
  t.ok(all.length > 15);
});
