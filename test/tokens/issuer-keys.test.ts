import { setTimeout as wait } from 'node:timers/promises';
import t from 'tap';
import { claims, clockAt, keyPair, NOW, outcome, signed, startIssuer, verifierFor } from './issuer.js';

const [pair, next] = await Promise.all([keyPair('k1'), keyPair('k2')]);
const MINUTE = 60_000;

t.test('concurrent first requests make one fetch', async (t) => {
  const server = await startIssuer(t, [pair.jwk]);
  const verifier = verifierFor(server.issuer);
  const tokens = await Promise.all(['a', 'b'].map((jti) => signed(pair, claims(server.issuer, { jti }))));
  t.same(await Promise.all(tokens.map((token) => outcome(verifier.verify(token)))), ['taken', 'taken']);
  t.equal(server.fetches(), 1);
});

t.test('an unknown kid is looked for once a minute, however many ask', async (t) => {
  const server = await startIssuer(t, [pair.jwk]);
  const clock = clockAt();
  const verifier = verifierFor(server.issuer, { clock });
  await verifier.verify(await signed(pair, claims(server.issuer)));
  const flood = async () => {
    const tokens = await Promise.all([...Array(20).keys()].map((i) => signed({ ...next, kid: `u${i}` }, claims(server.issuer))));
    return new Set(await Promise.all(tokens.map((token) => outcome(verifier.verify(token)))));
  };
  t.same([...(await flood())], ['token-invalid: The key (kid) is not one of the issuer’s.']);
  await flood();
  t.equal(server.fetches(), 2);
  clock.now += MINUTE;
  await flood();
  t.equal(server.fetches(), 3);
});

t.test('a clock that is set back keeps nobody waiting for keys: a new one is found, a withdrawn one is gone (threat 22)', async (t) => {
  const server = await startIssuer(t, [pair.jwk]);
  const clock = clockAt();
  const lasting = { iat: NOW / 1000 - 7200, exp: NOW / 1000 + 7200 };
  const verifier = verifierFor(server.issuer, { clock });
  const old = await signed(pair, claims(server.issuer, lasting));
  t.equal(await outcome(verifier.verify(old)), 'taken');
  t.match(await outcome(verifier.verify(await signed({ ...next, kid: 'u' }, claims(server.issuer, lasting)))), /is not one of the issuer/);
  clock.now -= 60 * MINUTE;
  server.keys = [next.jwk];
  t.equal(await outcome(verifier.verify(await signed(next, claims(server.issuer, lasting)))), 'taken', 'not an hour later');
  t.match(await outcome(verifier.verify(old)), /is not one of the issuer/);

  const down = await startIssuer(t, [pair.jwk]);
  down.down = true;
  const waiting = verifierFor(down.issuer, { clock });
  const token = await signed(pair, claims(down.issuer, lasting));
  t.match(await outcome(waiting.verify(token)), /issuer-unavailable/);
  down.down = false;
  clock.now -= 60 * MINUTE;
  t.equal(await outcome(waiting.verify(token)), 'taken');
});

t.test('a new key of the issuer is taken at its first token', async (t) => {
  const server = await startIssuer(t, [pair.jwk]);
  const verifier = verifierFor(server.issuer);
  await verifier.verify(await signed(pair, claims(server.issuer)));
  server.keys = [pair.jwk, next.jwk];
  t.equal(await outcome(verifier.verify(await signed(next, claims(server.issuer)))), 'taken');
});

