// Takes about 10 s.
import t from 'tap';
import { demoWorld } from '#demo';
import { toInstant } from '#domain';
import { freePort } from '../../fixtures/command.js';
import { demoFolder } from '../../fixtures/demo-folder.js';
import { demoConfig, type RunningGateway } from '../../fixtures/gateway.js';
import { startGatewayProcess } from '../../fixtures/gateway-process.js';
import { claimsIn, HOME, hiddenFields, idportenSide, OSLO, UserAgent } from '../../fixtures/idporten.js';
import { storeVariableOf } from '../../fixtures/store-of-suite.js';

void t.test('a login goes on at another node, and where one has been killed in the middle of it', async (t) => {
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const { data } = await demoFolder(t);
  const environment = { ...storeVariableOf(data), TILGANG_PUBLIC_URL: publicUrl };
  await startGatewayProcess(t, data, { ...environment, TILGANG_PORT: String(port) });
  // The test looks at the store beside them, once: whoever closes it in a process takes its locks from all of that one.
  const side = await idportenSide(t, { origin: publicUrl, config: demoConfig(data), world: demoWorld(toInstant(0)) } as RunningGateway);
  const asked = await side.scope('noder.read', { requiresUserConsent: true });
  const client = await side.client({ integrationType: 'api_klient', scopes: ['openid', 'profile', asked] });
  const second = await startGatewayProcess(t, data, environment);
  const headers = { Authorization: `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString('base64')}` };
  const token = async (origin: string, fields: Readonly<Record<string, string>>) => {
    const answer = await fetch(`${origin}/idporten/token`, { method: 'POST', body: new URLSearchParams(fields), headers });
    return { status: answer.status, json: (await answer.json()) as Record<string, string> };
  };

  const begun = await client.begin({ scope: `openid ${asked}`, login_hint: `testid:${side.person.brukerIdent}_idporten-loa-high` });
  const agent = new UserAgent(publicUrl);
  const page = await agent.get(begun.url);
  t.equal(page.status, 200, 'the consent page of the first');
  // As if a proxy took the answer to the other: cookies go to every port of a host.
  const there = new UserAgent(second.origin);
  there.take(agent.cookies);
  const answered = await there.post(`${second.origin}${page.url.pathname}`, { ...hiddenFields(page.text), answer: 'yes' });
  const resumed = await fetch(`${second.origin}${answered.url.pathname}`, {
    headers: { Cookie: there.cookies.map(({ name, value }) => `${name}=${value}`).join('; ') },
    redirect: 'manual',
  });
  const back = new URL(resumed.headers.get('location') ?? '');
  t.equal(`${back.origin}${back.pathname}`, HOME);
  const form = {
    grant_type: 'authorization_code',
    code: back.searchParams.get('code') ?? '',
    redirect_uri: HOME,
    code_verifier: begun.verifier,
  };
  const at = [publicUrl, second.origin, publicUrl, second.origin];
  const answers = await Promise.all(at.map((origin) => token(origin, form)));
  const won = answers.filter(({ status }) => status === 200);
  t.ok(won.length <= 1, 'one code, at most one answer, whichever node is asked');
  t.ok(answers.every(({ status, json }) => status === 200 || json['error'] === 'invalid_grant'));

  const login = await client.begin({ scope: `openid ${asked}`, login_hint: `testid:${side.person.brukerIdent}_idporten-loa-high` });
  const code = (await agent.get(login.url)).url.searchParams.get('code') ?? '';
  t.equal(await second.stop('SIGKILL').then(() => 'killed'), 'killed');
  const third = await startGatewayProcess(t, data, environment);
  const made = await token(third.origin, { ...form, code, code_verifier: login.verifier });
  t.equal(made.status, 200, 'a node that has just started');
  t.match(claimsIn(made.json['access_token']), { scope: `openid ${asked}`, consumer: { ID: `0192:${OSLO}` } });
  const refresh = (origin: string, value = '') => token(origin, { grant_type: 'refresh_token', refresh_token: value });
  const next = await refresh(publicUrl, made.json['refresh_token']);
  t.equal(next.status, 200);
  t.equal((await refresh(third.origin, made.json['refresh_token'])).json['error'], 'invalid_grant', 'used at the other');
  t.equal((await refresh(third.origin, next.json['refresh_token'])).json['error'], 'invalid_grant', 'and so the family has ended');
});
