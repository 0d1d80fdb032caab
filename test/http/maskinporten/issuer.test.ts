import { randomUUID } from 'node:crypto';
import { type AddressInfo, createServer } from 'node:net';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import t from 'tap';
import { operatorRequest, registerOrganisation } from '#access';
import { loadConfig } from '#config';
import { toInstant } from '#domain';
import { openAccess } from '#installation';
import type { ScopeName } from '#maskinporten';
import { clients, scopeAccesses } from '#maskinporten/entities';
import { runCommand } from '../../fixtures/command.js';
import { demoConfig, runGateway, temporaryFolder } from '../../fixtures/gateway.js';
import { C, clientKey, clientOf, first, JWT_BEARER, P, signed } from './token-world.js';

/** Free at the moment: what the issuer is called must be known before it listens. */
const port = await new Promise<number>((resolve) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    server.close(() => resolve(port));
  });
});
const ORIGIN = `http://127.0.0.1:${port}`;
const ISSUER = `${ORIGIN}/maskinporten/`;
const SCOPE = 'ks:fiks.konsument';
const DOCUMENT = '/.well-known/oauth-authorization-server';

t.test(
  'in production without a demo: a token of the own issuer opens the own APIs, and none does whose key is withdrawn at once',
  async (t) => {
    const settings = { mode: 'production', maskinporten: 'on', publicUrl: ORIGIN, port, issuerAlgorithm: 'ES256' } as const;
    const data = temporaryFolder(t);
    const at = toInstant(Date.now());
    const any = { expect: 'any', facts: { action: 'test', at, actor: 'operator' } } as const;
    const { access, close } = await openAccess(demoConfig(data, settings));
    // One of the product's own: its tokens are meant for this gateway without being asked to.
    const scope = SCOPE as ScopeName;
    const consumer = { scope, owner: P, consumer: C, state: 'APPROVED', created: at, updated: at } as const;
    await access.store.collection(scopeAccesses).put(consumer, any);
    const keys = [clientKey(first, { until: toInstant(Date.now() + 86_400_000) })];
    await access.store.collection(clients).put(clientOf('c', { scopes: [scope], keys }), any);
    const organisation = { orgnr: C, name: 'C', fiksOrgId: randomUUID(), mayBeTilbyder: false, mayBeKonsument: true };
    await registerOrganisation(access, operatorRequest(), organisation);
    await close();

    const gateway = await runGateway(t, { ...settings, data });
    let count = 0;
    const fetched = async (): Promise<string> => {
      const iat = Math.floor(Date.now() / 1000);
      count += 1;
      const claims = { iss: 'c', aud: ISSUER, scope: SCOPE, iat, exp: iat + 100, jti: `${count}` };
      const assertion = signed({ alg: 'RS256', kid: first.kid }, claims, first.privateKey);
      const body = new URLSearchParams({ grant_type: JWT_BEARER, assertion }).toString();
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
      const { json, text } = await gateway.get('/maskinporten/token', { method: 'POST', headers, body });
      if (typeof json?.access_token !== 'string') throw new TypeError(text);
      return json.access_token;
    };
    const ask = (token: string) =>
      gateway.get('/konsument-bruker/api/v1/organisasjoner', { headers: { Authorization: `Bearer ${token}` } });

    const token = await fetched();
    t.equal((await ask(token)).status, 200);
    for (const path of [`/maskinporten${DOCUMENT}`, `${DOCUMENT}/maskinporten`, `${DOCUMENT}/maskinporten/`]) {
      t.match(await gateway.get(path), {
        status: 200,
        json: { issuer: ISSUER, token_endpoint: `${ISSUER}token`, jwks_uri: `${ISSUER}jwk` },
      });
    }
    t.equal((await gateway.get(`/idporten${DOCUMENT}`)).status, 404, 'persons log in elsewhere');

    const published = await gateway.get('/maskinporten/jwk');
    t.equal(published.headers.get('cache-control'), 'public, max-age=3600');
    const tag = published.headers.get('etag') ?? '';
    const again = await gateway.get('/maskinporten/jwk', { headers: { 'If-None-Match': `"x", W/${tag}` } });
    t.match(again, { status: 304, text: '' });
    t.equal(again.headers.get('etag'), tag);
    t.equal((await gateway.get('/maskinporten/jwk', { headers: { 'If-None-Match': '*' } })).status, 304, 'whatever there is');
    // As a resource server does it.
    const jwks = createRemoteJWKSet(new URL(`${gateway.origin}/maskinporten/jwk`));
    const { payload } = await jwtVerify(token, jwks, { issuer: ISSUER, audience: ORIGIN, algorithms: ['ES256'] });
    t.match(payload, { client_id: 'c', scope: SCOPE, consumer: { ID: `0192:${C}` } });

    const env = { TILGANG_DATA: data, TILGANG_ISSUER_ALGORITHM: 'ES256' };
    const [old = ''] = published.json.keys.map(({ kid }: { kid: string }) => kid);
    const rotated = await runCommand(['issuer', 'rotate', '--at', 'once'], env);
    t.match(rotated, { code: 0, stdout: new RegExp(`signs now; withdrawn: ${old}\\. Every token of it is refused`) });
    // Its key is unknown here: that alone makes the gateway look.
    t.equal((await ask(await fetched())).status, 200);
    t.match(await ask(token), { status: 401, json: { type: '/problems/token-invalid' } });
    const now = await gateway.get('/maskinporten/jwk', { headers: { 'If-None-Match': tag } });
    t.equal(now.status, 200);
    t.notOk(now.text.includes(old));
  },
);

