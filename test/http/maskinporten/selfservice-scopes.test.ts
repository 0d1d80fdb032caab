import t from 'tap';
import { grantAccess, handOutPrefix, withdrawPrefix } from '#maskinporten';
import type { ProblemError } from '#problem';
import { readAnswerDescription } from '../../fixtures/described-answers.js';
import { type Answer, type AnyHolder, runGateway } from '../../fixtures/gateway.js';
import { DIBK, delegatorOf, FHI, keeperOf, maskinportenSide, OSLO, SUPPLIER } from '../../fixtures/maskinporten.js';

t.setTimeout(120_000);

const described = readAnswerDescription('src/http/maskinporten/selfservice/openapi.yaml');
const fhi = keeperOf(FHI);
const dibk = keeperOf(DIBK);
const oslo = keeperOf(OSLO);
const UNSIGNED = '889640782';
const scopeAt = (name: string): string => `/scopes?scope=${encodeURIComponent(name)}`;
const accessAt = (consumer: string, name: string): string => `/scopes/access/${consumer}?scope=${encodeURIComponent(name)}`;
const namesIn = ({ json }: Answer): readonly string[] => (json as { name: string }[]).map(({ name }) => name);
const fieldsIn = ({ status, json }: Answer): readonly unknown[] => [
  status,
  ...json.errors.map((one: { fieldIdentifier: string }) => one.fieldIdentifier),
];
const told = ({ status, json }: Answer): string => `${status} ${json?.error ?? ''}`.trim();

/** Why a command is refused. */
const refused = (command: Promise<unknown>): Promise<string> =>
  command.then(
    () => 'not at all',
    ({ slug }: ProblemError) => slug,
  );

const gateway = await runGateway(t, { refusalsPerMinute: 1e6, scopesPerOrganisation: 8, accessesPerOrganisation: 2 });
const { send, parts, operator } = await maskinportenSide(t, gateway);
const make = (holder: AnyHolder, prefix: string, subscope: string, more: object = {}): Promise<Answer> =>
  send(holder, 'POST', '/scopes', { prefix, subscope, description: 'Til prøve', ...more });

