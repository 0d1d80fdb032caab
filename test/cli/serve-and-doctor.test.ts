// Takes about 19 s.
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { activateBundle, entities, operatorRequest, pushBundle, putPolicyKey, revokePolicyKey, withdrawGrant } from '#access';
import { loadConfig } from '#config';
import { demoWorld } from '#demo';
import { type AppId, toInstant } from '#domain';
import { openAccess } from '#installation';
import { freePort, runCommand, startCommand, written } from '../fixtures/command.js';
import { runInside } from '../fixtures/command-inside.js';
import { demoFolder } from '../fixtures/demo-folder.js';
import { demoConfig, runGateway, temporaryFolder } from '../fixtures/gateway.js';
import { startGatewayProcess } from '../fixtures/gateway-process.js';
import { ownBundle, testKey } from '../fixtures/own-bundle.js';
import { storeVariableOf } from '../fixtures/store-of-suite.js';

const PERSON_LIKE = /(?<![0-9])[0-9]{11}(?![0-9])/;
const world = demoWorld(toInstant(Date.now()));
const { appId } = world.first;
const demoIn = (data: string, more: Record<string, string> = {}) => ({ TILGANG_MODE: 'demo', TILGANG_DATA: data, ...more });

interface Check {
  readonly name: string;
  readonly state: string;
  readonly found: string;
  readonly remedy?: string;
}
async function doctor(env: Record<string, string>, run = runInside): Promise<{ code: number | null; of(name: string): Check | undefined }> {
  const { code, stdout } = await run(['doctor', '--json'], { TILGANG_PORT: String(await freePort()), ...env });
  const checks = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Check);
  return { code, of: (name) => checks.find((check) => check.name === name) };
}

t.test('doctor finds nothing wrong with a good installation', async (t) => {
  const { data } = await demoFolder(t);
  const { code, of } = await doctor(demoIn(data), runCommand);
  t.equal(code, 0);
  for (const name of ['Node.js', 'configuration', 'data folder', 'policy', 'store']) t.match(of(name), { state: 'ok' }, name);
  t.match(of('gateway'), { state: 'warning', remedy: String });
});

t.test('doctor and `policy sources` tell of a source that gives nothing, and doctor of decisions that are not sent', async (t) => {
  const source = { name: 'ours', application: appId, path: '/nowhere', everySeconds: 60, waitSeconds: 0 };
  const gateway = await runGateway(t, { policySources: [source] });
  while (!gateway.lines.some((line) => line.includes('source ours'))) await pause(10);
  await gateway.stop();
  const { data } = gateway.config;
  mkdirSync(join(data, 'decisions'), { recursive: true });
  writeFileSync(join(data, 'decisions/20200101T000000000Z-0000abcd.1-1-1.jsonl'), '{}\n');
  const { of, code } = await doctor(demoIn(data, { TILGANG_DECISION_LOG_URL: 'https://collector.example' }));
  t.equal(code, 0, 'the gateway answers all the same');
  t.match(of('policy sources'), { state: 'warning', found: /from ours at 20/, remedy: /policySources/ });
  t.match(of('decision log'), { state: 'warning', found: /bytes are still to be sent, the oldest of 2020-01-01T/ });
  const { stdout } = await runInside(['policy', 'sources'], demoIn(data));
  t.match(stdout, new RegExp(`^ours {2}for ${appId}, last well never\\n {2}FAULT at 20`));
});

