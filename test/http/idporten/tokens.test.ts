import * as openid from 'openid-client';
import t from 'tap';
import { changeScope, grantAccess, revokeAccess } from '#maskinporten';
import { runGateway } from '../../fixtures/gateway.js';
import { claimsIn, FHI, HOME, idportenSide, OSLO, type TestClient, UserAgent } from '../../fixtures/idporten.js';

void t.test('tokens', async (t) => {
  const gateway = await runGateway(t);
  const side = await idportenSide(t, gateway);
  const { person, parts, operator } = side;
  const login = `testid:${person.brukerIdent}_idporten-loa-high`;
  const consumer = OSLO;
  const basic = ({ id, secret }: TestClient) => ({ Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` });
  const post = (client: TestClient, path: string, fields: Readonly<Record<string, string>>) =>
    gateway.get(`/idporten${path}`, { method: 'POST', body: new URLSearchParams(fields), headers: basic(client) });

  const open = await side.scope('apen.read');
  const asked = await side.scope('samtykke.read', { requiresUserConsent: true, longDescription: 'Mer om det' });
  const hidden = await side.scope('skjult.read', { requiresPseudonymousTokens: true, tokenType: 'OPAQUE' });
  const apiClient = (more: object = {}) =>
    side.client({ integrationType: 'api_klient', scopes: ['openid', 'profile', open, asked, hidden], ...more });

  /** Logs in; says yes or no where it is asked. */
  const tokensOf = async (
    client: TestClient,
    scope: string,
    { answer = 'yes', agent = new UserAgent(gateway.origin), params = {} } = {},
  ) => {
    const begun = await client.begin({ scope, login_hint: login, ...params });
    const page = await agent.get(begun.url);
    const back = page.status === 200 ? await agent.post(page.url, { answer, form_token: tokenIn(page.text) }) : page;
    return { isAsked: page.status === 200, back, begun, tokens: await begun.finish(back.url) };
  };
  // The one who may look into tokens, of the organisation that owns the scopes.
  await grantAccess(parts, operator, { scope: 'idporten:token.introspection', consumer: FHI });
  const owner = await side.client({
    orgnr: FHI,
    integrationType: 'api_klient',
    scopes: ['openid', 'idporten:token.introspection'] as never,
  });
  const introspect = async (token: string | undefined, client = owner) =>
    (await post(client, '/token/introspect', { token: token ?? '' })).json;

  await t.test(
    'a log-in carries a scope by itself, another one wants a yes; after a no the log-in goes on without it (§8 25)',
    async (t) => {
      const client = await apiClient();
      const plain = await tokensOf(client, `openid ${open}`);
      t.equal(plain.isAsked, false);
      t.match(claimsIn(plain.tokens.access_token), { scope: `openid ${open}`, pid: person.brukerIdent, acr: 'idporten-loa-high' });
      const refused = await tokensOf(client, `openid ${asked} ${open}`, { answer: 'no' });
      t.equal(refused.isAsked, true);
      t.equal(refused.tokens.scope, `openid ${open}`);
      t.ok(refused.tokens.id_token);
      const given = await tokensOf(client, `openid ${asked}`);
      t.equal(given.tokens.scope, `openid ${asked}`);
      t.equal((await tokensOf(client, `openid ${asked}`)).isAsked, false, 'what was given is not asked for again');
      t.equal((await tokensOf(client, `openid ${asked}`, { params: { prompt: 'consent' } })).isAsked, true, 'but on request');
      const foreign = await client.begin({ scope: 'openid fhi:ukjent.read', login_hint: login });
      t.equal((await new UserAgent(gateway.origin).get(foreign.url)).url.searchParams.get('error'), 'invalid_scope');
    },
  );

  await t.test('a code that comes twice ends what the first was given for (§8 24, threat 31)', async (t) => {
    const client = await apiClient();
    const { back, begun, tokens } = await tokensOf(client, `openid ${open}`);
    t.equal((await introspect(tokens.access_token)).active, true);
    const again = {
      grant_type: 'authorization_code',
      code: back.url.searchParams.get('code') ?? '',
      redirect_uri: HOME,
      code_verifier: begun.verifier,
    };
    t.match(await post(client, '/token', again), { status: 400, json: { error: 'invalid_grant' } });
    t.same(await introspect(tokens.access_token), { active: false });
    t.match((await post(client, '/token', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' })).json, {
      error: 'invalid_grant',
    });
  });

  await t.test('of many who come with one code at once one is given tokens', async (t) => {
    const client = await apiClient();
    const agent = new UserAgent(gateway.origin);
    const begun = await client.begin({ login_hint: login });
    const back = await agent.get(begun.url);
    const form = {
      grant_type: 'authorization_code',
      code: back.url.searchParams.get('code') ?? '',
      redirect_uri: HOME,
      code_verifier: begun.verifier,
    };
    t.not(form.code, '');
    const answers = await Promise.all(Array.from({ length: 8 }, () => post(client, '/token', form)));
    t.ok(answers.filter(({ status }) => status === 200).length <= 1);
    t.ok(answers.filter(({ json }) => json.error === 'invalid_grant').length >= 7);
  });

  await t.test('a refresh token is used once; whoever shows it again ends the whole family (§8 28, threat 33)', async (t) => {
    const client = await apiClient();
    const { tokens } = await tokensOf(client, `openid ${open}`);
    const second = await openid.refreshTokenGrant(client.config, tokens.refresh_token ?? '');
    t.not(second.refresh_token, tokens.refresh_token);
    t.equal(claimsIn(second.access_token).scope, `openid ${open}`);
    t.equal((await introspect(second.access_token)).active, true);
    const stolen = await post(client, '/token', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' });
    t.equal(stolen.json.error, 'invalid_grant');
    t.equal(
      (await post(client, '/token', { grant_type: 'refresh_token', refresh_token: second.refresh_token ?? '' })).json.error,
      'invalid_grant',
    );
    t.same(await introspect(second.access_token), { active: false });
    const kept = await apiClient({ refreshTokenUsage: 'REUSE' });
    const { tokens: reused } = await tokensOf(kept, 'openid');
    for (let use = 0; use < 3; use += 1) {
      const made = await openid.refreshTokenGrant(kept.config, reused.refresh_token ?? '');
      t.equal(made.refresh_token, reused.refresh_token);
    }
  });

  await t.test('what the person withdraws, or the provider, ends at once: refresh tokens, and what is asked about (§8 28)', async (t) => {
    const client = await apiClient();
    const agent = new UserAgent(gateway.origin);
    const { tokens } = await tokensOf(client, `openid ${asked}`, { agent });
    t.equal((await introspect(tokens.access_token)).active, true);
    const brukerId = parts.vault.nameOf(person.brukerIdent);
    const { authorizationId } = await import('#idporten');
    const id = authorizationId(parts, { brukerId, clientId: client.id });
    const mine = await agent.get('/idporten/mine');
    t.match(mine, { status: 200, text: /Det du har gitt/ });
    t.notOk(mine.text.includes(person.brukerIdent), 'nobody’s number is on the page');
    const [, form = ''] =
      new RegExp(`name="form_token" value="([^"]+)"/?><input type="hidden" name="authorization" value="${id}"`).exec(mine.text) ?? [];
    t.equal((await agent.post('/idporten/mine', { authorization: id, form_token: 'x' })).status, 403, 'not without the token of the page');
    t.match(await agent.post('/idporten/mine', { authorization: id, form_token: form }), { status: 200, text: /Det er trukket tilbake/ });
    const { json: list } = await gateway.get(`/idporten/revokelist?client_id=${client.id}`);
    t.ok(list.revoked_access_tokens.some((one: { access_token_id: string }) => one.access_token_id === claimsIn(tokens.access_token).jti));
    t.same(await introspect(tokens.access_token), { active: false });
    t.equal(
      (await post(client, '/token', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' })).json.error,
      'invalid_grant',
    );
    const other = await tokensOf(client, `openid ${open}`);
    await revokeAccess(parts, operator, { scope: open, consumer });
    const made = await post(client, '/token', { grant_type: 'refresh_token', refresh_token: other.tokens.refresh_token ?? '' });
    t.notMatch(made.json.scope ?? '', open);
    await grantAccess(parts, operator, { scope: open, consumer });
  });

  await t.test(
    'who owns a scope is told of its tokens, nobody else; whose a pseudonymous one is the client is not told (§8 28)',
    async (t) => {
      const client = await apiClient();
      const { tokens } = await tokensOf(client, `openid ${hidden}`);
      t.notMatch(tokens.access_token, /\./, 'by reference');
      t.notOk('pid' in claimsIn(tokens.id_token));
      const told = await introspect(tokens.access_token);
      t.match(told, {
        active: true,
        pid: person.brukerIdent,
        scope: `openid ${hidden}`,
        acr: 'idporten-loa-high',
        client_id: client.id,
        iss: side.issuer,
      });
      for (const inner of ['terms', 'round', 'digest', 'locale', 'clientAmr']) t.notOk(inner in told);
      t.same(await introspect(tokens.access_token, client), { active: false }, 'without the scope');
      const stranger = await apiClient();
      t.same(await introspect(tokens.access_token, stranger), { active: false });
      const user = await openid.fetchUserInfo(client.config, tokens.access_token, openid.skipSubjectCheck);
      t.notOk('pid' in user);
      const read = await tokensOf(client, `openid ${open}`);
      const claims = claimsIn(read.tokens.access_token);
      t.same(await introspect(claims.jti), { active: false }, 'the id of a token is not the token');
      const forged = `${read.tokens.access_token.slice(0, -8)}AAAAAAAA`;
      t.same(await introspect(forged), { active: false });
      t.match(await introspect(read.tokens.access_token), { active: true, sub: claims.sub, jti: claims.jti });
    },
  );

  await t.test('revoking a token ends all of its log-in at that client; of others’ and unknown ones nothing is told', async (t) => {
    const client = await apiClient();
    const { tokens } = await tokensOf(client, `openid ${open}`);
    const stranger = await apiClient();
    for (const token of [tokens.access_token, 'unknown', 'a.b.c']) t.equal((await post(stranger, '/token/revoke', { token })).status, 200);
    t.equal((await introspect(tokens.access_token)).active, true);
    t.equal((await post(client, '/token/revoke', { token: tokens.access_token })).status, 200);
    t.same(await introspect(tokens.access_token), { active: false });
    t.equal(
      (await post(client, '/token', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' })).json.error,
      'invalid_grant',
    );
  });

  await t.test('after the logout a token with a scope of an API goes on, one for the log-in alone does not (§8 27)', async (t) => {
    const client = await apiClient();
    const agent = new UserAgent(gateway.origin);
    const api = await tokensOf(client, `openid ${open}`, { agent });
    const plain = await tokensOf(client, 'openid profile', { agent });
    await agent.get(openid.buildEndSessionUrl(client.config, { id_token_hint: api.tokens.id_token ?? '' }));
    t.equal((await introspect(api.tokens.access_token)).active, true);
    await t.rejects(openid.fetchUserInfo(client.config, plain.tokens.access_token, openid.skipSubjectCheck));
    t.ok((await openid.refreshTokenGrant(client.config, api.tokens.refresh_token ?? '')).access_token);
  });

  await t.test('a scope may want a log-in of its own, and tokens no longer than it says', async (t) => {
    const short = await side.scope('kort.read', { requiresUserAuthentication: true, atMaxAge: 30 });
    const client = await side.client({ integrationType: 'api_klient', scopes: ['openid', 'profile', short] });
    const agent = new UserAgent(gateway.origin);
    await tokensOf(client, 'openid', { agent });
    const silent = await client.begin({ scope: `openid ${short}`, prompt: 'none' });
    t.equal((await agent.get(silent.url)).url.searchParams.get('error'), 'login_required');
    const { tokens } = await tokensOf(client, `openid ${short}`, { agent });
    t.equal(tokens.expires_in, 30);
    await changeScope(parts, operator, short, { description: 'x', active: false });
    const { tokens: less } = await tokensOf(client, `openid ${short}`, { agent }).catch(() => ({ tokens: { scope: 'none' } }));
    t.notMatch(less.scope ?? '', short);
  });

  await t.test('a public client has a refresh token if it is bound to a key, and uses it with that key alone', async (t) => {
    const client = await side.client({ applicationType: 'browser', tokenEndpointAuthMethod: 'none', redirectUris: [HOME] });
    const DPoP = openid.getDPoPHandle(client.config, await openid.randomDPoPKeyPair('ES256'));
    const begun = await client.begin({ login_hint: login });
    const back = await new UserAgent(gateway.origin).get(begun.url);
    const checks = { pkceCodeVerifier: begun.verifier, expectedState: begun.state, expectedNonce: begun.nonce };
    const tokens = await openid.authorizationCodeGrant(client.config, back.url, checks, undefined, { DPoP });
    t.equal(tokens.token_type, 'dpop');
    const made = await openid.refreshTokenGrant(client.config, tokens.refresh_token ?? '', undefined, { DPoP });
    t.ok(made.access_token);
    await t.rejects(openid.refreshTokenGrant(client.config, made.refresh_token ?? ''), 'without');
    const stranger = openid.getDPoPHandle(client.config, await openid.randomDPoPKeyPair('ES256'));
    await t.rejects(openid.refreshTokenGrant(client.config, made.refresh_token ?? '', undefined, { DPoP: stranger }), 'with another');
    const cors = await gateway.get('/idporten/token', {
      method: 'POST',
      body: new URLSearchParams({ client_id: client.id, grant_type: 'x' }),
      headers: { Origin: 'http://127.0.0.1:9' },
    });
    t.equal(cors.headers.get('access-control-allow-origin'), 'http://127.0.0.1:9');
    const evil = await gateway.get('/idporten/token', {
      method: 'POST',
      body: new URLSearchParams({ client_id: client.id, grant_type: 'x' }),
      headers: { Origin: 'https://evil.example' },
    });
    t.equal(evil.headers.get('access-control-allow-origin'), null);
  });
});

/** What the form of a page must carry. */
function tokenIn(page: string): string {
  return /name="form_token" value="([^"]+)"/.exec(page)?.[1] ?? '';
}
