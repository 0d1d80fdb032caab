import { generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, importJWK, type JWK, jwtVerify } from 'jose';
import t, { type Test } from 'tap';
import { isFault } from '#domain';
import { type ClientKey, makeClientKey, privateClientKey, publicClientKey, requestToken, type TokenRequest } from '#tokens';
import { NOW, SECONDS, startIssuer } from './issuer.js';

const made = await makeClientKey(2048);
const key = (await privateClientKey(made.privatePem)) as ClientKey;

function asked(issuer: string, more: Partial<TokenRequest> = {}): TokenRequest {
  return { issuer, clientId: 'client-1', key, scope: 'fhi:a fhi:b', now: NOW, ...more };
}

/** An issuer at any address, played by the function that fetches; answers what was sent to its token endpoint. */
function played(
  t: Test,
  metadata: Readonly<Record<string, unknown>>,
  answer = { status: 200, body: JSON.stringify({ access_token: 'token' }) },
) {
  const posts: { url: string; init: RequestInit }[] = [];
  const fetch = (async (url: string, init: RequestInit = {}) => {
    t.equal(init.redirect, 'error', 'no redirect is followed');
    if (init.method !== 'POST') return new Response(JSON.stringify(metadata));
    posts.push({ url, init });
    return new Response(answer.body, { status: answer.status });
  }) as typeof globalThis.fetch;
  return { fetch, posts };
}

t.test(
  'the assertion is signed, short-lived and made out to the issuer as it calls itself, also where its slash was left out',
  async (t) => {
    const issuer = 'https://maskinporten.example/';
    for (const typed of [issuer, issuer.slice(0, -1)]) {
      const { fetch, posts } = played(t, { issuer, token_endpoint: `${issuer}token` });
      const more = { resource: ['https://api.example'], consumerOrg: '958935420' };
      t.match(await requestToken(asked(typed, more), fetch), { accessToken: 'token', body: { access_token: 'token' } });
      t.equal(posts.length, 1);
      t.equal(posts[0]?.url, `${issuer}token`);
      const form = posts[0]?.init.body as URLSearchParams;
      t.same([...form.keys()], ['grant_type', 'assertion']);
      const { payload, protectedHeader } = await jwtVerify(form.get('assertion') ?? '', await importJWK(key.jwk), {
        currentDate: new Date(NOW),
      });
      t.same(protectedHeader, { alg: 'RS256', kid: key.kid });
      const { jti, exp = 0, ...claims } = payload;
      t.same(claims, {
        iss: 'client-1',
        aud: issuer,
        scope: 'fhi:a fhi:b',
        resource: more.resource,
        consumer_org: '958935420',
        iat: SECONDS,
      });
      t.match(jti, /^[0-9a-f-]{36}$/);
      t.ok(exp - SECONDS <= 120);
    }
  },
);

t.test(
  'an assertion goes neither in the clear, nor to this machine for an issuer elsewhere, nor to whoever names another issuer (threat 33)',
  async (t) => {
    const issuer = 'https://maskinporten.example/';
    for (const metadata of [
      { issuer, token_endpoint: 'http://maskinporten.example/token' },
      { issuer, token_endpoint: 'https://127.0.0.1/token' },
      { issuer, token_endpoint: 'https://name:word@maskinporten.example/token' },
      { issuer: 'https://other.example/', token_endpoint: `${issuer}token` },
      { issuer },
    ]) {
      const { fetch, posts } = played(t, metadata);
      await t.rejects(requestToken(asked(issuer), fetch), { message: /publishes no metadata that can be used/ });
      t.same(posts, []);
    }
  },
);

t.test('what an issuer refuses is told in its own words, and what is no answer is none', async (t) => {
  const issuer = 'https://maskinporten.example/';
  const metadata = { issuer, token_endpoint: `${issuer}token` };
  const refusal = { error: 'forbidden', error_description: 'no access (trace_id: 0)', error_uri: `${issuer}errors/MP-250` };
  const refused = await requestToken(asked(issuer), played(t, metadata, { status: 403, body: JSON.stringify(refusal) }).fetch);
  t.same(refused, {
    refused: { issuer, status: 403, error: 'forbidden', description: 'no access (trace_id: 0)', uri: `${issuer}errors/MP-250` },
  });
  t.same(await requestToken(asked(issuer), played(t, metadata, { status: 502, body: '<html>' }).fetch), {
    refused: { issuer, status: 502 },
  });

  await t.rejects(requestToken(asked(issuer), played(t, metadata, { status: 200, body: '{}' }).fetch), {
    message: /without an access token/,
  });
  const endless = { status: 200, body: 'x'.repeat(300 * 1024) };
  await t.rejects(requestToken(asked(issuer), played(t, metadata, endless).fetch), { message: /does not answer to the end/ });
});

t.test('a redirect at the token endpoint is not followed', async (t) => {
  const other = await startIssuer(t, []);
  const here = await startIssuer(t, []);
  here.metadata = { issuer: here.issuer, token_endpoint: `${here.issuer}token` };
  here.raw = { path: '/maskinporten/token', status: 307, headers: { Location: `${other.issuer}token` }, body: '' };
  await t.rejects(requestToken(asked(here.issuer)), { message: /does not answer at its token endpoint/ });
  t.same(other.hits, []);
});

t.test(
  'a key is read from PEM and from JWK, is named by its thumbprint unless it says another, and shows its public half alone',
  async (t) => {
    const { n, e } = key.jwk;
    const thumbprint = await calculateJwkThumbprint({ kty: 'RSA', n: n as string, e: e as string });
    t.equal(made.kid, thumbprint);
    t.same(made.jwk, { kty: 'RSA', use: 'sig', alg: 'RS256', kid: made.kid, n, e });
    const ownJwk: JWK = { ...(await exportJWK(key.privateKey)), kid: 'mine', alg: 'RS512' };
    const publicPem = JSON.stringify({ kty: 'RSA', n, e });
    for (const [text, named, expected] of [
      [made.privatePem, undefined, { ...made.jwk }],
      [made.privatePem, 'oslo-1', { ...made.jwk, kid: 'oslo-1' }],
      [JSON.stringify(ownJwk), undefined, { ...made.jwk, kid: 'mine', alg: 'RS512' }],
      [publicPem, undefined, { ...made.jwk }],
    ] as const) {
      t.match(await publicClientKey(text, named), { kid: expected.kid, bits: 2048, jwk: expected });
    }
    t.match(await privateClientKey(JSON.stringify(ownJwk)), { kid: 'mine', jwk: { alg: 'RS512' } });
  },
);

t.test('what is no RSA key of 2048 bits or more is no key of a client, and is not quoted', async (t) => {
  const pem = { type: 'pkcs8', format: 'pem' } as const;
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export(pem) as string;
  const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export(pem) as string;
  for (const text of [short, curve, '', 'not a key', '{"kty":"RSA"}', '{', JSON.stringify(key.jwk)]) {
    const read = await privateClientKey(text);
    t.ok(isFault(read) && /must hold/.test(read.detail), text.slice(0, 12));
    if (text !== '') t.notMatch(JSON.stringify(read), text.slice(1, 30));
  }
});