t.test('`serve` polls a bundle server by its setting: what is there judges, and then what comes in its place', async (t) => {
  const { data, world } = await demoFolder(t);
  const { appId, brukerIdent } = world.first;
  const key = testKey('k1');
  const { access, close } = await openAccess(loadConfig({ ...storeVariableOf(data), ...demoIn(data) }));
  await putPolicyKey(access, operatorRequest(), 'operator', 'k1', { algorithm: 'ES256', jwk: key.jwk }, 'any');
  await close();
  let served = { tag: '"1"', bytes: await ownBundle({ revision: '1', mode: 'none', key }) };
  const asked: (string | undefined)[] = [];
  const server = createServer(({ headers }, response) => {
    asked.push(headers['if-none-match']);
    if (headers['if-none-match'] === served.tag) response.writeHead(304).end();
    else response.writeHead(200, { ETag: served.tag, 'Content-Type': 'application/gzip' }).end(served.bytes);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/bundle.tar.gz`;
  const sources = JSON.stringify([{ name: 'ours', application: appId, url, everySeconds: 1 }]);
  const gateway = await startGatewayProcess(t, data, { TILGANG_POLICY_SOURCES: sources });
  const until = async (isSo: (count: number) => boolean): Promise<void> => {
    while (!isSo((await gateway.told(world, appId, brukerIdent)).length)) await pause(100);
  };
  await until((count) => count === 0);
  while (!asked.includes('"1"')) await pause(100);
  served = { tag: '"2"', bytes: await ownBundle({ revision: '2', mode: 'all', key }) };
  await until((count) => count > 0);
  t.match(JSON.parse((await runInside(['policy', 'status', '--app', appId, '--json'], demoIn(data))).stdout), { active: '2', before: '1' });
  t.equal(await gateway.stop(), 0);
});

t.test('doctor tells of a bundle whose key was revoked, and of one that nobody can be judged by any more', async (t) => {
  const { data } = await demoFolder(t);
  const installation = await openAccess(loadConfig({ ...storeVariableOf(data), ...demoIn(data) }));
  const { access } = installation;
  const key = testKey('k1');
  const place = { orgnr: 'of-application', appId: appId as AppId } as const;
  await putPolicyKey(access, operatorRequest(), 'operator', 'k1', { algorithm: 'ES256', jwk: key.jwk }, 'any');
  const { bundle } = await pushBundle(access, operatorRequest(), place, await ownBundle({ revision: '1', mode: 'all', key }));
  await activateBundle(access, operatorRequest(), place, '1', 'any');
  t.equal((await doctor(demoIn(data))).of('policy bundles'), undefined, 'nothing is said of one that is well');
  await revokePolicyKey(access, operatorRequest(), 'operator', 'k1', 'any');
  const revoked = await doctor(demoIn(data));
  t.equal(revoked.code, 0);
  t.match(revoked.of('policy bundles'), {
    state: 'warning',
    found: new RegExp(`^revision 1 of ${appId}: .*revoked`),
    remedy: /goes on judging/,
  });
  const parts = access.store.collection(entities.find(({ name }) => name === 'bundle-content') as never);
  const facts = { action: 'test', at: toInstant(Date.now()), actor: 'operator' };
  await parts.remove(`${appId}/${bundle.digest}/0000`, { expect: 'any', facts });
  const broken = await doctor(demoIn(data));
  t.equal(broken.code, 1);
  t.match(broken.of('policy bundles'), { state: 'fault', found: /are not those that were pushed/, remedy: /rollback/ });
  await installation.close();
});

t.test('doctor says that the store of the gateway is full', async (t) => {
  const { data } = await demoFolder(t);
  const gateway = createServer((_, response) => response.end('{"ready":true,"parts":{"store":"full"}}')).listen(0, '127.0.0.1');
  t.teardown(() => gateway.close());
  await once(gateway, 'listening');
  const { code, of } = await doctor(demoIn(data, { TILGANG_PORT: String((gateway.address() as AddressInfo).port) }));
  t.equal(code, 1);
  t.match(of('gateway'), { state: 'fault', found: /store is full/, remedy: /storeMapBytes/ });
});

t.test('doctor waits for a gateway that waits for its database', async (t) => {
  const { data } = await demoFolder(t);
  const gateway = createServer((_, response) => setTimeout(() => response.writeHead(503).end('{"ready":false}'), 2500)).listen(
    0,
    '127.0.0.1',
  );
  t.teardown(() => gateway.close());
  await once(gateway, 'listening');
  const { of } = await doctor(demoIn(data, { TILGANG_PORT: String((gateway.address() as AddressInfo).port) }));
  t.match(of('gateway'), { state: 'fault', found: /answers 503/ });
});

t.test('doctor says what is wrong and how to mend it', async (t) => {
  const { data } = await demoFolder(t);
  chmodSync(data, 0o750);
  chmodSync(join(data, 'person-naming.secret'), 0o644);
  const open = await doctor(demoIn(data));
  t.equal(open.code, 1);
  t.match(open.of('data folder'), { state: 'fault', remedy: `chmod 700 ${data}` });
  t.match(open.of('person-naming.secret'), { state: 'fault', remedy: /^chmod 600/ });
  chmodSync(data, 0o700);

  const noBundle = await doctor(demoIn(data, { TILGANG_POLICY_BUNDLE: join(data, 'nope.tar.gz') }));
  t.equal(noBundle.code, 1);
  t.match(noBundle.of('policy'), { state: 'fault', found: /nope\.tar\.gz cannot be read/, remedy: String });

  const wrongNames = await doctor(demoIn(data, { TILGANG_PROT: '1', TILGANG_DATEN: 'x', TILGANG_PORT: 'abc' }));
  t.equal(wrongNames.code, 1);
  for (const name of ['TILGANG_PROT', 'TILGANG_DATEN', 'TILGANG_PORT']) t.match(wrongNames.of('configuration')?.found, name);

  const noIssuers = await doctor({ TILGANG_MODE: 'production', TILGANG_DATA: data });
  t.equal(noIssuers.code, 1);
  t.match(noIssuers.of('issuers'), { state: 'fault', remedy: /TILGANG_ISSUERS/ });

  const secrets = {
    TILGANG_NAMING_SECRET_FILE: join(data, 'person-naming.secret'),
    TILGANG_SEALING_SECRET_FILE: join(data, 'person-sealing.secret'),
  };
  const elsewhere = {
    TILGANG_MODE: 'production',
    TILGANG_MONGODB_URI: `mongodb://127.0.0.1:${await freePort()}/t?serverSelectionTimeoutMS=100`,
  };
  const unused = await doctor({ ...secrets, ...elsewhere, TILGANG_DATA: '/proc/tilgang' });
  t.equal(unused.of('data folder'), undefined, 'what is not used is not asked for');
  t.match(unused.of('configuration'), { state: 'ok', found: 'production mode, no data folder is used' });
  t.match(unused.of('store'), { state: 'fault' });
});

t.test('a store whose person secrets are lost or exchanged does not open, and no new ones are made for it', async (t) => {
  const { data } = await demoFolder(t);
  const secret = join(data, 'person-naming.secret');
  const kept = readFileSync(secret);
  const exported = await runInside(['grants', 'export'], demoIn(data));
  t.equal(exported.code, 0);
  rmSync(secret);
  t.equal((await runInside(['grants', 'export'], demoIn(data))).code, 1);
  t.equal((await runInside(['doctor'], demoIn(data))).code, 1);
  t.notOk(existsSync(secret));
  writeFileSync(secret, Buffer.alloc(32, 7).toString('base64'), { mode: 0o600 });
  const exchanged = await runInside(['grants', 'export'], demoIn(data));
  t.equal(exchanged.code, 1);
  t.match(exchanged.stderr, /other person secrets/);
  writeFileSync(secret, kept, { mode: 0o600 });
  t.equal((await runInside(['grants', 'export'], demoIn(data))).stdout, exported.stdout);
});

t.test('serve in production without issuers, or with unknown variables, does not start and says why (threat 42)', async (t) => {
  const data = join(temporaryFolder(t), 'data');
  const none = await runCommand(['serve'], { TILGANG_MODE: 'production', TILGANG_DATA: data });
  t.equal(none.code, 1);
  t.match(none.stderr, /TILGANG_ISSUERS/);
  t.notOk(existsSync(data), 'nothing was made');
  const unknown = await runCommand(['serve'], demoIn(data, { TILGANG_PROT: '1', TILGANG_HOST: '0.0.0.0' }));
  t.equal(unknown.code, 1);
  t.match(unknown.stderr, /TILGANG_PROT is no known variable/);
  t.match(unknown.stderr, /listens on loopback only/);
});

t.test('what keeps workers from starting is told once, in the words of one process', async (t) => {
  const { data } = await demoFolder(t);
  const other = createServer().listen(0, '127.0.0.1');
  t.teardown(() => other.close());
  await once(other, 'listening');
  const taken = String((other.address() as AddressInfo).port);
  const junk = join(data, 'junk.tar.gz');
  writeFileSync(junk, 'x');
  const [unfit, port] = await Promise.all([
    runCommand(['serve', '--workers', '2'], demoIn(data, { TILGANG_POLICY_BUNDLE: junk, TILGANG_PORT: String(await freePort()) })),
    runCommand(['serve', '--workers', '2'], demoIn(data, { TILGANG_PORT: taken })),
  ]);
  t.equal(unfit.code, 1);
  t.match(unfit.stderr, /^tilgang: the tarball is no whole gzip file [^\n]*\(bundle-invalid\)\n/);
  t.equal(port.code, 1);
  t.match(port.stderr, new RegExp(`^tilgang: the port ${taken} is taken: [^\\n]*\\(config-invalid\\)\\n`));
  for (const { stdout } of [unfit, port]) t.equal(stdout.match(/"event":"fault"/g)?.length, 1);
});

t.test('serve ends with 0 on SIGTERM, and the second start finds its data', async (t) => {
  const data = join(temporaryFolder(t), 'data');
  const port = String(await freePort());
  const env = demoIn(data, { TILGANG_PORT: port });
  const query = async (): Promise<string[]> => {
    const { stdout: token } = await runInside(['token', '--client', 'fhi'], env);
    const answer = await fetch(`http://127.0.0.1:${port}/tilgang/api/v1/app/${appId}/tilganger`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token.trim()}`, 'Content-Type': 'application/json', Connection: 'close' },
      body: JSON.stringify({ brukerIdent: world.first.brukerIdent }),
    });
    return ((await answer.json()) as { tilganger: { orgnr: string }[] }).tilganger.map(({ orgnr }) => orgnr);
  };
  const first = startCommand(['serve'], env);
  await written(first, first.stderr, /Ctrl-C stops it/);
  const before = await query();
  t.ok(before.length >= 2);
  first.child.kill('SIGTERM');
  t.equal((await first.ended).code, 0);
  t.notMatch(first.stdout(), PERSON_LIKE, 'the log holds no person number');

  const { access, close } = await openAccess(demoConfig(data));
  const konsument = world.grants.find(
    (grant) => grant.sort === 'open' && grant.appId === appId && grant.brukerIdent === world.first.brukerIdent,
  )?.konsument;
  if (konsument === undefined) throw new TypeError('the first person has no open grant');
  const brukerId = access.vault.nameOf(world.first.brukerIdent);
  await withdrawGrant(access, operatorRequest(), { orgnr: konsument, appId, brukerId }, 'any', undefined);
  await close();

  const second = startCommand(['serve'], env);
  await written(second, second.stderr, /Ctrl-C stops it/);
  t.same(
    await query(),
    before.filter((orgnr) => orgnr !== konsument),
    'what was withdrawn in between is not filled anew',
  );
  second.child.kill('SIGINT');
  t.equal((await second.ended).code, 0);
});
