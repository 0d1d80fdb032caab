// Takes about 7 s.
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { idportenName, personClaims } from '#idporten';
import { runInside } from '../fixtures/command-inside.js';
import { type SpokenTo, temporaryFolder } from '../fixtures/gateway.js';
import { runGatewayApart } from '../fixtures/gateway-process.js';

t.setTimeout(120_000);

const CUSTOMER = '358008577';

/** `tilgang` runs in the test's process, since each start of it costs; curl tells of a refusal by its exit code. */
const PRELUDE = `set -eo pipefail
tilgang() { { printf '%s\\n' "$@"; } | command curl -s --fail-with-body -H "X-Token: $TILGANG_TOKEN" --data-binary @- $COMMANDS; }
curl() { command curl --fail-with-body "$@" || { echo "$@" >&2; return 1; }; echo; }
approve() { command curl -s --fail-with-body -X POST $COMMANDS/approve -d "$1"; }
command -v jq >/dev/null || jq() { node -p "JSON.parse(fs.readFileSync(0))$2"; }
`;

t.test('the lines of docs/systembruker.md do what they say, from top to bottom', async (t) => {
  const gateway = await runGatewayApart(t);
  const folder = temporaryFolder(t);
  symlinkSync(gateway.config.data, join(folder, 'data'));
  const blocks = [...readFileSync('docs/systembruker.md', 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);
  const at = blocks.findIndex((code) => code.startsWith('tilgang token'));
  t.ok(at > 0 && blocks.length > 5);
  blocks.splice(at, 0, 'approve $ID\n');
  const script = join(folder, 'all.sh');
  writeFileSync(script, `${PRELUDE}${blocks.join('echo ----\n')}`.replaceAll('http://127.0.0.1:8080', gateway.origin));
  const commands = await serveCommands(t, gateway, folder);
  const child = spawn('bash', [script], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder, COMMANDS: commands, TILGANG_TOKEN: '' },
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  t.equal(code, 0, `${out}\n${err}`);
  const said = out.split('----\n');
  t.match(said[0], /registered: 318501416_faktura9\n.*Faktura 9 {2}can be chosen {2}mva, arsregnskap\n {2}client faktura/s);
  t.match(said[1], /^asked: \S+ {2}New {2}standard {2}Faktura og MVA {2}of 358008577 .*\n {2}is answered at http\S+foresporsel\?id=/);
  t.match(said[1], /request\.create {2}by the vendor/);
  t.match(said[2], /"state":"ok".*"occurrences":\["request-created"\]/s);
  const [printed = ''] = /\S+\.\S+\.\S+/.exec(said[4] ?? '') ?? [];
  t.match(JSON.parse(Buffer.from(printed.split('.')[1] ?? '', 'base64url').toString()), {
    consumer: { ID: '0192:318501416' },
    authorization_details: [{ system_id: '318501416_faktura9', systemuser_org: { ID: '0192:358008577' } }],
  });
  t.match(said[5], /"status":"New".*Accepted {2}standard/s);
  t.match(said[6], /"decision":true.*"decision":"Permit"/s);
  t.match(said[7], /^registered: .*stopped: \S+ {2}stopped .*goes on: \S+ {2}Accepted .*given back: /s);
  const token = (client: string, ...more: readonly string[]) =>
    command(
      gateway,
      folder,
      ['token', '--client', client, '--key', 'data/demo-client.pem', '--scope', 'skatteetaten:mva.write', ...more],
      '',
    );
  t.match(await token('faktura', '--system-user', '358008577'), { code: 1, stderr: /MP-303/ }, 'what was given back gives no token');
  t.match(await token('nye-tall', '--system-user', '358008577'), { code: 1, stderr: /MP-303.*externalRef/ });
  t.equal((await token('nye-tall', '--system-user', '358008577', '--external-ref', 'lonn')).code, 0, 'one of several is named');
  t.equal((await token('nye-tall', '--external-ref', 'lonn')).code, 2);
  const scopes = ['altinn:authentication/systemuser.request.write'];
  const vendor = await gateway.tokenOf({ orgnr: '318501416', scopes });
  const ask = (...rights: readonly string[]) =>
    command(
      ...([gateway, folder] as const),
      ['system-users', 'ask', '358008577', '--system', '318501416_faktura9', '--url', gateway.origin, '--right', ...rights],
      vendor,
    );
  t.match((await ask('mva')).stdout, /^asked: .* {2}mva\n/);
  t.match(
    (await ask('mva', 'arsregnskap')).stdout,
    /^stands already, as it was asked then: .* {2}mva\n/,
    'and is not taken for another one',
  );
  const agents = await command(gateway, folder, ['system-users', 'list', '--orgnr', '379440746'], '');
  t.match(agents.stdout, /Accepted {2}agent {2}Byrå {2}of 379440746 {2}in 318501416_byra123 {2}regnskapsforer-uten-signeringsrettighet\n$/);
});

t.test('a person of a business lets the client of its own system have more scopes, at the gateway alone', async (t) => {
  const gateway = await runGatewayApart(t);
  const folder = temporaryFolder(t);
  const token = await customersToken(gateway);
  t.equal((await command(gateway, folder, ['terms', 'sign', '--orgnr', CUSTOMER], '')).code, 0);
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const right = { resource: [{ id: 'urn:altinn:resource', value: 'mva' }] };
  const {
    status,
    json,
    text: said,
  } = await gateway.get(`/authentication/api/v1/systemuser/${CUSTOMER}/own`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ name: 'Vårt lager', rights: [right], jwk: { ...publicKey.export({ format: 'jwk' }), use: 'sig' } }),
  });
  t.equal(status, 200, said);
  const add = (scopes: readonly string[], more: readonly string[] = ['--url', gateway.origin, '--orgnr', CUSTOMER]) =>
    command(gateway, folder, ['system-users', 'scopes', json.systemUser.id, ...scopes, ...more], token);
  t.match(await add(['skatteetaten:mva.write']), { code: 0, stdout: `client ${json.clientId} has skatteetaten:mva.write\n` });
  t.same(JSON.parse((await add(['skatteetaten:mva.write', '--json'])).stdout), {
    clientId: json.clientId,
    scopes: ['skatteetaten:mva.write'],
  });
  t.match(await add(['skatt:hemmelig']), { code: 1, stdout: '', stderr: /skatt:hemmelig|scope/i });
  t.match(await add(['skatteetaten:mva.write'], []), { code: 2, stderr: /a person of the organisation does: name the gateway by --url/ });
  t.match(await add([]), { code: 2, stderr: /missing required argument 'scope'/ });
  t.match(await add(['skatteetaten:mva.write'], ['--url', gateway.origin]), { code: 2, stderr: /name the organisation by --orgnr/ });
});

