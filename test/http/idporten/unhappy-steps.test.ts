import * as openid from 'openid-client';
import t from 'tap';
import { closeOrganisation } from '#access';
import { blockPerson, unblockPerson } from '#idporten';
import { grantAccess, revokeAccess } from '#maskinporten';
import { runGateway } from '../../fixtures/gateway.js';
import { claimsIn, FHI, hiddenFields, idportenSide, logIn, OSLO, UserAgent } from '../../fixtures/idporten.js';

void t.test('what goes wrong in the middle of a login', async (t) => {
  const gateway = await runGateway(t, { refusalsPerMinute: 5 });
  const side = await idportenSide(t, gateway);
  const { person, other, parts, operator } = side;
  const fresh = (): UserAgent => new UserAgent(gateway.origin);
  const errorIn = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => 'none',
      ({ error }: { readonly error?: string }) => error,
    );

  await t.test('a form that is not taken is a page for its reader, not JSON (threat 40)', async (t) => {
    const agent = fresh();
    const page = await agent.get((await (await side.client()).begin({ ui_locales: 'nn' })).url);
    for (const [fields, status, text] of [
      [{ form_token: 'x', person: person.id }, 403, /Skjemaet kan ikke brukes lenger/],
      [{ person: 'a'.repeat(70_000) }, 413, /Forespørselen er feil/],
    ] as const) {
      const refused = await agent.post(page.url, fields);
      t.match(refused, { status, text });
      t.match(refused.headers.get('content-type'), /^text\/html/);
      t.match(refused.headers.get('content-security-policy'), /frame-ancestors 'none'/);
    }
    t.match((await agent.post(page.url, { ...hiddenFields(page.text), person: person.id })).url.searchParams.get('code'), /./);
  });

  await t.test(
    'a method that a path does not know is 405; the page that posts an answer is in no frame, and runs its own script alone (threat 40)',
    async (t) => {
      for (const [method, path, allow] of [
        ['GET', '/token', 'POST'],
        ['GET', '/par', 'POST'],
        ['DELETE', '/logout', 'HEAD, GET, POST'],
        ['PUT', '/logout/done', 'HEAD, GET'],
        ['POST', '/authorize', 'HEAD, GET'],
        ['PUT', '/interaction/x', 'HEAD, GET, POST'],
      ] as const) {
        const { status, headers } = await gateway.get(`/idporten${path}`, { method });
        t.same([status, headers.get('allow')], [405, allow], `${method} ${path}`);
      }
      const agent = fresh();
      const login = await (await side.client()).begin({ response_mode: 'form_post' });
      const page = await logIn(agent, login.url, person);
      t.match(page.text, /name="code"/);
      const policy = `${page.headers.get('content-security-policy')}`;
      t.match(policy, /default-src 'none';.*script-src 'sha256-[^';]+';.*frame-ancestors 'none'/);
      t.equal(page.headers.get('x-content-type-options'), 'nosniff');
    },
  );

  await t.test('where two tabs log two persons in, the second is logged in, and the first is logged out (threat 40)', async (t) => {
    const client = await side.client();
    const agent = fresh();
    const [one, two] = [await client.begin(), await client.begin()];
    const [first, second] = [await agent.get(one.url), await agent.get(two.url)];
    const before = await two.finish((await agent.post(second.url, { ...hiddenFields(second.text), person: person.id })).url);
    const back = await agent.post(first.url, { ...hiddenFields(first.text), person: other.id });
    t.equal(claimsIn((await one.finish(back.url)).id_token).pid, other.brukerIdent);
    await t.rejects(openid.fetchUserInfo(client.config, before.access_token, openid.skipSubjectCheck));
    const silent = await client.begin({ prompt: 'none' });
    t.equal(claimsIn((await silent.finish((await agent.get(silent.url)).url)).id_token).pid, other.brukerIdent);
  });

  await t.test('a yes on a page that was shown to one person is not another’s (threat 40)', async (t) => {
    const asked = await side.scope('to.personer', { requiresUserConsent: true });
    const client = await side.client({ integrationType: 'api_klient', scopes: ['openid', 'profile', asked] as never });
    const agent = fresh();
    const page = await logIn(agent, (await client.begin({ scope: `openid ${asked}` })).url, person);
    t.match(page.text, /name="answer"/);
    const others = await client.begin({ prompt: 'login' });
    await logIn(agent, others.url, other);
    t.match(await agent.post(page.url, { ...hiddenFields(page.text), answer: 'yes' }), { status: 400, text: /ikke i gang lenger/ });
    const again = await logIn(agent, (await client.begin({ scope: `openid ${asked}` })).url, other);
    t.match(again.text, /name="answer"/, 'neither of them has given it');
  });

  const scope = await side.scope('kode.read');
  const apiClient = (more: object = {}) =>
    side.client({ integrationType: 'api_klient', scopes: ['openid', 'profile', scope] as never, ...more });

  await t.test('what is taken back between the login and the code is not had by the code', async (t) => {
    const client = await apiClient();
    const begun = await client.begin({ scope: `openid ${scope}` });
    const { url } = await logIn(fresh(), begun.url, person);
    await revokeAccess(parts, operator, { scope: scope as never, consumer: OSLO });
    t.equal((await begun.finish(url)).scope, 'openid');
    await grantAccess(parts, operator, { scope: scope as never, consumer: OSLO });
  });

  await t.test('who is blocked logs in nowhere, and what was given counts no more, until that ends (§8 30)', async (t) => {
    await grantAccess(parts, operator, { scope: 'idporten:token.introspection', consumer: FHI });
    const owner = await side.client({
      orgnr: FHI,
      integrationType: 'api_klient',
      scopes: ['openid', 'idporten:token.introspection'] as never,
    });
    const client = await apiClient();
    const agent = fresh();
    const begun = await client.begin({ scope: `openid ${scope}` });
    const tokens = await begun.finish((await logIn(agent, begun.url, person)).url);
    const late = await client.begin({ scope: `openid ${scope}` });
    const code = (await agent.get(late.url)).url;
    // A resource server of our own, that reads the token itself.
    const ownToken = gateway.tokenOf({ person: 'person-001' });
    const ownStatus = async () =>
      (await gateway.get('/konsument-bruker/api/v1/organisasjoner', { headers: { Authorization: `Bearer ${await ownToken}` } })).status;
    const isActive = async () => (await openid.tokenIntrospection(owner.config, tokens.access_token)).active;
    t.equal(await isActive(), true);
    const before = await ownStatus();
    t.not(before, 401);
    const blocking = { person: person.brukerIdent };
    await blockPerson(parts, operator, blocking);
    t.equal(await isActive(), false);
    t.equal(await ownStatus(), 401, 'by a token that has not ended, at our own APIs');
    t.equal(await errorIn(late.finish(code)), 'invalid_grant', 'by a code from before');
    t.equal(await errorIn(openid.refreshTokenGrant(client.config, tokens.refresh_token ?? '')), 'invalid_grant');
    for (const [how, one] of [
      ['anew', fresh()],
      ['still being logged in', agent],
    ] as const)
      t.equal((await logIn(one, (await client.begin()).url, person)).url.searchParams.get('error'), 'access_denied', how);
    t.equal((await agent.get('/idporten/mine')).status, 403, 'nor sees it what was given');
    t.match((await logIn(fresh(), (await client.begin()).url, other)).url.searchParams.get('code'), /./, 'others do');
    await unblockPerson(parts, operator, blocking);
    t.equal(await ownStatus(), before);
    t.match((await logIn(fresh(), (await client.begin()).url, person)).url.searchParams.get('code'), /./);
  });

  await t.test('who shows the wrong secret too often is told to wait; the client with the right one is not kept away', async (t) => {
    const [client, another] = [await side.client(), await side.client()];
    const post = (id: string, secret: string | undefined, path = '/token/introspect') => {
      const Authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
      return gateway.get(`/idporten${path}`, { method: 'POST', headers: { Authorization }, body: new URLSearchParams({ token: 'x' }) });
    };
    const statuses: number[] = [];
    for (let count = 0; count < 7; count += 1) statuses.push((await post(client.id, 'wrong')).status);
    t.same(statuses, [401, 401, 401, 401, 401, 429, 429]);
    for (const path of ['/token', '/token/revoke', '/par']) {
      const told = await post(client.id, 'wrong', path);
      t.match(told, { status: 429, json: { error: 'temporarily_unavailable' } }, path);
      t.ok(told.headers.get('retry-after'));
      t.notOk(told.headers.get('www-authenticate'));
    }
    t.equal((await post(client.id, client.secret)).status, 200);
    t.equal((await post(another.id, 'wrong')).status, 401, 'each client has its own');
    const answers = await Promise.all(['unknown', another.id].map((id) => post(id, 'wrong')));
    t.equal(answers[0]?.text, answers[1]?.text, 'a client that is not there is told nothing else');
  });

  await t.test('an organisation that has ceased logs nobody in, nor are its codes and refresh tokens worth anything', async (t) => {
    const client = await apiClient();
    const begun = await client.begin({ scope: `openid ${scope}` });
    const tokens = await begun.finish((await logIn(fresh(), begun.url, person)).url);
    const late = await client.begin({ scope: `openid ${scope}` });
    const code = (await logIn(fresh(), late.url, person)).url;
    await closeOrganisation(parts as never, operator, OSLO, {});
    t.equal(await errorIn(late.finish(code)), 'invalid_grant');
    t.equal(await errorIn(openid.refreshTokenGrant(client.config, tokens.refresh_token ?? '')), 'invalid_grant');
    const back = await logIn(fresh(), (await client.begin()).url, person);
    t.equal(back.url.searchParams.get('error') ?? back.status, 'unauthorized_client');
  });
});
