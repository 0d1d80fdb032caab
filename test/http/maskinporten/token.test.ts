import t from 'tap';
import { faultCatalogue } from '#maskinporten';
import { C, clientKey, described, first, JWT_BEARER, L, NOON, said, second, signed, tokenWorld } from './token-world.js';

const SECOND = 1000;
const iat = NOON / SECOND;
const YEAR_MS = 365 * 86_400 * SECOND;

// One for all: a store and its rules take most of the time. Each test has clients and scopes of its own, but for those that only read.
const world = await tokenWorld(t);
const { put } = world;
const asked = async (claims: Record<string, unknown>) => said(await world.ask({ claims }));

t.test('MP 1: a fresh grant of a client with a granted scope gives a token as Maskinporten’s', async (t) => {
  const reply = await world.ask();
  t.equal(reply.status, 200, reply.text);
  t.same({ ...reply.json, access_token: undefined }, { access_token: undefined, token_type: 'Bearer', expires_in: 120, scope: 't:s' });
  t.equal(reply.headers.get('cache-control'), 'no-store');
  t.equal(reply.headers.get('pragma'), 'no-cache');
  const { jti, ...claims } = world.claimsOf(reply);
  t.type(jti, 'string');
  t.same(claims, {
    iss: world.issuer,
    scope: 't:s',
    client_id: 'c',
    client_amr: 'private_key_jwt',
    token_type: 'Bearer',
    consumer: { authority: 'iso6523-actorid-upis', ID: `0192:${C}` },
    iat,
    exp: iat + 120,
  });
  t.ok(world.issuer.endsWith('/'));
});

t.test('MP 2: an assertion is used once, and so is a jti of a client', async (t) => {
  const once = world.assertion();
  t.equal((await world.ask(once)).status, 200);
  const again = await world.ask(once);
  t.equal(said(again), '400 invalid_grant MP-012');
  t.match(again.json.error_description, /^Grant is used before \(trace_id: [0-9a-f]{32}\)$/);
  t.equal(again.json.error_uri, `${world.issuer}errors/MP-012`);
  t.equal(again.headers.get('cache-control'), 'no-store');
  const claims = { jti: 'one' };
  t.equal(await asked(claims), '200');
  t.equal(await asked({ ...claims, exp: iat + 50 }), '400 invalid_grant MP-012', 'a new one with the same jti');
  await put.client('other');
  t.equal(await asked({ ...claims, iss: 'other' }), '200', 'of another client');
  const without = world.assertion({ claims: { jti: undefined } });
  t.equal((await world.ask(without)).status, 200);
  t.equal(said(await world.ask(without)), '400 invalid_grant MP-012', 'without a jti all of it counts');
  t.equal(await asked({ jti: undefined, exp: iat + 99 }), '200');
});