function command({ config, origin }: SpokenTo, folder: string, args: readonly string[], token: string) {
  const env = {
    TILGANG_MODE: 'demo',
    TILGANG_DATA: config.data,
    TILGANG_PUBLIC_URL: origin,
    ...(token === '' ? {} : { TILGANG_TOKEN: token }),
  };
  const placed = args.map((word) => (/^data\/|^[a-z]+\.(json|csv)$/.test(word) ? join(folder, word) : word));
  return runInside(placed, env);
}

/** Where the script has its commands run, and the customer approve. */
async function serveCommands(t: { teardown(end: () => unknown): void }, gateway: SpokenTo, folder: string): Promise<string> {
  const server = createServer(async (request, response) => {
    const sent = await text(request);
    if (request.url === '/approve') {
      const { status, text: said } = await approve(gateway, sent);
      return void response.writeHead(status).end(said);
    }
    const { code, stdout, stderr } = await command(gateway, folder, sent.split('\n').slice(0, -1), `${request.headers['x-token'] ?? ''}`);
    return void response.writeHead(code === 0 ? 200 : 400).end(code === 0 ? stdout : stderr);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Of whoever answers vendors for the customer. */
async function customersToken({ origin, keys, world }: SpokenTo): Promise<string> {
  const { brukerIdent: pid } = world.administrators.find((one) => one.id === 'hansen-leder') ?? { brukerIdent: '' };
  const claims = personClaims({
    ...{ issuer: idportenName(origin), audience: origin, pid: pid as never, clientId: 'portal' },
    ...{ acr: 'idporten-loa-substantial', scopes: ['openid', 'altinn:portal/enduser'] },
  });
  return keys.sign(claims, { expiresInSeconds: 600, now: Date.now() });
}

async function approve(gateway: SpokenTo, id: string) {
  const headers = { Authorization: `Bearer ${await customersToken(gateway)}` };
  return gateway.get(`/authentication/api/v1/systemuser/request/${CUSTOMER}/${id}/approve`, { method: 'POST', headers });
}