t.test('of keys that share a kid each that fits is tried (fault 16, RFC 7517 §4.5)', async (t) => {
  const [other, ec, stranger] = await Promise.all([keyPair('k1'), keyPair('k1', 'ES256'), keyPair('k1')]);
  const server = await startIssuer(t, [ec.jwk, { ...next.jwk, kid: 'k1', use: 'enc' }, other.jwk, pair.jwk]);
  const verifier = verifierFor(server.issuer, {}, { algorithms: ['RS256', 'ES256'] });
  for (const one of [pair, other, ec]) t.equal(await outcome(verifier.verify(await signed(one, claims(server.issuer)))), 'taken');
  t.match(await outcome(verifier.verify(await signed(stranger, claims(server.issuer)))), /signature does not fit/);
  t.match(
    await outcome(verifier.verify(await signed({ ...next, kid: 'k1' }, claims(server.issuer)))),
    /signature does not fit/,
    'a key for encryption',
  );
  const expired = claims(server.issuer, { exp: NOW / 1000 - 60 });
  t.equal(await outcome(verifier.verify(await signed(pair, expired))), 'token-expired', 'not that its signature were wrong');
});

t.test('an issuer that is down at start is asked again after a second, then less often', async (t) => {
  const server = await startIssuer(t, [pair.jwk]);
  server.down = true;
  const clock = clockAt();
  const heard: string[] = [];
  const verifier = verifierFor(server.issuer, { clock, onFetchFailed: (issuer) => heard.push(issuer) });
  const token = await signed(pair, claims(server.issuer));
  const ask = () => outcome(verifier.verify(token));
  t.match(await Promise.all([ask(), ask()]), [/^issuer-unavailable/, /^issuer-unavailable/]);
  t.same(heard, [server.issuer]);
  clock.now += 999;
  t.match(await ask(), /^issuer-unavailable/);
  t.equal(heard.length, 1);
  clock.now += 1;
  await ask();
  t.equal(heard.length, 2);
  server.down = false;
  clock.now += 1_999;
  t.match(await ask(), /^issuer-unavailable/);
  clock.now += 1;
  t.equal(await ask(), 'taken');
});

t.test('an issuer whose keys cannot be had is told until they can, before any token of it comes (fault 21)', async (t) => {
  const server = await startIssuer(t, [pair.jwk]);
  server.down = true;
  const clock = clockAt();
  const verifier = verifierFor(server.issuer, { clock });
  const told = async () => {
    verifier.failingIssuers();
    // What is due is fetched in the background.
    for (const hits = server.hits.length; server.hits.length === hits; ) await wait(5);
    await wait(50);
    return verifier.failingIssuers();
  };
  t.same(await told(), [{ issuer: server.issuer, hasOlderKeys: false }]);
  server.down = false;
  clock.now += MINUTE;
  t.same(await told(), []);
  t.equal(server.fetches(), 1, 'keys that are new are not fetched again');
  server.down = true;
  clock.now += 10 * MINUTE;
  t.same(await told(), [{ issuer: server.issuer, hasOlderKeys: true }]);
  server.down = false;
  clock.now += MINUTE;
  t.same(await told(), []);
});

t.test('the last keys serve while the issuer is down, for days', async (t) => {
  const server = await startIssuer(t, [pair.jwk]);
  const clock = clockAt();
  const verifier = verifierFor(server.issuer, { clock });
  await verifier.verify(await signed(pair, claims(server.issuer)));
  server.down = true;
  clock.now += 3 * 24 * 60 * MINUTE;
  const times = { iat: clock.now / 1000, exp: clock.now / 1000 + 60 };
  const token = await signed(pair, claims(server.issuer, times));
  t.equal(await outcome(verifier.verify(token)), 'taken');
  await wait(100);
  t.equal(await outcome(verifier.verify(token)), 'taken');
});

for (const [title, published] of [
  ['a key that is removed', [next.jwk]],
  ['a key that is replaced under its kid', [{ ...next.jwk, kid: 'k1' }]],
] as const) {
  t.test(`${title} takes the remembered tokens with it after ten minutes`, async (t) => {
    const server = await startIssuer(t, [pair.jwk]);
    const clock = clockAt();
    const verifier = verifierFor(server.issuer, { clock });
    const token = await signed(pair, claims(server.issuer, { exp: NOW / 1000 + 3600 }));
    await verifier.verify(token);
    server.keys = [...published];
    clock.now += 10 * MINUTE - 1;
    t.notOk(verifier.verify(token) instanceof Promise);
    await wait(50);
    t.equal(server.fetches(), 1);
    clock.now += 1;
    t.notOk(verifier.verify(token) instanceof Promise);
    let answer = 'taken';
    for (let i = 0; i < 100 && answer === 'taken'; i += 1) {
      await wait(10);
      answer = await outcome(verifier.verify(token));
    }
    t.match(answer, /^token-invalid/);
  });
}