t.test('MP 20: a scope stands under a prefix of its owner, is named once, hidden by DELETE and revived by PUT', async (t) => {
  const made = await make(fhi, 'fhi', 'beredskap/oversikt.read', { allowed_integration_types: ['maskinporten'], at_max_age: 30 });
  t.equal(told(made), '200');
  t.equal(described.faultsOf('createScope', made), '');
  const { name } = made.json;
  t.match(made.json, {
    name: 'fhi:beredskap/oversikt.read',
    visibility: 'PUBLIC',
    token_type: 'SELF_CONTAINED',
    authorization_max_lifetime: 30,
    active: true,
    owner_orgno: FHI,
    owner_organization_name: 'Folkehelseinstituttet',
  });
  t.same((await send(fhi, 'GET', `/scopes/scope?scope=${encodeURIComponent(name)}`)).json, made.json);

  t.equal(told(await make(dibk, 'fhi', 'vaksine.read')), '403 action-not-allowed', 'a prefix of another organisation');
  t.equal(told(await make(fhi, 'ingens', 'vaksine.read')), '403 action-not-allowed', 'a prefix that nobody has');
  t.equal(told(await make(fhi, 'idporten', 'vaksine.read')), '403 action-not-allowed', 'a prefix of the product');
  t.equal(told(await make(fhi, 'fhi', 'beredskap/oversikt.read')), '409 scope-exists');
  t.equal(told(await make(fhi, 'fhi', 'Beredskap/oversikt.read')), '409 scope-exists', 'other letter case is the same to the eye');

  const terms = { description: 'Til prøve', allowed_integration_types: ['maskinporten'], at_max_age: 30 };
  for (const other of [{ subscope: 'annet.read' }, { prefix: 'dibk' }, { name: 'fhi:annet.read' }]) {
    t.equal(told(await send(fhi, 'PUT', scopeAt(name), { ...terms, ...other })), '400 invalid-request', 'a name stays');
  }
  t.equal(told(await send(fhi, 'PUT', accessAt(OSLO, name))), '200');

  const gone = await send(fhi, 'DELETE', scopeAt(name));
  t.same([gone.status, gone.json.active], [200, false]);
  t.notOk(namesIn(await send(fhi, 'GET', '/scopes')).includes(name), 'hidden from the own list');
  t.notOk(namesIn(await send(null, 'GET', '/scopes/all')).includes(name), 'and from the open one');
  t.ok(namesIn(await send(fhi, 'GET', '/scopes?inactive=true')).includes(name));
  t.ok(namesIn(await send(null, 'GET', '/scopes/all?inactive=true')).includes(name));
  t.equal(told(await make(fhi, 'fhi', 'beredskap/oversikt.read')), '409 scope-exists', 'also while it is deactivated');
  t.equal(told(await send(fhi, 'PUT', accessAt(DIBK, name))), '409 scope-not-active', 'nothing is granted meanwhile');
  t.equal((await send(fhi, 'DELETE', scopeAt(name))).headers.get('etag'), gone.headers.get('etag'), 'once more changes nothing');

  // As it was read: what only the service says may come along.
  const { active: _, ...unsaid } = gone.json;
  t.equal(
    (await send(fhi, 'PUT', scopeAt(name), { ...unsaid, description: 'Et annet' })).json.active,
    false,
    'what is not said of it stays',
  );
  const revived = await send(fhi, 'PUT', scopeAt(name), { ...gone.json, active: true });
  t.same([revived.status, revived.json.active, revived.json.created], [200, true, made.json.created]);
  const [access] = (await send(oslo, 'GET', '/scopes/access/all')).json.filter(({ scope }: { scope: string }) => scope === name);
  t.match(access, { state: 'APPROVED', owner_orgno: FHI, consumer_orgno: OSLO }, 'what was granted is there again');
});

/** The names of rows but for those that the demo's world has of its own. */
function named(rows: readonly Readonly<Record<string, string>>[], member: 'name' | 'scope'): (string | undefined)[] {
  return rows.map((row) => row[member]).filter((name) => !gateway.world.maskinporten.scopes.some((one) => one.name === name));
}

t.test('a change may name what it was made from', async (t) => {
  const { json, headers } = await make(fhi, 'fhi', 'etag.read');
  const etag = headers.get('etag') as string;
  const change = (description: string, match: string): Promise<Answer> =>
    send(fhi, 'PUT', scopeAt(json.name), { description }, { 'If-Match': match });
  const [one, other] = await Promise.all([change('Den ene', etag), change('Den andre', etag)]);
  t.same([told(one), told(other)].sort(), ['200', '412 precondition-failed']);
  t.equal(told(await change('En tredje', '"0"')), '412 precondition-failed');
  t.same(fieldsIn(await change('En tredje', '3')), [400, 'If-Match']);
  t.equal(told(await send(fhi, 'DELETE', scopeAt(json.name), undefined, { 'If-Match': etag })), '412 precondition-failed');
});

