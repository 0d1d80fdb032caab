import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { importPKCS8, SignJWT } from 'jose';
import { allowInsecureRequests, discovery, genericGrantRequest } from 'openid-client';
import t, { type Test } from 'tap';
import { runInside } from '../fixtures/command-inside.js';
import { runDocumentedApi } from '../fixtures/documented.js';
import { type SpokenTo, temporaryFolder } from '../fixtures/gateway.js';
import { runGatewayApart } from '../fixtures/gateway-process.js';

const FHI = '983744516';
const OSLO = '958935420';
const SCOPE = 'badevann:prove.read';
const API = 'https://api.fhi.example';

/** The commands of everybody in the story: the operator's on the store, the organisations' over HTTP. */
function commandsOf(t: Test, gateway: SpokenTo) {
  const env = { TILGANG_DATA: gateway.config.data, TILGANG_MODE: 'demo', TILGANG_PUBLIC_URL: gateway.origin };
  const run = async (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<string> => {
    const { code, stdout, stderr } = await runInside(args, { ...env, ...more });
    t.equal(code, 0, `tilgang ${args.slice(0, 3).join(' ')}: ${stderr}`);
    t.match(stdout, /\S/, `tilgang ${args[0]} says what it did`);
    return stdout.trim();
  };
  const token = (client: string, key: string, ...args: readonly string[]): Promise<string> =>
    run(['token', '--client', client, '--key', key, ...args]);
  const demoKey = join(gateway.config.data, 'demo-client.pem');
  return {
    run,
    token,
    /** What an organisation does over HTTP, by its machine in the demo world. */
    async as(client: string, scope: string, ...args: readonly string[]): Promise<string> {
      const TILGANG_TOKEN = await token(client, demoKey, '--scope', scope);
      return run([...args, '--url', gateway.origin], { TILGANG_TOKEN });
    },
    refused: async (args: readonly string[]) => runInside(args, env),
  };
}

/** The token that another client library fetches with the same key. */
async function openidToken(issuer: string, clientId: string, keyFile: string, kid: string): Promise<string> {
  const options = { algorithm: 'oauth2' as const, execute: [allowInsecureRequests] };
  const config = await discovery(new URL(issuer), clientId, undefined, () => {}, options);
  const assertion = await new SignJWT({ scope: SCOPE, resource: [API] })
    .setProtectedHeader({ alg: 'RS256', kid })
    .setIssuer(clientId)
    .setAudience(issuer)
    .setIssuedAt()
    .setExpirationTime('60s')
    .setJti(randomUUID())
    .sign(await importPKCS8(readFileSync(keyFile, 'utf8'), 'RS256'));
  const answer = await genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:jwt-bearer', { assertion });
  return answer.access_token;
}

t.test('from a prefix to an API that is called, and back: every step is a command, and stands in the history of both', async (t) => {
  const gateway = await runGatewayApart(t);
  const issuer = `${gateway.origin}/maskinporten/`;
  const { run, token, as, refused } = commandsOf(t, gateway);
  const folder = temporaryFolder(t);
  const [osloKey, supplierKey] = ['oslo.pem', 'supplier.pem'].map((name) => join(folder, name)) as [string, string];
  const SUPPLIER = gateway.world.organisations.find(({ name }) => name === 'Demoleverandør AS')?.orgnr as string;
  const api = await runDocumentedApi(t, { issuer, audience: API, scope: SCOPE });
  const called = async (bearer: string): Promise<unknown> =>
    (await fetch(api, { headers: { Authorization: `Bearer ${bearer}` } })).json().catch(() => undefined);

  t.match(await run(['scopes', 'prefix', 'hand-out', 'badevann', FHI]), /^handed out: 983744516 makes scopes under badevann:$/);
  const keepsScopes = 'idporten:scopes.write';
  const texts = ['--description', 'Lese badevannsprøver', '--delegation'];
  t.match(await as('fhi', keepsScopes, 'scopes', 'new', SCOPE, ...texts), /^made: badevann:prove\.read {2}983744516 {2}\(delegated by /);
  t.match(await as('fhi', keepsScopes, 'access', 'grant', SCOPE, OSLO), /^granted: 958935420 has badevann:prove\.read of 983744516$/);

  const made = await run(['client', 'keys', 'new', '--out', osloKey, '--bits', '2048']);
  t.equal(statSync(osloKey).mode & 0o777, 0o600, 'nobody else reads the private key');
  const kid = made.match(/^made the key (\S+) /)?.[1] as string;
  const keepsClients = 'idporten:dcr.write';
  const publicKey = osloKey.replace('.pem', '.jwk.json');
  const { id, ...client } = JSON.parse(
    await as('oslo', keepsClients, 'client', 'new', '--name', 'Badevann', '--scope', SCOPE, '--key', publicKey, '--json'),
  );
  t.match(client, { orgnr: OSLO, scopes: [SCOPE], active: true, keys: [{ kid, alg: 'RS256' }] });

  const ask = ['--client', id, '--key', osloKey, '--scope', SCOPE, '--resource', API];
  const before = await run(['token', ...ask]);
  t.same(await called(before), { consumer: OSLO }, 'the token of the command opens the API');
  t.same(await called(await openidToken(issuer, id, osloKey, kid)), { consumer: OSLO }, 'and so does that of openid-client');
  const elsewhere = await token(id, osloKey, '--scope', SCOPE, '--resource', 'https://other.example');
  t.equal(await called(elsewhere), undefined, 'one for another API does not (MP 18)');

  await as('fhi', keepsScopes, 'access', 'revoke', SCOPE, OSLO);
  const none = await refused(['token', ...ask]);
  t.match(none, {
    code: 1,
    stdout: '',
    stderr: /gives no token \(403\): forbidden: .*badevann:prove\.read[\s\S]*\/maskinporten\/errors\/MP-250/,
  });
  t.same(await called(before), { consumer: OSLO }, 'a token that is out lives on (MP 14)');
  await as('fhi', keepsScopes, 'access', 'grant', SCOPE, OSLO);
  t.same(await called(await run(['token', ...ask])), { consumer: OSLO }, 'granting again works');

  await run(['client', 'keys', 'new', '--out', supplierKey, '--bits', '2048']);
  const acting = ['--key', supplierKey, '--scope', SCOPE, '--resource', API, '--consumer-org', OSLO];
  const first = await run(['client', 'first', SUPPLIER, '--key', supplierKey, '--scope', 'ks:fiks.konsument']);
  t.match(
    first,
    /^registered: \S+ {2}\d{9} {2}maskinporten {2}Selvbetjening {2}\[idporten:.* maskinporten:delegations\.write ks:fiks\.konsument\]$/m,
  );
  t.match(first, /^next: tilgang terms sign --orgnr \d{9}$/m);
  t.match(await refused(['terms', 'sign']), { code: 1, stderr: /by its number \(`--orgnr`\)/ });
  const supplier = JSON.parse(
    await run(['client', 'new', '--name', 'Fagsystem', '--scope', SCOPE, '--key', supplierKey, '--orgnr', SUPPLIER, '--json']),
  );
  t.match(await refused(['token', '--client', supplier.id, ...acting]), { code: 1, stderr: /\/errors\/MP-251/ });
  const delegates = 'maskinporten:delegations.write';
  const given = await as('oslo', delegates, 'delegations', 'give', SCOPE, SUPPLIER, '--until', '2099-06-30');
  t.match(given, new RegExp(`^given: ${SUPPLIER} acts with ${SCOPE} for ${OSLO}, since .*, until 2099-06-30T22:00`));
  t.same(await called(await run(['token', '--client', supplier.id, ...acting])), { consumer: OSLO, supplier: SUPPLIER });
  await as('oslo', delegates, 'delegations', 'withdraw', SCOPE, SUPPLIER);
  t.match(await refused(['token', '--client', supplier.id, ...acting]), { code: 1, stderr: /\/errors\/MP-251/ });

  const historyOf = async (person: string, orgnr: string): Promise<readonly string[]> => {
    const path = `/konsument-bruker/api/v1/organisasjoner/${orgnr}/hendelser?antall=12`;
    const { status, json } = await gateway.send({ person }, 'GET', path);
    t.equal(status, 200);
    return json.hendelser.map(({ handling }: { handling: string }) => handling).reverse();
  };
  const ofFhi = ['prefix.hand-out', 'scope.create', 'access.grant', 'access.revoke', 'access.grant'];
  t.match((await historyOf('fhi-leder', FHI)).join(' '), ofFhi.join(' '));
  const ofOslo = [
    'access.grant',
    'client.create',
    'client-key.put',
    'access.revoke',
    'access.grant',
    'delegation.give',
    'delegation.withdraw',
  ];
  t.match((await historyOf('oslo-leder', OSLO)).join(' '), ofOslo.join(' '));

  const shown = (text: string): { readonly [name: string]: unknown } => JSON.parse(text);
  const change = ['scopes', 'change', SCOPE];
  const changed = shown(await as('fhi', keepsScopes, ...change, '--max-age', '30', '--audience', API, '--no-delegation', '--json'));
  t.match(changed, { description: 'Lese badevannsprøver', atMaxAge: 30, enforcedAudience: API, delegationSource: undefined });
  const here = shown(await run([...change, '--description', 'Lese prøver', '--no-audience', '--private', '--delegation', '--json']));
  t.match(here, {
    description: 'Lese prøver',
    atMaxAge: 30,
    enforcedAudience: undefined,
    visibility: 'PRIVATE',
    delegationSource: /delegations$/,
  });
  t.match(await refused(change), { code: 2, stderr: /name what is to change/ });

  for (const [by, ending, again] of [
    ['the organisation', () => as('oslo', keepsClients, 'client', 'deactivate', id), () => run(['client', 'activate', id])],
    [
      'the operator',
      () => run(['client', 'deactivate', id]),
      () => as('oslo', `${keepsClients} idporten:dcr.read`, 'client', 'activate', id),
    ],
  ] as const) {
    t.match(await ending(), /^deactivated: no new tokens for /, by);
    t.match(await refused(['token', ...ask]), { code: 1, stderr: /\/errors\/MP-100/ }, by);
    t.match(await again(), /^activated: .* \[badevann:prove\.read\]$/, by);
    t.same(await called(await run(['token', ...ask])), { consumer: OSLO }, 'with the key and the scope that it had');
  }
  t.match(await refused(['client', 'new', '--name', 'Ingens']), { code: 1, stdout: '', stderr: /by its number \(`--orgnr`\)/ });
  t.match(await refused(['token', ...ask, '--certificate', osloKey]), { code: 2, stderr: /--certificate holds no certificate/ });
  t.match(await refused(['token', ...ask, '--on-behalf-of', 'ukjent']), { code: 1, stderr: /\/errors\/onbehalfof-unknown/ });
});

t.test('a scope that persons say yes to, and services that they log in to, are made by command too', async (t) => {
  const gateway = await runGatewayApart(t);
  const { run, as } = commandsOf(t, gateway);
  const made = await as('fhi', 'idporten:scopes.write', 'scopes', 'new', 'fhi:time/egne.read', '--description', 'Se timene', '--consent');
  t.match(made, /^made: fhi:time\/egne\.read {2}983744516 {2}\(by consent\) /);
  t.notMatch(await run(['scopes', 'change', 'fhi:time/egne.read', '--no-consent', '--orgnr', FHI]), /consent/);
  const ofPersons = ['--name', 'Min side', '--redirect-uri', 'https://minside.oslo.example/callback', '--integration-type'];
  const scopes = ['--scope', 'openid', 'fhi:vaksine/egne.read', '--post-logout-uri', 'https://minside.oslo.example/'];
  const knows = async (id: string, secret: string): Promise<string> => {
    const headers = { Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` };
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'x' });
    return (await gateway.get('/idporten/token', { method: 'POST', headers, body })).json.error;
  };
  for (const told of [
    await as('oslo', 'idporten:dcr.write', 'client', 'new', ...ofPersons, 'api_klient', ...scopes),
    await run(['client', 'new', ...ofPersons, 'idporten', '--orgnr', OSLO]),
  ]) {
    const [, id = '', secret = ''] = /^registered: (\S+) .*\nsecret: (\S+)\nIt is told this once/.exec(told) ?? [];
    t.equal(await knows(id, secret), 'invalid_grant', 'the secret is the client’s');
    t.equal(await knows(id, `${secret}x`), 'invalid_client');
  }
  const native = ['--application', 'native', '--redirect-uri', 'http://127.0.0.1:0/callback', '--orgnr', OSLO];
  t.match(await run(['client', 'new', '--name', 'App', '--integration-type', 'idporten', ...native]), /\nnext: persons log in to it/);
});