t.test('metadata that name another issuer or an unsafe address give no keys', async (t) => {
  const server = await startIssuer(t, [pair.jwk]);
  const { issuer } = server;
  const token = await signed(pair, claims(issuer));
  for (const metadata of [
    { issuer: issuer.slice(0, -1), jwks_uri: `${issuer}jwk` },
    { issuer, jwks_uri: 'http://169.254.169.254/latest' },
    { issuer, jwks_uri: 'file:///etc/passwd' },
    { issuer },
  ]) {
    server.metadata = metadata;
    t.match(await outcome(verifierFor(issuer).verify(token)), /^issuer-unavailable/, JSON.stringify(metadata));
  }
  t.equal(server.fetches(), 0);
});

t.test('an issuer elsewhere cannot point to this machine', async (t) => {
  const asked: string[] = [];
  const issuer = 'https://issuer.example.test/';
  const fetch = async (url: unknown) => {
    asked.push(String(url));
    return Response.json({ issuer, jwks_uri: 'https://127.1/jwk' });
  };
  const verifier = verifierFor(issuer, { fetch: fetch as typeof globalThis.fetch });
  t.match(await outcome(verifier.verify(await signed(pair, claims(issuer)))), /^issuer-unavailable/);
  t.notOk(asked.some((url) => url.includes('127')));
});

t.test('redirects, errors and too large documents give no keys', async (t) => {
  const server = await startIssuer(t, [pair.jwk]);
  const target = await startIssuer(t, [pair.jwk]);
  const token = await signed(pair, claims(server.issuer));
  const path = '/maskinporten/jwk';
  for (const raw of [
    { path, status: 302, headers: { location: `${target.issuer}jwk` }, body: '' },
    { path, status: 500, body: JSON.stringify({ keys: [pair.jwk] }) },
    { path, status: 200, body: JSON.stringify({ keys: [pair.jwk], more: 'x'.repeat(256 * 1024) }) },
    { path, status: 200, body: '{"keys":{}}' },
    { path, status: 200, body: 'null' },
  ]) {
    server.raw = raw;
    t.match(await outcome(verifierFor(server.issuer).verify(token)), /^issuer-unavailable/, `${raw.status} ${raw.body.slice(0, 20)}`);
  }
  t.same(target.hits, []);
});

t.test('of more than a hundred keys the first hundred count', async (t) => {
  const many = [...Array(1000).keys()].map((i) => ({ kty: 'RSA', kid: `n${i}`, n: 'AQ', e: 'AQAB' }));
  const server = await startIssuer(t, [...many.slice(0, 99), pair.jwk, next.jwk, ...many]);
  const verifier = verifierFor(server.issuer);
  t.equal(await outcome(verifier.verify(await signed(pair, claims(server.issuer)))), 'taken');
  t.match(await outcome(verifier.verify(await signed(next, claims(server.issuer)))), /^token-invalid: The key/);
});

for (const [where, path] of [
  ['between host and path', '/.well-known/oauth-authorization-server/idporten'],
  ['as OpenID Connect has it', '/idporten/.well-known/openid-configuration'],
] as const) {
  t.test(`metadata ${where} are found`, async (t) => {
    const server = await startIssuer(t, [pair.jwk], '/idporten/');
    const issuer = server.issuer.slice(0, -1);
    server.metadata = {};
    server.raw = { path, status: 200, body: JSON.stringify({ issuer, jwks_uri: `${issuer}/jwk` }) };
    t.equal(await outcome(verifierFor(issuer).verify(await signed(pair, claims(issuer)))), 'taken');
  });
}