t.test('MP 21: granting twice is one access; who may not, and what is none, is told by its status', async (t) => {
  const { name } = (await make(fhi, 'fhi', 'tilgang.read')).json;
  const first = await send(fhi, 'PUT', accessAt(OSLO, name));
  const second = await send(fhi, 'PUT', accessAt(OSLO, name));
  t.same([first.status, second.status, second.headers.get('etag')], [200, 200, first.headers.get('etag')]);
  t.equal(described.faultsOf('grantAccess', first), '');
  const listed = await send(fhi, 'GET', `/scopes/access?scope=${encodeURIComponent(name)}`);
  t.same(listed.json, [first.json], 'one entry');
  t.equal(first.json.consumer_organization_name, 'Oslo kommune');
  const ofOslo = named((await send(fhi, 'GET', `/scopes/access?consumer_orgno=${OSLO}`)).json, 'scope');
  t.same(ofOslo, ['fhi:beredskap/oversikt.read', name], 'and by consumer, with the other test’s');

  for (const wrong of ['958935421', '123456789', '0192:958935420', 'x']) {
    t.same(fieldsIn(await send(fhi, 'PUT', accessAt(wrong, name))), [400, 'consumer_orgno'], wrong);
    t.same(fieldsIn(await send(fhi, 'GET', `/scopes/access?consumer_orgno=${wrong}`)), [400, 'consumer_orgno'], wrong);
  }
  t.equal(told(await send(dibk, 'PUT', accessAt(OSLO, name))), '403 action-not-allowed');
  t.equal(told(await send({ orgnr: FHI, scopes: ['idporten:scopes.read'] }, 'PUT', accessAt(OSLO, name))), '403 scope-missing');
  t.equal(told(await send(delegatorOf(FHI), 'GET', '/scopes')), '403 scope-missing');
  t.equal(told(await send(null, 'PUT', accessAt(OSLO, name))), '401 token-missing');
  const expired = await gateway.send(null, 'GET', '/maskinporten/api/v1/scopes', undefined, { Authorization: 'Bearer x' });
  t.equal(told(expired), '401 token-invalid');
  t.match(expired.headers.get('www-authenticate'), /^Bearer .*error="invalid_token"/);
  for (const [method, path] of [
    ['GET', '/scopes'],
    ['PUT', accessAt(OSLO, name)],
    ['GET', '/prefix'],
    ['GET', '/scopes/access/all'],
  ] as const) {
    t.equal(told(await send(keeperOf(UNSIGNED), method, path)), '428 terms-unsigned', path);
  }
  const bySupplier: AnyHolder = { orgnr: FHI, scopes: ['idporten:scopes.write'], supplier: SUPPLIER };
  t.equal(
    told(await send(bySupplier, 'PUT', accessAt(SUPPLIER, name))),
    '403 action-not-allowed',
    'whoever says to act for FHI keeps nothing of it',
  );

  await t.test('revoked it is DENIED, hidden, and granted again it is as before', async (t) => {
    const revoked = await send(fhi, 'DELETE', accessAt(OSLO, name));
    t.same([revoked.status, revoked.json.state], [200, 'DENIED']);
    t.same((await send(fhi, 'GET', `/scopes/access?scope=${encodeURIComponent(name)}`)).json, []);
    t.match((await send(fhi, 'GET', `/scopes/access?scope=${encodeURIComponent(name)}&inactive=true`)).json, [{ state: 'DENIED' }]);
    t.equal(told(await send(fhi, 'DELETE', accessAt(DIBK, name))), '404 not-found', 'what was never granted');
    const again = await send(fhi, 'PUT', accessAt(OSLO, name), { until: '2099-12-31' });
    t.match(again.json, { state: 'APPROVED', until: '2099-12-31T23:00:00.000Z', created: first.json.created });
    t.same(fieldsIn(await send(fhi, 'PUT', accessAt(OSLO, name), { until: '2020-01-01' })), [400, '/until']);
    t.equal((await send(fhi, 'PUT', accessAt(OSLO, name))).json.until, undefined, 'without a body it has no end');
  });
});