t.test('MP 3: an aud that is not the issuer alone is MP-110 (threat 31)', async (t) => {
  const { issuer, origin } = world;
  const wrong = [issuer.slice(0, -1), `${origin}/maskinporten/token`, 'https://maskinporten.no/', origin, '', undefined, null, 1, {}, []];
  for (const aud of [...wrong, [issuer, 'https://maskinporten.no/'], [issuer, issuer], [[issuer]], issuer.toUpperCase(), ` ${issuer}`]) {
    const reply = await world.ask({ claims: { aud } });
    t.equal(said(reply), '400 invalid_grant MP-110', JSON.stringify(aud));
    t.match(reply.json.error_description, /^Invalid assertion\. Client authentication failed\. Invalid JWT claim aud \(trace_id/);
  }
  t.equal(await asked({ aud: [issuer] }), '200', 'an array of one is the same as that one (RFC 7519)');
});

t.test('MP 4: an assertion lives for the configured time at most, reckoned without a skew (threat 31)', async (t) => {
  t.equal(await asked({ exp: iat + 120 }), '200');
  const reply = await world.ask({ claims: { exp: iat + 121 } });
  t.equal(said(reply), '400 invalid_grant lifetime-too-long');
  t.match(reply.json.error_description, /JWT has too long lifetime/);
  t.equal(await asked({ iat: iat - 60, exp: iat + 61 }), '400 invalid_grant lifetime-too-long');
  t.equal(await asked({ exp: iat }), '400 invalid_request MP-011', 'it has to live at all');
});

t.test('MP 5: clocks may be ten seconds apart (threat 31)', async (t) => {
  t.equal(await asked({ iat: iat + 10, exp: iat + 100 }), '200');
  const late = await world.ask({ claims: { iat: iat + 11, exp: iat + 100 } });
  t.equal(said(late), '400 invalid_grant issued-later');
  t.match(late.json.error_description, /^Issue time is after now/);
  t.equal(await asked({ nbf: iat + 10 }), '200');
  t.equal(await asked({ nbf: iat + 11 }), '400 invalid_grant issued-later');
  t.equal(await asked({ iat: iat - 100, exp: iat - 10 }), '200');
  const over = await world.ask({ claims: { iat: iat - 100, exp: iat - 11 } });
  t.equal(said(over), '400 invalid_grant MP-130');
  t.match(over.json.error_description, /^JWT is expired/);
});

t.test('MP 6: an unknown and a deactivated client are one MP-100', async (t) => {
  await put.client('off', { active: false });
  const [off, unknown] = await Promise.all(['off', 'nobody'].map((iss) => world.ask({ claims: { iss } })));
  const shape = (reply: typeof off) => [reply?.status, reply?.text.replace(/trace_id: \w+/, ''), [...(reply?.headers.keys() ?? [])]];
  t.same(shape(off), shape(unknown));
  t.equal(said(off as never), '400 invalid_grant MP-100');
  t.match(off?.json.error_description, /^Invalid assertion\. Client authentication failed\. \(trace_id/);
  for (const iss of ['\0', 'c ', 'C', 'c/', 'c\n', '__proto__', 'x'.repeat(400), 'ø'])
    t.equal(await asked({ iss }), '400 invalid_grant MP-100', iss);
});

t.test('MP 7: a key of another client is unknown', async (t) => {
  await put.client('seven', { keys: [clientKey(second)] });
  const reply = await world.ask({ header: { kid: 'second' }, key: second });
  t.equal(said(reply), '400 invalid_grant unknown-key');
  t.match(reply.json.error_description, /^Unknown key identifier \(kid\) for client\./);
  for (const kid of ['First', 'first ', '__proto__', '../../first'])
    t.equal(said(await world.ask({ header: { kid } })), '400 invalid_grant unknown-key');
});

t.test('MP 8: one of kid and x5c, and kid where the client has keys', async (t) => {
  t.equal(said(await world.ask({ header: { x5c: ['AAAA'] } })), '400 invalid_request MP-011', 'both');
  for (const header of [{ kid: undefined }, { kid: undefined, x5c: ['AAAA'] }]) {
    const reply = await world.ask({ header });
    t.equal(said(reply), '400 invalid_grant registered-key-required');
    t.match(reply.json.error_description, /requires pre-registered jwk/);
  }
  await put.client('keyless', { keys: [] });
  t.equal(said(await world.ask({ header: { kid: undefined }, claims: { iss: 'keyless' } })), '400 invalid_request MP-011', 'neither');
  t.equal(said(await world.ask({ header: { kid: '' } })), '400 invalid_request MP-011');
});

t.test('MP 9: a wrong signature is MP-124 and uses nothing up; other algorithms are refused (threat 31)', async (t) => {
  const used = await world.used();
  const claims = { jti: 'nine' };
  t.equal(said(await world.ask({ claims, header: { kid: 'first' }, key: second })), '400 invalid_grant MP-124');
  const good = world.assertion({ claims });
  const [head = '', body = '', signature = ''] = good.split('.');
  const flipped = signature.replace(/^./, (one) => (one === 'A' ? 'B' : 'A'));
  t.equal(said(await world.ask(`${head}.${body}.${flipped}`)), '400 invalid_grant MP-124');
  t.equal(await world.used(), used);
  t.equal((await world.ask(good)).status, 200, 'the jti is not burnt');
  for (const alg of ['none', 'None', 'HS256', 'ES256', 'PS256', 'rs256', 'RS1', '', null, ['RS256'], undefined])
    t.equal(said(await world.ask({ header: { alg } })), '400 invalid_request MP-011', String(alg));
  t.equal(said(await world.ask({ header: { alg: 'RS512' } })), '400 invalid_grant MP-124', 'a key is for its own algorithm');
  const payload = JSON.parse(Buffer.from(body, 'base64url').toString());
  t.equal(said(await world.ask(`${signed({ alg: 'none' }, payload, undefined)}`)), '400 invalid_request MP-011');
  await put.client('sha512', { keys: [clientKey(first, { alg: 'RS512' })] });
  const longer = signed({ alg: 'RS512', kid: 'first' }, { ...payload, iss: 'sha512' }, first.privateKey, 'sha512');
  t.equal(said(await world.ask(longer)), '200');
});

t.test('MP 11: a key ends at its time and counts again once it is registered anew (threat 31)', async (t) => {
  await put.client('eleven', { keys: [clientKey(first, { until: new Date(NOON).toISOString() as never })] });
  const reply = await world.ask({ claims: { iss: 'eleven' } });
  t.equal(said(reply), '400 invalid_grant MP-121');
  t.match(reply.json.error_description, /Client authentication failed\. Expired key/);
  await put.client('eleven', { keys: [clientKey(first, { until: new Date(NOON + YEAR_MS).toISOString() as never })] });
  t.equal(await asked({ iss: 'eleven' }), '200');
});

t.test('a changed key counts at once, under the same kid', async (t) => {
  await put.client('changed');
  t.equal(await asked({ iss: 'changed' }), '200');
  await put.client('changed', { keys: [{ ...clientKey(second), kid: 'first' }] });
  t.equal(await asked({ iss: 'changed' }), '400 invalid_grant MP-124');
  t.equal(said(await world.ask({ claims: { iss: 'changed' }, header: { kid: 'first' }, key: second })), '200');
});

t.test('MP 12: one scope that is not registered is none at all (threat 32)', async (t) => {
  await put.scope('t:open', { accessibleForAll: true });
  await put.scope('t:off', { active: false, accessibleForAll: true });
  await put.client('twelve', { scopes: ['t:s', 't:off', 't:gone'] as never });
  const of = async (scope: unknown) => said(await world.ask({ claims: { iss: 'twelve', scope } }));
  t.equal(await of('t:s'), '200');
  for (const scope of [
    't:open',
    't:s t:open',
    't:off',
    't:gone',
    'T:S',
    't:S',
    't',
    't:',
    't:s.read',
    't:s/',
    't:*',
    'constructor',
    '__proto__',
    't:s,t:open',
  ])
    t.equal(await of(scope), '400 invalid_scope MP-200', scope);
  const reply = await world.ask({ claims: { iss: 'twelve', scope: 't:s t:open' } });
  t.match(reply.json.error_description, /^Token request contains invalid scopes for client: number 2 of the 2 in the claim scope \(/);
  t.notMatch(reply.text, /t:open/);
  for (const scope of ['', ' t:s', 't:s ', 't:s  t:s', 't:s\tt:s', 't:s\u00a0t:s', 't:s\n', ['t:s'], 1, undefined, null, 't:"s'])
    t.equal(await of(scope), '400 invalid_request MP-011', JSON.stringify(scope));
});

t.test('a scope that is asked for twice is there once; ten thousand are told apart in no time (threat 32)', async (t) => {
  const twice = await world.ask({ claims: { scope: 't:s t:s' } });
  t.equal(twice.json.scope, 't:s');
  const many = Array.from({ length: 10_000 }, (_, i) => `t:${i}`)
    .join(' ')
    .slice(0, 40_000);
  t.equal(await asked({ scope: many }), '400 invalid_request MP-011');
  t.equal(await asked({ scope: Array(10_000).fill('t:s').join(' ') }), '200', 'however often it is the same');
  t.equal(await asked({ scope: Array.from({ length: 200 }, (_, i) => `t:${i}`).join(' ') }), '400 invalid_scope MP-200');
});

t.test('MP 13: a scope is for clients of the types that it takes, and one with a person in it for no machine', async (t) => {
  await put.scope('t:typed', { allowedIntegrationTypes: ['idporten', 'api_klient'], accessibleForAll: true });
  await put.scope('t:login', { requiresUserAuthentication: true, accessibleForAll: true });
  await put.scope('t:consent', { requiresUserConsent: true, accessibleForAll: true });
  await put.client('thirteen', { scopes: ['t:typed', 't:login', 't:consent'] as never });
  for (const scope of ['t:typed', 't:login', 't:consent']) {
    const reply = await world.ask({ claims: { iss: 'thirteen', scope } });
    t.equal(said(reply), '400 invalid_scope MP-201');
    t.match(reply.json.error_description, /^Token request contains scopes not allowed for maskinporten/);
  }
  await put.client('typed', { scopes: ['t:typed'] as never, integrationType: 'api_klient' });
  t.equal(await asked({ iss: 'typed', scope: 't:typed' }), '200');
  await put.client('code', { grantTypes: ['authorization_code'] });
  t.equal(await asked({ iss: 'code' }), '400 unauthorized_client grant-type-not-registered');
});

t.test('MP 14: an access that was withdrawn a moment ago gives no token, and an old token goes on (threat 32)', async (t) => {
  await put.scope('t:fourteen');
  await put.client('fourteen', { scopes: ['t:s', 't:fourteen'] as never });
  const of = () => world.ask({ claims: { iss: 'fourteen', scope: 't:s t:fourteen' } });
  const never = await of();
  t.equal(said(never), '403 forbidden MP-250');
  t.match(never.json.error_description, /^Consumer has not been granted access to the scope t:fourteen \(/);
  await put.access('t:fourteen');
  t.equal(said(await of()), '200');
  for (const state of ['DENIED'] as const) {
    await put.access('t:fourteen', C, { state });
    t.equal(said(await of()), '403 forbidden MP-250', state);
  }
  await put.access('t:fourteen', C, { until: new Date(NOON).toISOString() as never });
  t.equal(said(await of()), '403 forbidden MP-250', 'ended');
  await put.access('t:fourteen', C, { until: new Date(NOON + 1).toISOString() as never });
  t.equal(said(await of()), '200');
  await put.scope('t:fourteen', { active: false });
  t.equal(said(await of()), '400 invalid_scope MP-200', 'the scope itself is withdrawn');
  await put.access('t:fourteen', L);
  t.equal(said(await of()), '400 invalid_scope MP-200');
});

t.test('MP 15: what is open to all needs no access, but to be registered', async (t) => {
  await put.scope('t:fifteen', { accessibleForAll: true });
  await put.client('fifteen', { scopes: ['t:fifteen'] as never });
  t.equal(await asked({ iss: 'fifteen', scope: 't:fifteen' }), '200');
  t.equal(await asked({ scope: 't:fifteen' }), '400 invalid_scope MP-200');
});

t.test('MP 17: the shortest that a scope sets, else the client, says how long a token lives; two hours at most', async (t) => {
  for (const [name, atMaxAge] of Object.entries({ 't:a': 0, 't:b': 60, 't:c': 30, 't:long': 90_000 }))
    await put.scope(name, { atMaxAge, accessibleForAll: true });
  const registered = { scopes: ['t:a', 't:b', 't:c', 't:long'] as never };
  await put.client('seventeen', { ...registered, accessTokenLifetime: 600 });
  const lives = async (scope: string, iss = 'seventeen') => (await world.ask({ claims: { iss, scope } })).json.expires_in;
  t.equal(await lives('t:a t:b t:c'), 30);
  t.equal(await lives('t:b t:a'), 60);
  t.equal(await lives('t:a'), 600);
  t.equal(await lives('t:long'), 7200);
  await put.client('longer', { ...registered, accessTokenLifetime: 100_000 });
  t.equal(await lives('t:a', 'longer'), 7200);
  const reply = await world.ask({ claims: { iss: 'seventeen', scope: 't:a', exp: iat + 10 } });
  const { exp } = world.claimsOf(reply);
  t.equal(exp, iat + 600, 'the life of the assertion is another thing');
});

t.test('MP 18: resource becomes aud, a well-formed pid is handed on, a malformed one is refused', async (t) => {
  const audience = async (resource: unknown, more: object = {}) => {
    const reply = await world.ask({ claims: { resource, ...more } });
    return reply.status === 200 ? world.claimsOf(reply)['aud'] : said(reply);
  };
  t.equal(await audience(['https://api.example.test/x']), 'https://api.example.test/x');
  t.same(await audience(['https://api.example.test/x', 'urn:y']), ['https://api.example.test/x', 'urn:y']);
  for (const wrong of [
    'https://api.example.test/x',
    [],
    [''],
    ['x'],
    ['/x'],
    ['https://a.test/#x'],
    [1],
    {},
    null,
    Array(11).fill('urn:x'),
    [`urn:${'x'.repeat(600)}`],
  ])
    t.equal(await audience(wrong), '400 invalid_request MP-011', JSON.stringify(wrong).slice(0, 40));
  for (const [name, enforcedAudience] of [
    ['t:x', 'urn:x'],
    ['t:y', 'urn:y'],
  ] as const)
    await put.scope(name, { enforcedAudience, accessibleForAll: true });
  await put.client('eighteen', { scopes: ['t:s', 't:x', 't:y'] as never });
  const of = (scope: string, resource?: unknown) => audience(resource, { iss: 'eighteen', scope });
  t.equal(await of('t:x t:s'), 'urn:x', 'a scope may enforce one');
  t.equal(await of('t:x', ['urn:x']), 'urn:x');
  t.equal(await of('t:x', ['urn:y']), '400 invalid_target audience-not-allowed');
  t.equal(await of('t:x t:y'), '400 invalid_target audience-not-allowed');
  const pid = '20914695016';
  t.equal(world.claimsOf(await world.ask({ claims: { pid } }))['pid'], pid);
  for (const wrong of ['20914695017', '123', '', 20914695016, null, [pid]]) {
    const reply = await world.ask({ claims: { pid: wrong } });
    t.equal(said(reply), '400 invalid_request MP-011');
    t.notMatch(reply.text, /2091469501/);
    // A letter that RFC 6749 does not have is told as one.
    t.notMatch(reply.json.error_description, /\?/);
  }
  t.notMatch(world.lines.join('\n'), /2091469501/, 'and never told to the log');
});

t.test('MP 19: authorization details of a type that nobody handles are MP-301', async (t) => {
  const system = { type: 'urn:altinn:systemuser', systemuser_org: { authority: 'iso6523-actorid-upis', ID: `0192:${L}` } };
  t.equal(await asked({ authorization_details: [system] }), '400 invalid_authorization_details MP-301');
  for (const type of ['__proto__', 'constructor'])
    t.equal(await asked({ authorization_details: [{ type }] }), '400 invalid_authorization_details MP-301');
  for (const wrong of [system, [], [1], [null], [{}], 'x', Array(11).fill(system)])
    t.equal(await asked({ authorization_details: wrong }), '400 invalid_request MP-011');
});

t.test('a claim that is not known is refused; nbf and sub are', async (t) => {
  for (const name of ['scopes', 'client_id', '__proto__', 'ISS', 'consumer'])
    t.equal(said(await world.ask(unusual(`{"${name}":"x"}`))), '400 invalid_request MP-011', name);
  t.equal(await asked({ sub: 'c', nbf: iat }), '200');
});

/** The usual claims with others that are written as they are. */
function unusual(more: string, head = '{"alg":"RS256","kid":"first"}'): string {
  const usual = JSON.stringify({ iss: 'c', aud: world.issuer, scope: 't:s', iat, exp: iat + 100 });
  return signed(head, `${usual.slice(0, -1)},${more.slice(1)}`, first.privateKey);
}

t.test('what two readers could read differently, and whatever brings a key of its own, is refused (threats 13, 31, 33)', async (t) => {
  const refused = async (assertion: string, name: string) => {
    const reply = await world.ask(assertion);
    t.equal(said(reply), '400 invalid_request MP-011', name);
    t.notMatch(reply.text, /SyntaxError|JSON at|token '|at position/, 'no words of a parser');
  };
  for (const more of ['{"iss":"c"}', '{"scope":"t:s"}', '{"\\u0069ss":"c"}', '{"resource":[{"a":1,"a":2}]}', '{"pid":"a","pid":"b"}'])
    await refused(unusual(more), `twice: ${more}`);
  const key = { kty: 'RSA', ...first.publicJwk };
  const heads = [
    '{"alg":"RS256","alg":"RS256","kid":"first"}',
    '{"alg":"none","alg":"RS256","kid":"first"}',
    '{"alg":"RS256","kid":"first","crit":["exp"]}',
    '{"alg":"RS256","kid":"first","b64":false}',
    '{"alg":"RS256","kid":"first","cty":"JWT"}',
    `{"alg":"RS256","jwk":${JSON.stringify(key)}}`,
    '{"alg":"RS256","kid":"first","jku":"http://127.0.0.1/keys"}',
    '{"alg":"RS256","kid":"first","x5u":"file:///etc/passwd"}',
    '{"alg":"RS256","kid":1}',
    '["RS256"]',
    'null',
    '{"alg":"RS256","kid":"first"',
    '\ufeff{"alg":"RS256","kid":"first"}',
    `{"alg":"RS256","kid":"first","x":${'['.repeat(20_000)}${']'.repeat(20_000)}}`,
  ];
  for (const head of heads) await refused(unusual('{"sub":"c"}', head), head.slice(0, 60));
  const good = world.assertion({ claims: { jti: 'forms' } });
  const [head = '', body = '', signature = ''] = good.split('.');
  const forms = [
    `${good}.`,
    `.${good}`,
    `${good}.${head}`,
    `${head}..${signature}`,
    `${head}.${body}.`,
    `${head}.${body}`,
    `${good}=`,
    ` ${good}`,
    `${good}\n`,
  ];
  for (const form of [
    ...forms,
    `${head}=.${body}.${signature}`,
    `${head}.${nonCanonical(body)}.${signature}`,
    'x',
    'a.b.c',
    `${'a.'.repeat(4)}a`,
  ])
    await refused(form, form.slice(-20));
  t.equal((await world.ask(good)).status, 200, 'the one that they are made of is good');
  await refused(`${'A'.repeat(60_000)}.${body}.${signature}`, 'a huge header');
  t.equal(
    said(await world.ask(unusual('{"sub":"c"}', '{"alg":"RS256","kid":"first","typ":"JWT","x5t":"AAAA"}'))),
    '200',
    'other headers are passed over',
  );
});

/** The same bytes, spelled otherwise: the last character has bits that nobody reads. */
function nonCanonical(part: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  if (part.length % 4 === 0) return `${part}=`;
  return part.slice(0, -1) + alphabet[alphabet.indexOf(part.slice(-1)) + 1];
}

t.test('claims of another kind than theirs are MP-011, which names the claim and never what was sent', async (t) => {
  const wrong: Record<string, unknown[]> = {
    iss: [undefined, '', 1, null, [], {}, '\ud800'],
    iat: [undefined, '1', null, -1, 1e15],
    exp: [undefined, `${iat + 10}`, null, 1e300],
    nbf: ['x', null],
    jti: ['', 1, null, 'x'.repeat(501)],
    sub: [1],
    consumer_org: ['123456789', 'x', 0, null, `0192:${L}`],
    iss_onbehalfof: ['', 1],
  };
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      const reply = await world.ask({ claims: { [name]: value } });
      t.equal(said(reply), '400 invalid_request MP-011', `${name} ${JSON.stringify(value)}`);
      t.match(reply.json.error_description, new RegExp(`Invalid assertion\\. Invalid parameter value: the claim ${name} must be`));
    }
  }
  t.equal(said(await world.ask(unusual('{"x":1e999}'))), '400 invalid_request MP-011');
  t.equal(await asked({ iat: iat - 0.5, exp: iat + 99.25 }), '200', 'RFC 7519 allows fractions');
});

t.test('the endpoint takes a form with exactly the two parameters, and answers all else in the one shape', async (t) => {
  const good = () => new URLSearchParams({ grant_type: JWT_BEARER, assertion: world.assertion() }).toString();
  const form = async (body: string, init: RequestInit = {}) => {
    const reply = await world.post(body, init);
    if (reply.status !== 200) {
      t.same(Object.keys(reply.json ?? {}), ['error', 'error_description', 'error_uri'], reply.text);
      t.match(reply.json.error_description, /^[ -!#-[\]-~]+ \(trace_id: [0-9a-f]{32}\)$/);
      t.equal(reply.headers.get('content-type'), 'application/json');
      t.equal(reply.headers.get('cache-control'), 'no-store');
      t.equal(reply.headers.get('pragma'), 'no-cache');
      t.notMatch(reply.text, /eyJ/, 'the assertion is never quoted');
    }
    return said(reply);
  };
  const INVALID = '400 invalid_request invalid-form';
  t.equal(await form(''), INVALID);
  t.equal(await form('assertion=x'), INVALID);
  t.equal(await form(`grant_type=${JWT_BEARER}`), INVALID);
  t.equal(await form(`grant_type=${JWT_BEARER}&assertion=`), INVALID);
  t.equal(await form(`${good()}&assertion=x`), INVALID, 'twice');
  t.equal(await form(`${good()}&grant_type=${JWT_BEARER}`), INVALID, 'twice');
  t.equal(await form(`${good()}&client_id=c`), INVALID, 'another parameter');
  t.equal(await form(`${good()}&scope=t:s`), INVALID);
  t.equal(await form('a&'.repeat(30_000)), INVALID);
  t.equal(await form('grant_type=client_credentials&assertion=x'), '400 unsupported_grant_type unsupported-grant-type');
  t.equal(await form('grant_type=%ff&assertion=%zz'), '400 unsupported_grant_type unsupported-grant-type');
  t.equal(await form(`${good()}&`), '200', 'nothing after the last one is nothing');
  t.equal(await form(good(), { headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=UTF-8' } }), '200');
  for (const type of [
    'application/json',
    'multipart/form-data; boundary=x',
    'text/plain',
    'application/x-www-form-urlencoded; charset=utf-16',
  ])
    t.equal(await form(good(), { headers: { 'Content-Type': type } }), '415 invalid_request unsupported-media-type', type);
  t.equal(await form(good(), { headers: { 'Content-Encoding': 'gzip' } }), '415 invalid_request unsupported-media-type');
  t.equal(await form(`grant_type=x&assertion=${'a'.repeat(2 ** 20)}`), '413 invalid_request body-too-large');
  const got = await world.get('/maskinporten/token');
  t.equal(said(got), '405 invalid_request method-not-allowed');
  t.equal(got.headers.get('allow'), 'POST');
  const query = await fetch(`${world.origin}/maskinporten/token?grant_type=x`, { method: 'POST', body: new URLSearchParams(good()) });
  t.equal(query.status, 400);
  t.match(await query.json(), { error: 'invalid_request', error_uri: 'https://tilgang.test/problems/invalid-request' });
});

t.test('an error names the trace that the log knows the request by, the sender’s own if there is one', async (t) => {
  const trace = '0af7651916cd43dd8448eb211c80319c';
  const body = new URLSearchParams({ grant_type: JWT_BEARER, assertion: world.assertion({ claims: { iss: 'nobody' } }) }).toString();
  const own = await world.post(body, { headers: { traceparent: `00-${trace}-b7ad6b7169203331-01` } });
  t.match(own.json.error_description, new RegExp(`\\(trace_id: ${trace}\\)$`));
  const made = (await world.ask({ claims: { iss: 'nobody' } })).json.error_description.slice(-33, -1);
  const line = JSON.parse(world.lines.find((one) => one.includes(made)) ?? '{}');
  t.match(line, {
    route: '/maskinporten/token',
    status: 400,
    problem: 'token-refused',
    detail: 'Invalid assertion. Client authentication failed.',
  });
});

const page = async (path: string, headers: Record<string, string>) => described('lesFeil', await world.get(path, headers));

t.test('each error has a page in Norwegian and English, without scripts, and is JSON for programs', async (t) => {
  for (const [name, { meaning, remedy, text }] of Object.entries(faultCatalogue)) {
    t.match(text, /^[ -!#-[\]-~]+$/, 'what is said is what an error_description may have');
    const path = `/maskinporten/errors/${name}`;
    const norwegian = await page(path, { accept: 'text/html,*/*', 'accept-language': 'nn,en;q=0.5' });
    t.equal(norwegian.status, 200);
    t.match(norwegian.text, /<html lang="nb">/);
    t.ok(norwegian.text.includes(remedy.nb.replaceAll('"', '&quot;')));
    t.notMatch(norwegian.text, /<script|javascript:|\son\w+=/);
    t.match(norwegian.headers.get('content-security-policy'), /^default-src 'none'; style-src 'sha256-[\w+/=]+'; /);
    t.equal(norwegian.headers.get('x-content-type-options'), 'nosniff');
    t.match((await world.get(path, { 'accept-language': 'en-GB' })).text, /<html lang="en">/);
    t.match((await page(path, { accept: 'application/json' })).json, {
      type: `${world.issuer}errors/${name}`,
      meaning: { en: meaning.en },
    });
  }
  t.match((await world.get('/maskinporten/errors/MP-110?lang=en', { 'accept-language': 'nb' })).text, /<html lang="en">/);
  const problem = await page('/maskinporten/errors/MP-110', { accept: 'application/problem+json' });
  t.match([problem.headers.get('content-type'), problem.json.status], ['application/problem+json', 400]);
  for (const name of ['MP-999', 'constructor', '__proto__', '..%2f', 'mp-110'])
    t.equal((await world.get(`/maskinporten/errors/${name}`)).status, 404, name);
});

t.test('how long an assertion may live, and whether unknown claims are passed over, is set', async (t) => {
  const other = await tokenWorld(t, { more: { assertionSeconds: 180, unknownClaims: 'ignore' } });
  t.equal(said(await other.ask({ claims: { exp: iat + 180, unknown: 'x' } })), '200');
  t.equal(said(await other.ask({ claims: { exp: iat + 181 } })), '400 invalid_grant lifetime-too-long');
});

t.test('a token that no API would take is not issued: so many scopes, of such names, are told to be too many (threat 32)', async (t) => {
  const names = Array.from({ length: 120 }, (_, i) => `t:${'long'.repeat(25)}${i}`);
  await Promise.all(names.flatMap((name) => [put.scope(name), put.access(name)]));
  await put.client('many', { scopes: names as never });
  const of = (count: number) => world.ask({ claims: { iss: 'many', scope: names.slice(0, count).join(' ') } });
  const short = await of(100);
  t.equal(short.status, 200, short.text);
  t.ok(short.json.access_token.length > 14_000 && short.json.access_token.length <= 16_384);
  const long = await of(120);
  t.equal(said(long), '400 invalid_scope token-too-long');
  t.match(long.json.error_description, /longer than 16384 characters/);
});