t.test('the commands say which key signs, which follows and when; what is asked for twice is done once', async (t) => {
  const { config, stop } = await runGateway(t);
  await stop();
  const env = { TILGANG_DATA: config.data, TILGANG_ISSUER_ALGORITHM: 'ES256' };
  t.match((await runCommand(['issuer', 'list'], env)).stdout, /^[\w-]{43} {2}RS256 {2}signs since \S+\n$/);
  t.match((await runCommand(['issuer', 'rotate'], env)).stdout, /^[\w-]{43} is published and signs from \S+\n$/);
  t.match((await runCommand(['issuer', 'rotate'], env)).stdout, /^[\w-]{43} is published already and signs from \S+\n$/);
  const { stdout } = await runCommand(['issuer', 'list'], env);
  t.match(stdout, /RS256 {2}signs since \S+ until (\S+), published until \S+\n[\w-]{43} {2}ES256 {2}will sign from \1\n$/);
  t.notMatch(stdout, /"d"/);
});

t.test('in production the own issuer needs a name that stays, and then no other issuer', async (t) => {
  const start = (environment: Record<string, string>) =>
    runGateway(t, { ...loadConfig({ TILGANG_PORT: '0', TILGANG_DATA: temporaryFolder(t), ...environment }), mode: 'production' });
  t.match(await start({ TILGANG_MASKINPORTEN: 'on' }).catch((error) => error), {
    slug: 'config-invalid',
    message: /publicUrl \(TILGANG_PUBLIC_URL\)/,
  });
  t.match(await start({}).catch((error) => error), { slug: 'config-invalid', message: /TILGANG_MASKINPORTEN=on/ });
});

t.test('switched off, a demo is no Maskinporten: no document, no token endpoint, none of its tokens', async (t) => {
  const gateway = await runGateway(t, { maskinporten: 'off' });
  for (const path of [`/maskinporten${DOCUMENT}`, '/maskinporten/jwk']) t.equal((await gateway.get(path)).status, 404);
  t.equal((await gateway.get('/maskinporten/token', { method: 'POST' })).status, 404);
  const { appId, brukerIdent } = gateway.world.first;
  t.match(await gateway.ask(appId, { brukerIdent }), { status: 401, json: { type: '/problems/token-invalid' } });
});