t.test('what another organisation has is told as what nobody has (threats 27, 48)', async (t) => {
  const secret = (await make(dibk, 'dibk', 'hemmelig.read', { visibility: 'PRIVATE' })).json.name;
  const without = ({ json: { timestamp: _, correlation_id: __, ...rest } }: Answer): object => rest;
  const tries = (name: string): Promise<readonly object[]> =>
    Promise.all([
      send(fhi, 'GET', `/scopes/scope?scope=${encodeURIComponent(name)}`).then(without),
      send(fhi, 'PUT', scopeAt(name), { description: 'x' }).then(without),
      send(fhi, 'DELETE', scopeAt(name)).then(without),
      send(fhi, 'PUT', accessAt(OSLO, name)).then(without),
      send(fhi, 'DELETE', accessAt(OSLO, name)).then(without),
      send(fhi, 'GET', `/scopes/access?scope=${encodeURIComponent(name)}`).then(without),
      send(delegatorOf(FHI), 'PUT', `/delegations/${SUPPLIER}?scope=${encodeURIComponent(name)}`).then(without),
    ]);
  const [foreign, unknown, nobodys, ...odd] = await Promise.all(
    [secret, 'dibk:annet.read', 'ingen:annet.read', 'x', 'fhi:', `fhi:${'a'.repeat(280)}`, 'constructor:x', '{"$gt":""}'].map(tries),
  );
  t.same(unknown, foreign);
  for (const other of [nobodys, ...odd]) t.same(other, foreign);
  t.equal(new Set(foreign?.slice(0, 6).map((one) => (one as { status: number }).status)).size, 1, 'all of them 403');
  t.notOk(namesIn(await send(null, 'GET', '/scopes/all?inactive=true')).includes(secret), 'nor is a private one listed');
});

t.test('names and texts are taken by one rule, and what is wrong is named and not quoted (threats 26, 32)', async (t) => {
  const wrong: readonly (readonly [object, string])[] = [
    [{ subscope: 'vaksine read' }, '/subscope'],
    [{ subscope: 'vаksine.read' }, '/subscope'],
    [{ subscope: 'a//b' }, '/subscope'],
    [{ subscope: '.read' }, '/subscope'],
    [{ subscope: 'person/20914695016' }, '/subscope'],
    [{ description: 'Om 20914695016' }, '/description'],
    [{ description: 'skjult\u200btekst' }, '/description'],
    [{ long_description: 'Se <script>' }, '/long_description'],
    [{ descriptions: { nb: 'Ja', en: 'x\u0000' } }, '/descriptions/en'],
    [{ descriptions: { no: 'Ja' } }, '/descriptions'],
    [{ visibility: 'INTERNAL' }, '/visibility'],
    [{ delegation_source: 'https://evil.example' }, '/delegation_source'],
    [{ enforced_aud_for_access_token: 'javascript:alert(1)' }, '/enforced_aud_for_access_token'],
    [{ allowed_integration_types: ['maskinporten', 'x'] }, '/allowed_integration_types/1'],
    [{ at_max_age: -1 }, '/at_max_age'],
    [{ prefix: { $gt: '' } }, '/prefix'],
    [{ name: 'fhi:noe.annet' }, '/name'],
    [{ hvasomhelst: 1 }, '/hvasomhelst'],
  ];
  for (const [more, field] of wrong) {
    const answer = await make(fhi, 'fhi', 'navn.read', more);
    t.equal(answer.status, 400, field);
    t.ok(
      fieldsIn(answer).some((one) => String(one).startsWith(field)),
      `${field}: ${answer.text}`,
    );
    t.equal(described.faultsOf('createScope', answer), '');
    for (const sent of Object.values(more))
      if (typeof sent === 'string' && sent.length > 10) t.notOk(answer.text.includes(sent), 'not quoted');
  }
  const long = '# Vaksiner\n\n* hvem (og når) – se [siden](https://fhi.example/vaksine#liste)';
  t.equal((await make(fhi, 'fhi', 'navn/langt.write', { long_description: long })).json.long_description, long);
});

