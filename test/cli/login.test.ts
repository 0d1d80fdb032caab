// Takes about 7 s.
import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { startCommand, written } from '../fixtures/command.js';
import { runInside } from '../fixtures/command-inside.js';
import { newPersons } from '../fixtures/demo-folder.js';
import { runGateway, temporaryFolder } from '../fixtures/gateway.js';
import { hiddenFields, UserAgent } from '../fixtures/idporten.js';

const gateway = await runGateway(t);
const { origin } = gateway;
const { appId } = gateway.world.first;
const folder = temporaryFolder(t);
const file = join(folder, 'deep/logins.json');
const env = { TILGANG_KEYRING: file };
const run = (args: readonly string[], stdin?: string) => runInside(args, env, stdin);
const kept = () => JSON.parse(readFileSync(file, 'utf8'));

/** Logs a person in as the person would in a browser. @returns what the command says, and what the browser shows in the end */
async function logIn(person: string, args: readonly string[] = [origin]) {
  const command = startCommand(['login', ...args, '--no-browser'], env);
  t.teardown(() => command.child.kill('SIGKILL'));
  await written(command, command.stderr, /\n\nhttp\S+\n\n/);
  const url = /^http\S+$/m.exec(command.stderr())?.[0] as string;
  const agent = new UserAgent(origin);
  const page = await agent.get(url);
  const back = await agent.post(page.url, { ...hiddenFields(page.text), person });
  const shown = await fetch(back.url);
  return {
    ...(await command.ended),
    url: new URL(url),
    back: back.url,
    shown: { status: shown.status, headers: shown.headers, text: await shown.text() },
  };
}

t.test('the leader of Oslo logs in in the browser, and gives ten people access from a file', async (t) => {
  const { code, stdout, url, back, shown } = await logIn('oslo-leder');
  t.match({ code, stdout }, { code: 0, stdout: new RegExp(`^logged in at ${origin}, `) });
  t.match(Object.fromEntries(url.searchParams), {
    code_challenge_method: 'S256',
    acr_values: 'idporten-loa-high',
    resource: origin,
    client_id: 'tilgang-kommandolinje',
  });
  t.match([back.hostname, back.pathname], ['127.0.0.1', '/callback']);
  t.match(shown, { status: 200, text: /Du er logget inn/ });
  t.equal(shown.headers.get('cache-control'), 'no-store');
  t.equal(statSync(file).mode & 0o777, 0o600);
  t.equal(statSync(join(folder, 'deep')).mode & 0o777, 0o700);
  const people = newPersons(10, gateway.world);
  const list = join(folder, 'ti.csv');
  writeFileSync(list, `app,brukerIdent\n${people.map((person) => `${appId},${person}\n`).join('')}`);
  t.match(await run(['brukere', 'import', list]), { code: 0, stdout: 'given 10, changed 0, unchanged 0, faulty 0\n' });
  t.match(
    await run(['oppslag', '--url', origin, '--json'], people[9]),
    { code: 0, stdout: new RegExp(appId) },
    'also where the gateway is named',
  );
});

t.test('a token that has ended is refreshed by itself, once, though two commands want it at once', async (t) => {
  const before = kept().logins[0];
  writeFileSync(file, JSON.stringify({ ...kept(), logins: [{ ...before, expiresAt: 0 }] }));
  chmodSync(file, 0o600);
  const both = await Promise.all([1, 2].map(() => startCommand(['applikasjoner', 'list', '--only', 'on'], env).ended));
  t.match(both, [
    { code: 0, stdout: new RegExp(appId) },
    { code: 0, stdout: new RegExp(appId) },
  ]);
  t.not(kept().logins[0].accessToken, before.accessToken);
  t.ok(kept().logins[0].expiresAt > Date.now());
});

t.test('who logs out is logged out at the issuer too', async (t) => {
  const before = kept();
  t.match(await run(['logout']), { code: 0, stdout: `logged out at ${origin}\n`, stderr: '' });
  t.throws(() => statSync(file), { code: 'ENOENT' });
  t.match(await run(['applikasjoner', 'list']), { code: 2, stderr: /nobody is logged in/ });
  // Somebody has a copy.
  writeFileSync(file, JSON.stringify({ ...before, logins: before.logins.map((one: object) => ({ ...one, expiresAt: 0 })) }), {
    mode: 0o600,
  });
  t.match(await run(['applikasjoner', 'list']), { code: 1, stderr: /has ended: tilgang login/ });
  t.match(await run(['logout']), { code: 0 });
  t.match(await run(['logout']), { code: 0, stdout: 'nobody is logged in\n' });
});

t.test('a person who administers nothing is told so, and a file that others can read is not used (threat 32)', async (t) => {
  // Somebody has laid out where the file is written next.
  const mark = join(folder, 'another-file');
  writeFileSync(mark, 'as it was');
  symlinkSync(mark, `${file}.next`);
  t.match(await logIn('person-001'), { code: 0 });
  t.equal(readFileSync(mark, 'utf8'), 'as it was');
  t.equal(statSync(file).mode & 0o777, 0o600);
  t.match(await run(['applikasjoner', 'list']), { code: 1, stderr: /lets you administer no organisation/ });
  chmodSync(file, 0o644);
  t.match(await run(['applikasjoner', 'list']), { code: 1, stderr: /chmod 600/ });
  chmodSync(file, 0o600);
  writeFileSync(file, '{');
  t.match(await run(['applikasjoner', 'list']), { code: 1, stderr: /holds something else/ });
});

