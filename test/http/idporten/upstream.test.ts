// Takes about 2 s.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runGateway, temporaryFolder } from '../../fixtures/gateway.js';
import { claimsIn, idportenSide, UserAgent } from '../../fixtures/idporten.js';
import { UPSTREAM_CLIENT, UPSTREAM_SECRET, type UpstreamManner, upstreamProvider } from '../../fixtures/upstream-provider.js';

t.test('persons show who they are at a provider upstream', async (t) => {
  const secret = join(temporaryFolder(t), 'secret');
  writeFileSync(secret, UPSTREAM_SECRET);
  const upstream = await upstreamProvider(t);
  const settings = { eidIssuer: upstream.issuer, eidClientId: UPSTREAM_CLIENT, eidClientSecretFile: secret };
  const gateway = await runGateway(t, { ...settings, eidMethods: [['bid', 'BankID Mobil']], eidTimeoutMs: 1000 });
  await upstream.serve(gateway.origin);
  const side = await idportenSide(t, gateway);
  const pid = side.person.brukerIdent;
  upstream.manner.claims = { pid };
  const client = await side.client();
  const begun = async (params: Record<string, string> = {}, agent = new UserAgent(gateway.origin, upstream.issuer)) => {
    const login = await client.begin(params);
    return { login, agent, back: await agent.get(login.url) };
  };

  await t.test('and come back recognised as surely as it says', async (t) => {
    Object.assign(upstream.manner, { acr: 'idporten-loa-substantial', amr: ['bid', 'other'] });
    const { login, back } = await begun({ acr_values: 'idporten-loa-substantial', ui_locales: 'nn' });
    const tokens = claimsIn((await login.finish(back.url)).id_token);
    t.match(tokens, { pid, acr: 'idporten-loa-substantial', amr: ['BankID Mobil', 'other'] });
    const asked = upstream.asked.at(-1);
    t.equal(asked?.get('acr_values'), 'idporten-loa-substantial idporten-loa-high', 'what is as good or better is asked for');
    t.equal(asked?.get('code_challenge_method'), 'S256');
    t.equal(asked?.get('ui_locales'), 'nn');
    t.match(asked?.get('nonce'), /.{20}/);
  });

  await t.test('whoever is recognised less surely than the client asks for has not logged in, and may try again', async (t) => {
    upstream.manner.acr = 'idporten-loa-substantial';
    const { agent, back } = await begun({ acr_values: 'idporten-loa-high' });
    t.equal(back.status, 403);
    t.match(back.text, /ikke sikker nok/);
    const cancelled = await agent.post(back.url, {});
    t.equal(cancelled.url.searchParams.get('error'), 'access_denied');
  });

  for (const [fault, change] of Object.entries({
    'an acr that is not listed': { acr: 'urn:of:another:kind' },
    'no acr': { acr: undefined },
    'no person number': { claims: {} },
    'a number that is none': { claims: { pid: '12345678901' } },
  })) {
    await t.test(`${fault} is no login, and nothing is guessed`, async (t) => {
      const before = { ...upstream.manner };
      Object.assign(upstream.manner, change);
      const { back } = await begun();
      Object.assign(upstream.manner, before);
      t.equal(back.status, 503);
      t.match(back.text, /svarer ikke som den skal/);
      t.notMatch(back.text, pid);
    });
  }

  await t.test('whoever says no there is back at the client with access_denied', async (t) => {
    upstream.manner.says = 'no';
    const { back } = await begun();
    upstream.manner.says = 'yes';
    t.equal(back.url.searchParams.get('error'), 'access_denied');
  });

  await t.test('what it has said counts once, and in the browser that was sent there', async (t) => {
    const { agent } = await begun();
    const answered = agent.visited.find(({ pathname }) => pathname === '/idporten/eid/callback') as URL;
    const again = await agent.get(answered);
    t.equal(again.status, 404, 'it was used');
    t.match(again.headers.get('content-type'), /text\/html/);
    upstream.manner.instead = stopAt('/step/');
    const waiting = await begun();
    const state = upstream.asked.at(-1)?.get('state') ?? '';
    const thief = new UserAgent(gateway.origin, upstream.issuer);
    const stolen = await thief.get(`/idporten/eid/callback?${new URLSearchParams({ code: 'x', state, iss: upstream.issuer })}`);
    upstream.manner.instead = undefined;
    t.equal(stolen.status, 400, 'another browser has no part in it');
    t.match(stolen.text, /ikke i gang/);
    t.ok(waiting);
  });

  await t.test('an answer that says it is of another issuer is none (RFC 9207)', async (t) => {
    upstream.manner.instead = stopAt('/step/');
    const { agent } = await begun();
    upstream.manner.instead = undefined;
    const state = upstream.asked.at(-1)?.get('state') ?? '';
    const mixed = await agent.get(`/idporten/eid/callback?${new URLSearchParams({ code: 'x', state, iss: 'https://other.example' })}`);
    t.equal(mixed.status, 503);
  });

  await t.test('its new key counts at once', async (t) => {
    await upstream.rotate();
    const { login, back } = await begun();
    t.equal(claimsIn((await login.finish(back.url)).id_token).pid, pid);
  });

  await t.test('a provider that is down, slow or answers nonsense gets the person a page that says so, with another try', async (t) => {
    const faults: Record<string, UpstreamManner['instead']> = {
      slow: () => true,
      html: (_, response) => Boolean(response.writeHead(200, { 'Content-Type': 'text/html' }).end('<h1>Hello')),
      huge: (_, response) =>
        Boolean(response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify('x'.repeat(300_000)))),
      elsewhere: (_, response) => Boolean(response.writeHead(302, { Location: `${gateway.origin}/health/live` }).end()),
      cut: (request) => Boolean(request.socket.destroy()),
    };
    for (const [name, instead] of Object.entries(faults)) {
      upstream.manner.instead = (request, response) => request.url === '/token' && instead?.(request, response) === true;
      const { agent, back } = await begun();
      t.equal(back.status, 503, name);
      upstream.manner.instead = undefined;
      const retry = await agent.get(/<a [^>]*href="([^"]+\/interaction\/[^"]+)"/.exec(back.text)?.[1] ?? '');
      t.match(retry.url.search, /code=/, 'the next try goes through');
    }
  });

  await t.test('whoever logs out there is logged out here, once its message is genuine', async (t) => {
    const { agent } = await begun();
    const quiet = async () => (await begun({ prompt: 'none' }, agent)).back.url.searchParams;
    t.ok((await quiet()).get('code'), 'the session stands');
    const forged = await gateway.get('/idporten/eid/logout', {
      method: 'POST',
      body: new URLSearchParams({ logout_token: 'e30.e30.e30' }),
    });
    t.equal(forged.status, 400);
    let fetches = 0;
    upstream.manner.instead = (request) => {
      fetches += Number(request.url === '/jwks');
      return false;
    };
    for (let count = 0; count < 8; count += 1) {
      const head = Buffer.from(JSON.stringify({ alg: 'ES256', kid: `${count}` })).toString('base64url');
      const body = new URLSearchParams({ logout_token: `${head}.e30.AAAA` });
      t.equal((await gateway.get('/idporten/eid/logout', { method: 'POST', body })).status, 400);
    }
    t.ok(fetches <= 2, 'keys are not fetched for each that anybody sends (threat 34)');
    upstream.manner.instead = undefined;
    t.ok((await quiet()).get('code'), 'and does so after a message that is none');
    await upstream.tellLogout('upstream-sub', 'another');
    t.ok((await quiet()).get('code'), 'another login of the person has ended');
    await upstream.tellLogout('upstream-sub');
    t.equal((await quiet()).get('error'), 'login_required');
  });

  t.notMatch(gateway.lines.join(''), pid, 'no line of the log holds the number');
});

function stopAt(path: string): UpstreamManner['instead'] {
  return (request, response) => request.url?.startsWith(path) === true && Boolean(response.writeHead(200).end());
}