t.test('lists come whole as far as the limit goes, and the rest is behind the header Link', async (t) => {
  const all = namesIn(await send(fhi, 'GET', '/scopes?inactive=true'));
  t.ok(all.length >= 4);
  const found: string[] = [];
  let path: string | undefined = '/scopes?inactive=true&limit=1';
  for (let pages = 0; path !== undefined && pages < 20; pages += 1) {
    const answer: Answer = await send(fhi, 'GET', path);
    t.equal(described.faultsOf('listScopes', answer), '');
    found.push(...namesIn(answer));
    const next = /<\/maskinporten\/api\/v1([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '');
    path = next?.[1];
  }
  t.same(found, all);
  t.same(fieldsIn(await send(fhi, 'GET', '/scopes?cursor=x')), [400, 'cursor']);
  t.same(fieldsIn(await send(fhi, 'GET', '/scopes?limit=1001')), [400, 'limit']);
  const filtered = namesIn(await send(null, 'GET', '/scopes/all?prefix=ks'));
  t.same(filtered, ['ks:fiks', 'ks:fiks.begrunnelse', 'ks:fiks.tilbyder', 'ks:fiks.konsument'], 'the product’s own are listed too');
  const own = (await send(null, 'GET', '/scopes/all?prefix=ks')).json[0];
  t.match(own, { enforced_aud_for_access_token: gateway.origin, delegation_source: `${gateway.origin}/maskinporten/delegations` });
});

t.test(
  'threat 27, 52: a cursor of another list, another organisation or another query leads to nothing that is not one’s own',
  async (t) => {
    const nextOf = (answer: Answer): string =>
      /<\/maskinporten\/api\/v1([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1] ?? '';
    const cursorOf = (answer: Answer): string => new URLSearchParams(nextOf(answer).split('?')[1]).get('cursor') ?? '';
    for (const subscope of ['a', 'b', 'c']) t.equal((await make(dibk, 'dibk', `peker/${subscope}`)).status, 200);
    const theirs = cursorOf(await send(fhi, 'GET', '/scopes?inactive=true&limit=1'));
    const ours = cursorOf(await send(dibk, 'GET', '/scopes?limit=1'));
    t.ok(theirs !== '' && ours !== '' && theirs !== ours);
    const altered = [...ours].map((_, at) => `${ours.slice(0, at)}${ours[at] === 'A' ? 'B' : 'A'}${ours.slice(at + 1)}`);
    for (const cursor of [theirs, ...altered.slice(0, 40), ours.slice(0, -1), `${ours}A`, `${ours}/../${theirs}`]) {
      for (const path of ['/scopes?limit=100', '/scopes/access/all?limit=100', '/scopes/all?prefix=dibk']) {
        const answer = await send(dibk, 'GET', `${path}&cursor=${encodeURIComponent(cursor)}`);
        if (answer.status !== 200) t.same(fieldsIn(answer), [400, 'cursor'], path);
        else
          t.ok(
            (answer.json as { name?: string }[]).every(({ name = '' }) => name === '' || name.startsWith('dibk:')),
            path,
          );
      }
    }
    // While one goes through a list it changes: what stays is told once.
    const found: string[] = [];
    let path = '/scopes?limit=1';
    for (let page = 0; path !== '' && page < 20; page += 1) {
      const answer: Answer = await send(dibk, 'GET', path);
      found.push(...namesIn(answer));
      if (page === 0) t.equal((await send(dibk, 'DELETE', scopeAt(found[0] as string))).status, 200);
      if (page === 1) t.equal((await make(dibk, 'dibk', 'aa')).status, 200, 'before where one is');
      path = nextOf(answer);
    }
    t.same(found, [...new Set(found)], 'none twice');
    const left = namesIn(await send(dibk, 'GET', '/scopes'));
    t.same(
      left.filter((name) => !found.includes(name)),
      ['dibk:aa'],
      'none left out that was there all the time',
    );
  },
);

t.test('the old paths lead to the same, and the description stands there too', async (t) => {
  const { origin } = gateway;
  const old = await gateway.get('/maskinporten/scopes/all?prefix=fhi');
  t.same([old.status, old.json], [200, (await gateway.get('/maskinporten/api/v1/scopes/all?prefix=fhi')).json]);
  t.equal((await gateway.get('/maskinporten/api/v1/openapi.json')).json.info.title, 'maskinporten-selvbetjening-v1');
  const unknown = await fetch(`${origin}/maskinporten/scopes/finnes-ikke`);
  t.same(
    [unknown.status, ((await unknown.json()) as { error: string }).error],
    [404, 'not-found'],
    'a path that is none has the same body',
  );
  t.equal(told(await gateway.send(null, 'DELETE', '/maskinporten/scopes/all')), '405 method-not-allowed');
});

t.test('prefixes: everybody sees whose they are; one that is in use, reserved or looks like another one is not to be had', async (t) => {
  t.match((await send(fhi, 'GET', '/prefix')).json, [
    { prefix: 'fhi', owner_orgno: FHI, organization_name: 'Folkehelseinstituttet', active: true },
  ]);
  t.same(
    (await send(null, 'GET', '/prefix/all')).json.map(({ prefix }: { prefix: string }) => prefix),
    ['dibk', 'fhi', 'skatteetaten'],
  );
  for (const prefix of ['ks', 'idporten', '1dporten', 'maskinporten', 'g1oba1', 'krr', 'Fhi', 'f', 'f:x', '910753614', '20914695016'])
    t.equal(await refused(handOutPrefix(parts, operator, { prefix, owner: OSLO })), 'invalid-request', prefix);
  for (const prefix of ['fhi', 'f-h-i', 'fh1'])
    t.equal(await refused(handOutPrefix(parts, operator, { prefix, owner: OSLO })), 'prefix-in-use', prefix);
  t.equal(await refused(withdrawPrefix(parts, operator, 'fhi')), 'prefix-in-use', 'it has active scopes');
  await handOutPrefix(parts, operator, { prefix: 'oslo', owner: OSLO });
  const { name } = (await make(oslo, 'oslo', 'x.read')).json;
  await send(oslo, 'DELETE', scopeAt(name));
  await withdrawPrefix(parts, operator, 'oslo');
  t.equal(told(await make(oslo, 'oslo', 'y.read')), '403 action-not-allowed');
  t.equal(told(await send(oslo, 'PUT', scopeAt(name), { description: 'x' })), '403 action-not-allowed', 'nor is one revived under it');
  t.equal(await refused(handOutPrefix(parts, operator, { prefix: 'oslo', owner: DIBK })), 'prefix-in-use', 'its names stay Oslo’s');
});

t.test('the product’s own scopes are granted by the operator alone', async (t) => {
  const own = 'idporten:scopes.write';
  t.equal(told(await send(fhi, 'PUT', accessAt(OSLO, own))), '403 action-not-allowed');
  const { value } = await grantAccess(parts, operator, { scope: own, consumer: OSLO });
  t.equal(value.state, 'APPROVED');
  t.ok((await send(oslo, 'GET', '/scopes/access/all')).json.some(({ scope }: { scope: string }) => scope === own));
  t.equal(told(await send(fhi, 'DELETE', accessAt(OSLO, own))), '403 action-not-allowed');
});

t.test('an organisation has no more scopes and accesses than it may, however many ask at once', async (t) => {
  const all = await Promise.all(Array.from({ length: 12 }, (_, i) => make(dibk, 'dibk', `mange/${i}.read`)));
  const outcomes = all.map(told);
  t.same([...new Set(outcomes)].sort(), ['200', '409 quota-reached']);
  const made = named((await send(dibk, 'GET', '/scopes')).json, 'name');
  t.equal(made.length, 8);
  const [name = ''] = made;
  const consumers = [OSLO, SUPPLIER, FHI, UNSIGNED, '910753614'];
  const granted = await Promise.all(consumers.map((orgnr) => send(dibk, 'PUT', accessAt(orgnr, name))));
  t.equal(granted.map(told).filter((one) => one === '200').length, 2);
  const [one] = (await send(dibk, 'GET', `/scopes/access?scope=${encodeURIComponent(name)}`)).json;
  await send(dibk, 'DELETE', accessAt(one.consumer_orgno, name));
  t.equal(told(await send(dibk, 'PUT', accessAt('991825827', name))), '200', 'what is revoked makes room');
});
