import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as openid from 'openid-client';
import t from 'tap';
import { changeClient, deactivateClient } from '#maskinporten';
import { runGateway } from '../../fixtures/gateway.js';
import { type BegunLogin, claimsIn, HOME, idportenSide, logIn, OSLO, UserAgent } from '../../fixtures/idporten.js';

const errorOf = ({ searchParams }: URL): string => `${searchParams.get('error')}: ${searchParams.get('error_description')}`;

void t.test('log-in', async (t) => {
  const gateway = await runGateway(t);
  const side = await idportenSide(t, gateway);
  const { person, parts, operator } = side;
  const fresh = (): UserAgent => new UserAgent(gateway.origin);
  const without = (login: BegunLogin, ...names: string[]): URL => {
    for (const name of names) login.url.searchParams.delete(name);
    return login.url;
  };

  await t.test('the answer to a login is a signed JWT where the client asks for that, also if it is a no', async (t) => {
    const client = await side.client();
    openid.useJwtResponseMode(client.config);
    const answered = { iss: side.issuer, aud: client.id };
    const login = await client.begin();
    const back = await logIn(fresh(), login.url, person);
    t.same([...back.url.searchParams.keys()], ['response']);
    t.match(claimsIn(back.url.searchParams.get('response') ?? ''), { ...answered, state: login.state });
    t.match(await login.finish(back.url), { scope: 'openid profile' });
    const silent = await client.begin({ prompt: 'none' });
    const refused = (await fresh().get(silent.url)).url;
    t.match(claimsIn(refused.searchParams.get('response') ?? ''), { ...answered, state: silent.state, error: 'login_required' });
  });

  await t.test('the ways to answer are those that the discovery document names', async (t) => {
    const client = await side.client();
    const named = client.config.serverMetadata().response_modes_supported;
    for (const mode of ['query', 'fragment', 'form_post', 'jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt', 'web_message', 'x']) {
      const { url, text } = await fresh().get((await client.begin({ response_mode: mode, prompt: 'none' })).url);
      const isRefused = `${url}${text}`.includes('unsupported_response_mode');
      t.equal(isRefused, !named?.includes(mode), `${mode}: ${url} ${text}`);
    }
  });

  await t.test('a person logs in by code and PKCE, and the tokens say what ID-porten’s do (§8 25)', async (t) => {
    const client = await side.client();
    const login = await client.begin({ ui_locales: 'nn' });
    const agent = fresh();
    const back = await logIn(agent, login.url, person);
    t.equal(back.url.searchParams.get('state'), login.state);
    t.equal(back.url.searchParams.get('iss'), side.issuer);
    const tokens = await login.finish(back.url);
    const [access, id] = [claimsIn(tokens.access_token), claimsIn(tokens.id_token)];
    t.match(access, {
      iss: side.issuer,
      pid: person.brukerIdent,
      acr: 'idporten-loa-substantial',
      scope: 'openid profile',
      client_id: client.id,
      client_amr: 'client_secret_basic',
      token_type: 'Bearer',
      consumer: { authority: 'iso6523-actorid-upis', ID: `0192:${OSLO}` },
    });
    t.notOk('aud' in access, 'it is for nobody in particular');
    t.equal(access.exp - access.iat, 120);
    t.match(id, {
      iss: side.issuer,
      aud: client.id,
      pid: person.brukerIdent,
      amr: ['TestID'],
      acr: access.acr,
      locale: 'nn',
      nonce: login.nonce,
    });
    t.equal(id.sub, access.sub);
    t.notOk('sid' in id, 'there is a session id for clients that ask for it alone');
    t.match(tokens, { expires_in: 120, scope: 'openid profile', token_type: 'bearer', refresh_token_expires_in: 600 });
    t.same(await openid.fetchUserInfo(client.config, tokens.access_token, access.sub), {
      sub: access.sub,
      pid: person.brukerIdent,
      locale: 'nn',
    });
    const another = await side.client();
    const other = await another.begin();
    const elsewhere = await other.finish((await agent.get(other.url)).url);
    t.not(claimsIn(elsewhere.id_token).sub, id.sub, 'each client knows the person by another name');
    const made = [tokens.refresh_token ?? '', access['jti'], `${back.url.searchParams.get('code')}`];
    t.ok(
      made.every((one) => Math.abs(Number.parseInt(one.slice(0, 5), 36) * 60 - access.iat) <= 120),
      'what is given says its minute, and nothing else that can be known',
    );
    t.equal(new Set(made.map((one) => one.slice(5, 48))).size, 3);
  });

  await t.test(
    'a token that was asked for with the gateway as resource is good for its own APIs; one that is bound to a key is not',
    async (t) => {
      const client = await side.client();
      const leader = gateway.world.administrators.find(({ id }) => id === 'oslo-leder');
      const login = await client.begin({ resource: gateway.origin, login_hint: `testid:${leader?.brukerIdent}_idporten-loa-high` });
      const tokens = await login.finish((await fresh().get(login.url)).url);
      t.equal(claimsIn(tokens.access_token).aud, gateway.origin);
      const path = `/konsument-bruker/api/v1/organisasjoner/${OSLO}`;
      const asked = await gateway.get(path, { headers: { Authorization: `Bearer ${tokens.access_token}` } });
      t.equal(asked.status, 200);
      const dpop = openid.getDPoPHandle(client.config, await openid.randomDPoPKeyPair('ES256'));
      const second = await client.begin({ resource: gateway.origin, login_hint: `testid:${leader?.brukerIdent}_idporten-loa-high` });
      const bound = await openid.authorizationCodeGrant(
        client.config,
        (await fresh().get(second.url)).url,
        { pkceCodeVerifier: second.verifier, expectedState: second.state, expectedNonce: second.nonce },
        undefined,
        { DPoP: dpop },
      );
      t.match(claimsIn(bound.access_token), { token_type: 'DPoP', cnf: { jkt: /^[\w-]{43}$/ } });
      t.equal((await gateway.get(path, { headers: { Authorization: `Bearer ${bound.access_token}` } })).status, 401);
      const told = await openid.fetchUserInfo(client.config, bound.access_token, openid.skipSubjectCheck, { DPoP: dpop });
      t.equal(told['pid'], leader?.brukerIdent);
      await t.rejects(openid.fetchUserInfo(client.config, bound.access_token, openid.skipSubjectCheck), 'nobody else can use it');
    },
  );

  await t.test('without a challenge, with a plain or a padded one the client is told, at its address (§8 24, threat 31)', async (t) => {
    const client = await side.client();
    const none = await fresh().get(without(await client.begin(), 'code_challenge', 'code_challenge_method'));
    t.equal(`${none.url.origin}${none.url.pathname}`, HOME);
    t.match(errorOf(none.url), /invalid_request.*PKCE/);
    t.match(errorOf((await fresh().get((await client.begin({ code_challenge_method: 'plain' })).url)).url), /invalid_request/);
    const padded = await client.begin();
    padded.url.searchParams.set('code_challenge', `${padded.url.searchParams.get('code_challenge')}=`);
    t.match(errorOf((await fresh().get(padded.url)).url), /invalid_request/);
    const login = await client.begin();
    const back = await logIn(fresh(), login.url, person);
    const wrong = { pkceCodeVerifier: openid.randomPKCECodeVerifier(), expectedState: login.state };
    await t.rejects(openid.authorizationCodeGrant(client.config, back.url, wrong), /./);
    t.equal(
      await login.finish(back.url).then(
        () => 200,
        ({ error }: { error: string }) => error,
      ),
      200,
      'and the right one may still come',
    );
  });

  await t.test('nobody is sent to an address that is not registered, letter by letter (§8 24, threat 40)', async (t) => {
    const client = await side.client({ postLogoutRedirectUris: ['http://127.0.0.1:9/ut'] });
    for (const address of [
      'https://evil.example/cb',
      `${HOME}/`,
      `${HOME}?a=b`,
      HOME.toUpperCase(),
      `${HOME}%2F..`,
      'http://127.0.0.1:10/cb',
      'http://127.0.0.1:9/ut',
    ]) {
      const page = await fresh().get((await client.begin({ redirect_uri: address })).url);
      t.equal(page.status, 400, address);
      t.equal(page.url.origin, gateway.origin);
      // But in the page's own address, which the links to other languages repeat.
      t.notMatch(page.text.replaceAll(/href="\/[^"]*"/g, ''), /evil|example/);
    }
    const page = await fresh().get((await client.begin({ redirect_uri: 'https://evil.example/cb' })).url);
    t.match(Object.fromEntries(page.headers), {
      'cache-control': /no-store/,
      'referrer-policy': 'no-referrer',
      'content-security-policy': /frame-ancestors 'none'/,
    });
    const unknown = await client.begin();
    unknown.url.searchParams.set('client_id', '"><script>');
    const shown = await fresh().get(unknown.url);
    t.equal(shown.status, 400);
    t.notMatch(shown.text, /script>/);
  });

  await t.test('what is changed of a client counts at its next request; one out of use logs nobody in, nor does a machine', async (t) => {
    const client = await side.client();
    const login = await client.begin();
    t.equal((await fresh().get(login.url)).status, 200);
    const moved = {
      name: client.id,
      integrationType: 'idporten' as const,
      tokenEndpointAuthMethod: 'client_secret_basic' as const,
      redirectUris: ['http://127.0.0.1:9/ny'],
    };
    await changeClient(parts, operator, client.id, 'any', moved);
    t.equal((await fresh().get(login.url)).status, 400);
    t.equal((await fresh().get((await client.begin({ redirect_uri: 'http://127.0.0.1:9/ny' })).url)).status, 200);
    await deactivateClient(parts, operator, client.id, 'any');
    t.equal((await fresh().get((await client.begin({ redirect_uri: 'http://127.0.0.1:9/ny' })).url)).status, 400);
  });

  await t.test('a client shows who it is as it is registered, and no other way; an assertion is used once (threats 32, 33)', async (t) => {
    const keyed = await side.client({ tokenEndpointAuthMethod: 'private_key_jwt' });
    const signed = await keyed.begin();
    const shown: string[] = [];
    keyed.config[openid.customFetch] = (url, options) => {
      const assertion = options.body instanceof URLSearchParams ? options.body.get('client_assertion') : null;
      if (assertion !== null) shown.push(assertion);
      return fetch(url, options as RequestInit);
    };
    t.equal(claimsIn((await signed.finish((await logIn(fresh(), signed.url, person)).url)).access_token).client_amr, 'private_key_jwt');
    const type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    const replayed = { token: 'x', client_assertion: shown[0] ?? '', client_assertion_type: type };
    t.equal((await gateway.get('/idporten/token/revoke', { method: 'POST', body: new URLSearchParams(replayed) })).status, 401);
    const client = await side.client();
    const login = await client.begin();
    const back = await logIn(fresh(), login.url, person);
    const form = {
      grant_type: 'authorization_code',
      code: back.url.searchParams.get('code') ?? '',
      redirect_uri: HOME,
      code_verifier: login.verifier,
    };
    const send = (fields: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}) =>
      gateway.get('/idporten/token', { method: 'POST', body: new URLSearchParams(fields), headers });
    const posted = await send({ ...form, client_id: client.id, client_secret: client.secret ?? '' });
    t.equal(posted.status, 401);
    t.equal(posted.json.error, 'invalid_client');
    const basic = (secret: string) => ({ Authorization: `Basic ${Buffer.from(`${client.id}:${secret}`).toString('base64')}` });
    t.equal((await send(form, basic('wrong'))).status, 401);
    t.equal((await send({ ...form, client_id: client.id })).status, 401, 'nor without');
    t.equal((await send(form, basic(client.secret ?? ''))).status, 200);
  });

  await t.test('a pushed request is used once, by whoever pushed it (§8 26)', async (t) => {
    const client = await side.client();
    const login = await client.begin();
    const url = await openid.buildAuthorizationUrlWithPAR(client.config, Object.fromEntries(login.url.searchParams));
    t.match(url.searchParams.get('request_uri'), /^urn:/);
    const other = await side.client();
    const taken = new URL(url);
    taken.searchParams.set('client_id', other.id);
    t.equal((await fresh().get(taken)).status, 400);
    const back = await logIn(fresh(), url, person);
    t.ok((await login.finish(back.url)).access_token);
    const again = await fresh().get(url);
    t.equal(again.status, 400);
    const pushed = await gateway.get('/idporten/par', {
      method: 'POST',
      body: login.url.searchParams,
      headers: { Authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}` },
    });
    t.equal(pushed.status, 201);
    t.equal(pushed.json.expires_in, 120);
  });

  await t.test('a native client is at home on its own machine, at any port; a public one must send a state', async (t) => {
    const client = await side.client({
      applicationType: 'native',
      tokenEndpointAuthMethod: 'none',
      redirectUris: ['http://127.0.0.1:0/cb'],
    });
    const login = await client.begin({ redirect_uri: 'http://127.0.0.1:4711/cb' });
    const back = await logIn(fresh(), login.url, person);
    t.equal(back.url.port, '4711');
    const tokens = await login.finish(back.url);
    t.ok(tokens.refresh_token, 'good for once');
    t.equal((await fresh().get((await client.begin({ redirect_uri: 'http://127.0.0.1:4711/cb2' })).url)).status, 400);
    t.equal((await fresh().get((await client.begin({ redirect_uri: 'http://127.0.0.2:4711/cb' })).url)).status, 400);
    const stateless = without(await client.begin({ redirect_uri: 'http://127.0.0.1:4711/cb' }), 'state');
    t.match(errorOf((await fresh().get(stateless)).url), /invalid_request: state/);
  });

  await t.test('what is too large, twice, or of another kind is refused in OAuth’s words, without an echo', async (t) => {
    const send = (body: string, type = 'application/x-www-form-urlencoded') =>
      gateway.get('/idporten/token', { method: 'POST', body, headers: { 'Content-Type': type } });
    const large = await send(`code=${'a'.repeat(10_000_000)}`);
    t.equal(large.status, 413);
    t.equal(large.json.error, 'invalid_request');
    const json = await send('{"grant_type":"x"}', 'application/json');
    t.equal(json.json.error, 'invalid_request');
    const twice = await send('grant_type=authorization_code&grant_type=secret-word&client_id=x');
    t.equal(twice.status, 401);
    t.notMatch(twice.text, /secret-word/);
    const bombs = await fresh().get('/idporten/authorize?client_id=x', {
      Cookie: `idporten=${'x'.repeat(20_000)}; idporten.sig=${'y'.repeat(5000)}`,
    });
    t.equal(bombs.status, 400);
  });

  await t.test('the provider’s addresses are the issuer’s, whatever a request says of where it goes (threat 46)', async (t) => {
    const client = await side.client();
    const login = await client.begin();
    const agent = fresh();
    const page = await agent.get(login.url, { 'X-Forwarded-Host': 'evil.example', 'X-Forwarded-Proto': 'https' });
    t.equal(page.url.origin, gateway.origin);
    const told = await gateway.get('/idporten/.well-known/openid-configuration');
    t.equal(told.json.issuer, side.issuer);
    for (const member of Object.keys(told.json).filter((name) => name.endsWith('_endpoint')))
      t.match(told.json[member], new RegExp(`^${side.issuer}/`));
  });

  await t.test('a person number stands in no log, address or title, and not in the store to be read (threat 45)', async (t) => {
    const client = await side.client();
    const login = await client.begin({ login_hint: `testid:${side.other.brukerIdent}_idporten-loa-high` });
    const agent = fresh();
    await login.finish((await agent.get(login.url)).url);
    const numbers = [person.brukerIdent, side.other.brukerIdent];
    for (const number of numbers) {
      t.notOk(
        gateway.lines.some((line) => line.includes(number)),
        'the log',
      );
      const asked = agent.visited.filter(({ pathname }) => pathname !== '/idporten/authorize');
      t.notOk(
        asked.some(({ href }) => href.includes(number)),
        'addresses',
      );
      if (process.env['SUITE_MONGODB_URI'] !== undefined) continue;
      t.notOk(readFileSync(join(gateway.config.data, 'store/data.mdb')).includes(number), 'the store');
    }
    const page = await fresh().get((await client.begin()).url);
    t.notMatch(page.text, /[0-9]{11}/, 'the page');
  });
});
