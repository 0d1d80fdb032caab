import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as openid from 'openid-client';
import t from 'tap';
import { runGateway } from '../../fixtures/gateway.js';
import { type BegunLogin, claimsIn, hiddenFields, idportenSide, logIn, type TestClient, UserAgent } from '../../fixtures/idporten.js';

void t.test('sessions', async (t) => {
  const gateway = await runGateway(t);
  const side = await idportenSide(t, gateway);
  const { person, other } = side;
  const fresh = (): UserAgent => new UserAgent(gateway.origin);
  const errorOf = async (agent: UserAgent, login: BegunLogin): Promise<string | null> =>
    (await agent.get(login.url)).url.searchParams.get('error');
  const isAsked = async (agent: UserAgent, client: TestClient, params = {}): Promise<boolean> =>
    (await agent.get((await client.begin(params)).url)).status === 200;

  await t.test('who has logged in is logged in elsewhere too, until a stronger login or a new one is asked for (§8 26)', async (t) => {
    const [client, another] = [await side.client(), await side.client()];
    const agent = fresh();
    t.equal(await errorOf(agent, await client.begin({ prompt: 'none' })), 'login_required');
    await logIn(agent, (await client.begin({ acr_values: 'idporten-loa-substantial' })).url, person);
    const silent = await another.begin({ prompt: 'none' });
    t.equal(claimsIn((await silent.finish((await agent.get(silent.url)).url)).id_token).acr, 'idporten-loa-substantial');
    t.equal(await errorOf(agent, await another.begin({ prompt: 'none', acr_values: 'idporten-loa-high' })), 'login_required');
    const strong = await another.begin({ acr_values: 'idporten-loa-high Level4' });
    const back = await logIn(agent, strong.url, person);
    t.equal(claimsIn((await strong.finish(back.url)).id_token).acr, 'idporten-loa-high', 'step-up');
    t.equal(await isAsked(agent, client, { acr_values: 'idporten-loa-low' }), false, 'a stronger login will do');
    t.equal(await isAsked(agent, client, { prompt: 'login' }), true);
    t.equal(await errorOf(agent, await client.begin({ acr_values: 'urn:unknown' })), 'invalid_request');
  });

  await t.test('a login is never weaker than was asked for, whatever a form says', async (t) => {
    const login = await (await side.client()).begin({ acr_values: 'idporten-loa-high' });
    const back = await logIn(fresh(), login.url, person, { acr: 'idporten-loa-low' });
    t.equal(claimsIn((await login.finish(back.url)).id_token).acr, 'idporten-loa-high');
  });

  await t.test('whoever does not want to log in is sent back with that', async (t) => {
    const client = await side.client();
    const agent = fresh();
    const login = await client.begin();
    const page = await agent.get(login.url);
    const back = await agent.post(page.url, { ...hiddenFields(page.text), cancel: '1' });
    t.equal(back.url.searchParams.get('error'), 'access_denied');
    t.equal(back.url.searchParams.get('state'), login.state);
    t.equal(back.url.searchParams.get('iss'), side.issuer, 'by whom, too (threat 34)');
    t.equal((await agent.post(page.url, { ...hiddenFields(page.text), person: person.id })).status, 400, 'and the page is over');
  });

  await t.test('a client without single sign-on takes no login of others and gives none', async (t) => {
    const [shared, alone, another] = [await side.client(), await side.client({ ssoDisabled: true }), await side.client()];
    const agent = fresh();
    await logIn(agent, (await shared.begin()).url, person);
    t.equal(await isAsked(agent, alone), true);
    await logIn(agent, (await alone.begin()).url, person);
    t.equal(await isAsked(agent, alone), true, 'nor its own');
    t.equal(await isAsked(agent, another), true);
    await logIn(agent, (await another.begin()).url, person);
    t.equal(await isAsked(agent, shared), false);
  });

  await t.test('two tabs log in beside each other, and the back button begins anew', async (t) => {
    const client = await side.client();
    const agent = fresh();
    const [one, two] = [await client.begin(), await client.begin()];
    const [first, second] = [await agent.get(one.url), await agent.get(two.url)];
    const backOfSecond = await agent.post(second.url, { ...hiddenFields(second.text), person: person.id });
    t.ok((await two.finish(backOfSecond.url)).access_token);
    const backOfFirst = await agent.post(first.url, { ...hiddenFields(first.text), person: person.id });
    t.ok(backOfFirst.status === 303 || backOfFirst.status === 400);
    const again = await agent.get(first.url);
    t.equal(again.status, 400);
    t.equal((await agent.get(one.url)).status, 303, 'from the client again');
  });

  await t.test('a login under way is its browser’s alone, and a session id from before it is worth nothing (threat 35)', async (t) => {
    const client = await side.client();
    const [agent, stranger] = [fresh(), fresh()];
    const page = await agent.get((await client.begin()).url);
    t.equal((await stranger.post(page.url, { ...hiddenFields(page.text), person: person.id })).status, 400);
    const sessions = (one: UserAgent) => one.cookies.filter(({ name }) => name === 'idporten').map(({ value }) => value);
    await logIn(agent, (await client.begin()).url, person);
    const before = agent.cookies;
    await logIn(agent, (await client.begin({ prompt: 'login' })).url, person);
    t.not(sessions(agent)[0], before.find(({ name }) => name === 'idporten')?.value);
    stranger.take(before);
    t.equal(await isAsked(stranger, client), true);
    stranger.take(agent.cookies.map((cookie) => (cookie.name === 'idporten' ? { ...cookie, value: 'made-up' } : cookie)));
    t.equal(await isAsked(stranger, client), true);
  });

  await t.test('where another person logs in the one before is logged out', async (t) => {
    const client = await side.client();
    const agent = fresh();
    const first = await client.begin();
    const tokens = await first.finish((await logIn(agent, first.url, person)).url);
    const second = await client.begin({ prompt: 'login' });
    const others = await second.finish((await logIn(agent, second.url, other)).url);
    t.equal(claimsIn(others.id_token).pid, other.brukerIdent);
    await t.rejects(openid.fetchUserInfo(client.config, tokens.access_token, openid.skipSubjectCheck));
    const silent = await client.begin({ prompt: 'none' });
    t.equal(claimsIn((await silent.finish((await agent.get(silent.url)).url)).id_token).pid, other.brukerIdent);
  });

  await t.test('logging out with an id token ends the session and sends back with the state; other clients are told (§8 27)', async (t) => {
    const heard: URLSearchParams[] = [];
    const rp = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        heard.push(new URLSearchParams(body));
        response.end();
      });
    });
    await new Promise<void>((resolve) => rp.listen(0, '127.0.0.1', resolve));
    t.teardown(() => rp.close());
    const out = 'http://127.0.0.1:9/ut';
    const client = await side.client({ postLogoutRedirectUris: [out] });
    const back = await side.client({ backchannelLogoutUri: `http://127.0.0.1:${(rp.address() as AddressInfo).port}/bak` });
    const away = await side.client({ backchannelLogoutUri: 'http://127.0.0.1:9/borte' });
    const agent = fresh();
    const login = await client.begin();
    const tokens = await login.finish((await logIn(agent, login.url, person)).url);
    const told = await back.begin();
    const sid = claimsIn((await told.finish((await agent.get(told.url)).url)).id_token).sid;
    t.match(sid, /./);
    await agent.get((await away.begin()).url);
    const url = openid.buildEndSessionUrl(client.config, {
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: out,
      state: 'en tilstand',
    });
    const left = await agent.get(url);
    t.equal(left.url.href, `${out}?state=en%20tilstand`);
    const logout = claimsIn(heard[0]?.get('logout_token') ?? '');
    t.match(logout, { iss: side.issuer, aud: back.id, sid, events: { 'http://schemas.openid.net/event/backchannel-logout': {} } });
    t.notOk('pid' in logout);
    t.equal(heard.length, 1);
    t.ok(gateway.lines.some((line) => line.includes('client did not hear of a logout') && line.includes(away.id)));
    t.equal(await isAsked(agent, client), true);
    await t.rejects(
      openid.fetchUserInfo(client.config, tokens.access_token, openid.skipSubjectCheck),
      'a token for the login alone has ended',
    );
    await t.rejects(openid.refreshTokenGrant(client.config, tokens.refresh_token ?? ''));
  });

  await t.test(
    'without an id token, or with another person’s, somebody is asked first; nobody is sent to where no client is at home (threats 40, 47)',
    async (t) => {
      const out = 'http://127.0.0.1:9/ut';
      const client = await side.client({ postLogoutRedirectUris: [out] });
      const agent = fresh();
      const login = await client.begin();
      const tokens = await login.finish((await logIn(agent, login.url, person)).url);
      const asked = await agent.get('/idporten/logout');
      t.equal(asked.status, 200);
      t.equal(await isAsked(agent, client), false, 'a link somewhere logs nobody out');
      const strange = await client.begin();
      const others = await strange.finish((await logIn(fresh(), strange.url, other)).url);
      const hinted = await agent.get(
        openid.buildEndSessionUrl(client.config, { id_token_hint: others.id_token ?? '', post_logout_redirect_uri: out }),
      );
      t.equal(hinted.status, 200);
      t.equal(await isAsked(agent, client), false);
      for (const hint of ['x', `${tokens.id_token}x`]) t.equal((await agent.get(`/idporten/logout?id_token_hint=${hint}`)).status, 400);
      t.equal((await agent.post('/idporten/logout', { session: 'made-up' })).status, 200);
      t.equal(await isAsked(agent, client), false);
      const fields = Object.fromEntries(
        [...asked.text.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [name, value]),
      );
      const done = await agent.post('/idporten/logout', fields);
      t.match(done.text, /logget ut/);
      t.equal(await isAsked(agent, client), true);
      await logIn(agent, (await client.begin()).url, person);
      const unknown = openid.buildEndSessionUrl(client.config, {
        id_token_hint: tokens.id_token ?? '',
        post_logout_redirect_uri: 'https://evil.example/',
      });
      const stays = await agent.get(unknown);
      t.equal(stays.url.origin, gateway.origin);
      t.notMatch(stays.text, /evil/);
    },
  );

  await t.test('clients that want to hear of it in the browser are told there, with session id where they ask for it', async (t) => {
    const front = 'http://127.0.0.1:9/foran';
    const client = await side.client({ frontchannelLogoutUri: front, frontchannelLogoutSessionRequired: true });
    const agent = fresh();
    const login = await client.begin();
    const { id_token: hint = '' } = await login.finish((await logIn(agent, login.url, person)).url);
    const page = await agent.get(openid.buildEndSessionUrl(client.config, { id_token_hint: hint }));
    const source = `${front}?${new URLSearchParams({ iss: side.issuer, sid: claimsIn(hint).sid })}`.replaceAll('&', '&amp;');
    t.ok(page.text.includes(`src="${source}"`));
    t.match(page.headers.get('content-security-policy'), /frame-src http:\/\/127\.0\.0\.1:9\/foran;/);
  });

  await t.test('a session ends some time after its last use, and some time after its login at the latest', async (t) => {
    const { now } = Date;
    t.teardown(() => {
      Date.now = now;
    });
    const client = await side.client();
    const agent = fresh();
    await logIn(agent, (await client.begin()).url, person);
    const later = (minutes: number): void => {
      Date.now = () => now() + minutes * 60_000;
    };
    for (const minutes of [29, 58, 87, 116]) {
      later(minutes);
      t.equal(await isAsked(agent, client), false, `${minutes} minutes`);
    }
    later(121);
    t.equal(await isAsked(agent, client), true, 'after two hours');
    later(122);
    await logIn(agent, (await client.begin()).url, person);
    later(153);
    t.equal(await isAsked(agent, client), true, 'after half an hour without');
  });
});