t.test('what is no gateway, or says nothing of logins, is named', async (t) => {
  t.match(await run(['login', 'http://example.no']), { code: 2, stderr: /https/ });
  t.match(await run(['login', 'http://127.0.0.1:9']), { code: 1, stderr: /is the gateway's address/ });
  const other = await runGateway(t);
  t.match(await run(['login', other.origin, '--no-browser', '--client-id', 'nobody', '--issuer', 'http://127.0.0.1:9/x']), {
    code: 1,
    stderr: /127\.0\.0\.1:9\/x did not log anybody in/,
  });
  const { json } = await other.get('/.well-known/oauth-protected-resource');
  t.match(json, {
    resource: other.origin,
    authorization_servers: [`${other.origin}/maskinporten/`, `${other.origin}/idporten`],
    bearer_methods_supported: ['header'],
  });
  t.match(await other.send(null, 'POST', '/.well-known/oauth-protected-resource'), { status: 405 });
});

t.test('the callback takes nobody else’s answer: another state, a second time, another path', async (t) => {
  const command = startCommand(['login', origin, '--no-browser'], env);
  t.teardown(() => command.child.kill('SIGKILL'));
  await written(command, command.stderr, /\n\nhttp\S+\n\n/);
  const url = new URL(/^http\S+$/m.exec(command.stderr())?.[0] as string);
  const callback = url.searchParams.get('redirect_uri') as string;
  const state = url.searchParams.get('state');
  t.equal((await fetch(`${callback}?code=x&state=other`)).status, 404);
  t.equal((await fetch(callback.replace('callback', 'favicon.ico'))).status, 404);
  t.equal((await fetch(`${callback}?state=${state}`, { method: 'POST' })).status, 404);
  const { status } = await fetch(`${callback}?error=access_denied&state=${state}&iss=${encodeURIComponent(`${origin}/idporten`)}`);
  t.equal(status, 400);
  t.match(await command.ended, { code: 1, stderr: /access_denied/ });
});

t.test('a hostile issuer has the desktop open no other scheme, and writes nothing but text to the terminal (threat 38)', async (t) => {
  let metadata: object | string = {};
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(typeof metadata === 'string' ? metadata : JSON.stringify(metadata));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const login = (at = issuer) => run(['login', origin, '--no-browser', '--client-id', 'x', '--issuer', at]);
  for (const address of ['file:///etc/passwd', 'javascript:alert(1)', 'ms-calculator:', '-e']) {
    metadata = { issuer, authorization_endpoint: address };
    const { code, stderr } = await login();
    t.equal(code, 1);
    t.match(stderr, /did not log anybody in/);
    t.notMatch(stderr, /Log in at/);
  }
  metadata = `"${'x'.repeat(300_000)}"`;
  t.match(await login(), { code: 1, stderr: /did not log anybody in/ });
  const { stderr } = await login('http://127.0.0.1:9/\u001b[2J\u202e');
  t.match(stderr, /\\u001b\[2J\\u202e/);
  t.notOk(/[\p{Cc}\p{Cf}]/u.test(stderr.replaceAll('\n', '')), 'nothing that a terminal would do');
});

t.test('whoever demands tokens that are bound to a key is named: the command line sends none', async (t) => {
  let answers: Readonly<Record<string, object>> = {};
  const server = createServer((request, response) => {
    const answer = answers[new URL(request.url ?? '', 'http://x').pathname];
    response.writeHead(request.method === 'POST' ? 400 : 200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const there = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  answers = { '/.well-known/oauth-protected-resource': { resource: there, dpop_bound_access_tokens_required: true } };
  t.match(await run(['login', there, '--no-browser']), { code: 1, stderr: /takes only tokens that are bound to a key \(DPoP\)/ });

  answers = {
    '/.well-known/openid-configuration': {
      ...{ issuer: there, authorization_endpoint: `${there}/authorize`, token_endpoint: `${there}/token`, jwks_uri: `${there}/jwks` },
      ...{ response_types_supported: ['code'], subject_types_supported: ['pairwise'], id_token_signing_alg_values_supported: ['RS256'] },
    },
    '/token': { error: 'invalid_dpop_proof', error_description: 'DPoP proof JWT required' },
  };
  const command = startCommand(['login', origin, '--no-browser', '--client-id', 'x', '--issuer', there], env);
  t.teardown(() => command.child.kill('SIGKILL'));
  await written(command, command.stderr, /\n\nhttp\S+\n\n/);
  const asked = new URL(/^http\S+$/m.exec(command.stderr())?.[0] as string).searchParams;
  await fetch(`${asked.get('redirect_uri')}?code=c&state=${asked.get('state')}`);
  t.match(await command.ended, { code: 1, stderr: /bound to a key \(DPoP\).*name another by --client-id/s });
});
