// Takes about 16 s.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { operatorRequest, registerOrganisation } from '#access';
import { type Config, loadConfig } from '#config';
import { startGateway } from '#gateway';
import { assertDemo, openAccess, openExistingAccess, openFoundAccess, openInstallation } from '#installation';
import { createLog } from '#telemetry';
import { freePort, runCommand, startCommand, written } from '../fixtures/command.js';
import { runInside } from '../fixtures/command-inside.js';
import { demoFolder } from '../fixtures/demo-folder.js';
import { demoConfig, temporaryFolder } from '../fixtures/gateway.js';
import { storeVariableOf } from '../fixtures/store-of-suite.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const REFUSED = /the store (holds a demo|is one of production)/;
const STACK = /^\s+at /m;
const ISSUERS = JSON.stringify([
  { issuer: 'http://127.0.0.1:1/', kind: 'maskinporten', audience: 'https://tilgang.example', jwksUri: 'http://127.0.0.1:1/jwk' },
]);
const ORGANISATION = {
  name: 'Prøve kommune',
  mayBeKonsument: true,
  mayBeTilbyder: false,
  fiksOrgId: '3f0c1d2e-0000-4000-8000-000000000000',
};

/** Settings by the environment alone, and where the tests of this run keep their stores. */
const settings = (env: Readonly<Record<string, string>>): Config => loadConfig({ ...storeVariableOf(env['TILGANG_DATA']), ...env });

async function productionFolder(t: { teardown(end: () => unknown): void }): Promise<string> {
  const data = join(temporaryFolder(t), 'data');
  const { access, close } = await openAccess(settings({ TILGANG_DATA: data, TILGANG_MODE: 'production' }));
  await registerOrganisation(access, operatorRequest(), { ...ORGANISATION, orgnr: '958935420' } as never);
  await close();
  return data;
}

async function eventsIn(data: string): Promise<number> {
  const { access, close } = await openAccess(settings({ TILGANG_DATA: data }));
  const { events } = await access.store.events.after(undefined, 100);
  await close();
  return events.length;
}

t.test('a demo does not open a production store, nor production a demo, and nothing is written (fault 12, threat 55)', async (t) => {
  const data = await productionFolder(t);
  const before = await eventsIn(data);
  const files = readdirSync(data);
  const port = String(await freePort());
  const demo = await runCommand(['serve'], { TILGANG_MODE: 'demo', TILGANG_DATA: data, TILGANG_PORT: port });
  t.equal(demo.code, 1);
  t.match(demo.stderr, /one of production, and a demo does not open it: name another/);
  t.same(readdirSync(data), files, 'no key is made');
  t.equal(await eventsIn(data), before, 'no event is written');
  const { data: ofDemo } = await demoFolder(t);
  t.notMatch(demo.stderr, STACK);
  const production = openInstallation(settings({ TILGANG_DATA: ofDemo, TILGANG_MODE: 'production' }), Date.now);
  await t.rejects(production, { message: /holds a demo, and production does not open it/ });
});

t.test('a store that is older than its mark is known by what it holds (fault 12)', async (t) => {
  const { access, close } = await openAccess(demoConfig(join(temporaryFolder(t), 'data')));
  t.teardown(close);
  const { settleStoreKind, storeKinds } = await import('#access');
  const facts = { action: 'x', at: '2026-01-01T00:00:00.000Z' as never, actor: 'operator' };
  const unmark = (): Promise<boolean> => access.store.collection(storeKinds).remove('store-kind', { expect: 'any', facts });
  const isDemo = async (): Promise<boolean> => true;
  const isNone = async (): Promise<boolean> => false;
  await unmark();
  await t.rejects(settleStoreKind(access.store, 'production', isDemo, Date.now), { message: REFUSED });
  t.equal(await settleStoreKind(access.store, undefined, isDemo, Date.now), 'demo');
  await unmark();
  await registerOrganisation(access, operatorRequest(), { ...ORGANISATION, orgnr: '958935420' } as never);
  await t.rejects(settleStoreKind(access.store, 'demo', isNone, Date.now), { message: REFUSED });
  t.equal(await settleStoreKind(access.store, undefined, isNone, Date.now), 'production');
});

t.test('who only looks on marks, records and tells nothing in the store', async (t) => {
  const config = demoConfig(join(temporaryFolder(t), 'data'));
  const { access, close } = await openAccess(config);
  const { personSecrets, runningProcesses, storeSchemas } = await import('#access');
  const facts = { action: 'x', at: '2026-01-01T00:00:00.000Z' as never, actor: 'operator' };
  await access.store.collection(storeSchemas).remove('schema', { expect: 'any', facts });
  await close();
  const found = await openFoundAccess(config);
  t.same(await found.conditions(), []);
  t.equal(await found.access.store.collection(storeSchemas).get('schema'), undefined);
  t.same(await runningProcesses(found.access.store), []);
  await found.access.store.collection(personSecrets).remove('person-secrets', { expect: 'any', facts });
  await found.close();
  await t.rejects(openFoundAccess(config), { slug: 'store-unavailable', message: /does not say under which secrets/ });
});

t.test('a store that another process marks while it is looked at is what the mark says (fault 12)', async (t) => {
  const { access, close } = await openAccess(demoConfig(join(temporaryFolder(t), 'data')));
  t.teardown(close);
  const { settleStoreKind, storeKinds } = await import('#access');
  const facts = { action: 'x', at: '2026-01-01T00:00:00.000Z' as never, actor: 'operator' };
  await access.store.collection(storeKinds).remove('store-kind', { expect: 'any', facts });
  const meanwhile = async (): Promise<boolean> => {
    await settleStoreKind(access.store, 'demo', async () => false, Date.now);
    await registerOrganisation(access, operatorRequest(), { ...ORGANISATION, orgnr: '958935420' } as never);
    return false;
  };
  await t.rejects(settleStoreKind(access.store, 'production', meanwhile, Date.now), { message: REFUSED });
});

t.test('of processes that begin a demo and a production at one moment over one folder one kind wins (fault 12)', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'orgs.csv');
  writeFileSync(file, 'orgnr,name\n958935420,Oslo kommune\n');
  const kinds = ['demo', 'production', 'demo', 'production'];
  const ended = await Promise.all(
    kinds.map((mode) => runCommand(['orgs', 'import', file], { TILGANG_MODE: mode, TILGANG_DATA: join(folder, 'data') })),
  );
  const winner = kinds[ended.findIndex(({ code }) => code === 0)];
  for (const [i, { code, stderr }] of ended.entries()) {
    t.equal(code, kinds[i] === winner ? 0 : 1, stderr);
    if (code === 1) t.match(stderr, REFUSED);
  }
});

t.test('demo commands refuse where no demo is, and write nothing (faults 12, 18)', async (t) => {
  const data = join(temporaryFolder(t), 'data');
  const nowhere = await runInside(['token', '--client', 'fhi'], { TILGANG_DATA: data });
  t.match(nowhere, { code: 1, stdout: '', stderr: /there is no demo in .*TILGANG_(DATA|MONGODB_URI)/ });
  await t.rejects(openExistingAccess(settings({ TILGANG_DATA: data })), { message: /there is no store in/ });
  t.notOk(existsSync(data));
  const production = await productionFolder(t);
  const files = readdirSync(production);
  const demo = await runInside(['demo'], { TILGANG_DATA: production });
  t.match(demo, { code: 1, stdout: '', stderr: /not for a production installation/ });
  await t.rejects(assertDemo(settings({ TILGANG_DATA: production }), true), { message: /not for a production installation/ });
  t.same(readdirSync(production), files);
});

const started = (env: Record<string, string>) => startGateway(settings({ TILGANG_MODE: 'demo', ...env }), createLog('error'));

t.test('a port that is taken is one sentence, and nothing is made (fault 18)', async (t) => {
  const data = join(temporaryFolder(t), 'data');
  const other = createServer().listen(0, '127.0.0.1');
  t.teardown(() => other.close());
  await once(other, 'listening');
  const port = String((other.address() as AddressInfo).port);
  await t.rejects(started({ TILGANG_DATA: data, TILGANG_PORT: port }), { message: new RegExp(`port ${port} is taken: stop what listens`) });
  t.notOk(existsSync(data));
});

t.test('surroundings that are wrong are told without a stack (fault 18)', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'file');
  writeFileSync(file, 'x');
  const port = String(await freePort());
  // Node's own way to make folders never ends below /proc.
  const odd = await runCommand(['serve'], { TILGANG_MODE: 'demo', TILGANG_DATA: '/proc/tilgang/data', TILGANG_PORT: port });
  const isFolder = await runCommand(['grants', 'import', folder, '--format', 'csv'], { TILGANG_DATA: (await demoFolder(t)).data });
  for (const [{ code, stdout, stderr }, told] of [
    [odd, /the data folder \/proc\/tilgang\/data cannot be made or used \(ENOENT\): .*TILGANG_DATA/],
    [isFolder, /folder/],
  ] as const) {
    t.equal(code, 1, told.source);
    t.match(stderr, told);
    t.notMatch(`${stdout}${stderr}`, STACK);
  }
  await t.rejects(started({ TILGANG_DATA: join(file, 'data'), TILGANG_PORT: port }), {
    message: /data folder .* cannot be made or used \(ENOTDIR\)/,
  });
  const bundle = { TILGANG_DATA: join(folder, 'd'), TILGANG_POLICY_BUNDLE: file, TILGANG_PORT: port };
  await t.rejects(started(bundle), { slug: 'bundle-invalid', message: /gzip/ });
  t.same(readdirSync(folder), ['file'], 'nothing is made');
});

t.test('a data file that is no store is told, and left as it is (fault 18)', async (t) => {
  const data = temporaryFolder(t);
  const store = join(data, 'store');
  mkdirSync(store);
  for (const content of ['x', Buffer.alloc(200_000), Buffer.alloc(200_000, 7)]) {
    writeFileSync(join(store, 'data.mdb'), content);
    // LMDB ends the process at such a file, here the test's own.
    await t.rejects(openAccess(loadConfig({ TILGANG_DATA: data })), { slug: 'store-unavailable', message: /data\.mdb .* is no store/ });
  }
  t.same(readdirSync(data), ['store']);
  t.same(readdirSync(store), ['data.mdb']);
});

t.test('a folder that the user may not write is told in a sentence with the remedy (fault 18)', async (t) => {
  const folder = temporaryFolder(t);
  chmodSync(folder, 0o555);
  // Root may write everywhere: it is then done as nobody.
  const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const env = { TILGANG_MODE: 'demo', TILGANG_DATA: join(folder, 'data'), TILGANG_PORT: String(await freePort()) };
  const started = spawnSync(process.execPath, [`${root}dist/program/main.js`, 'serve'], {
    encoding: 'utf8',
    env,
    timeout: 40_000,
    cwd: '/',
    ...user,
  });
  if (/MODULE_NOT_FOUND|EACCES: permission denied, (open|stat|lstat) '[^']*(dist|package\.json)/.test(started.stderr)) {
    t.comment('nobody may not read this checkout: not tried');
    return;
  }
  t.equal(started.status, 1);
  t.match(started.stderr, /the data folder \S+ cannot be made or used \(EACCES\): give it to this user, or name another \(TILGANG_DATA\)/);
  t.notMatch(`${started.stdout}${started.stderr}`, STACK);
  t.same(readdirSync(folder), []);
});

t.test('an old Node.js is told in a sentence, whatever the command (fault 18)', async (t) => {
  const fake = join(temporaryFolder(t), 'old.cjs');
  writeFileSync(fake, "Object.defineProperty(process.versions, 'node', { value: '18.20.4' });");
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-r', fake, `${root}bin/tilgang.cjs`, 'doctor'], { encoding: 'utf8' });
  t.equal(status, 1);
  t.equal(stdout, '');
  t.match(stderr, /^tilgang: this is Node\.js 18\.20\.4; install Node\.js 20\.19 or newer[^\n]*\n$/);
  for (const name of ['check-node', 'tilgang']) {
    t.notMatch(
      readFileSync(`${root}bin/${name}.cjs`, 'utf8').replace(/^\/\/.*$/gm, ''),
      /=>|`[^`]*\$\{|\?\.|\?\?|\bconst\b|\bawait\b|^import\b/m,
    );
  }
});

t.test('a wrong option is told in two lines with its neighbours, not with the whole usage (fault 20)', async (t) => {
  const { code, stderr } = await runCommand(['token', '--clint', 'fhi']);
  t.equal(code, 2);
  t.match(stderr, /unknown option '--clint'\n\(Did you mean --client\?\)\n`tilgang token --help` says what it takes\.\n$/);
  t.notMatch(stderr, /Usage:/);
});

t.test('doctor names an issuer that cannot be reached, and a gateway that judges by another revision (faults 19, 21)', async (t) => {
  const gateway = createServer((_, response) => response.end('{"ready":true,"parts":{"store":"ok","policy":"0000"}}')).listen(
    0,
    '127.0.0.1',
  );
  t.teardown(() => gateway.close());
  await once(gateway, 'listening');
  const config = join(temporaryFolder(t), 'tilgang.yaml');
  writeFileSync(config, `data: ${await productionFolder(t)}\nport: ${(gateway.address() as AddressInfo).port}\nissuers: ${ISSUERS}\n`);
  const { code, stdout } = await runInside(['doctor', '--config', config]);
  t.equal(code, 1);
  t.match(stdout, /FAULT {3}issuers: the keys of http:\/\/127\.0\.0\.1:1\/ cannot be fetched: .*\n\s+Check/);
  t.match(stdout, /FAULT {3}gateway: .* by revision 0000, but the bundle on disk is [0-9a-f]{16}\n\s+Send SIGHUP/);
});

t.test(
  'beside a running demo doctor and token need to know its folder alone; SIGHUP loads the bundle again (faults 18, 19, 21)',
  async (t) => {
    const { data, world } = await demoFolder(t);
    // As in a checkout: the sources beside the bundle are others.
    const checkout = temporaryFolder(t);
    for (const part of ['bundles', 'policies', 'tools/opa-version']) cpSync(`${root}${part}`, join(checkout, part), { recursive: true });
    appendFileSync(join(checkout, 'policies/tilgang/access/access.rego'), '# changed\n');
    const bundle = join(checkout, 'bundles/tilgang.tar.gz');
    const port = String(await freePort());
    const running = startCommand(['serve'], {
      TILGANG_MODE: 'demo',
      TILGANG_DATA: data,
      TILGANG_PORT: port,
      TILGANG_POLICY_BUNDLE: bundle,
    });
    t.teardown(() => running.child.kill('SIGKILL'));
    await written(running, running.stderr, /Ctrl-C stops it/);

    const [doctor, token] = await Promise.all([
      runCommand(['doctor'], { TILGANG_DATA: data, TILGANG_PORT: port, TILGANG_POLICY_BUNDLE: bundle }),
      runCommand(['token', '--client', 'fhi'], { TILGANG_DATA: data }),
    ]);
    t.match(doctor.stdout, /demo mode/);
    t.match(doctor.stdout, /FAULT {3}policy: revision [0-9a-f]{16} was not built from the policies\/ beside it\n\s+make policies\n/);
    t.equal(doctor.code, 1);
    const answer = await fetch(`http://127.0.0.1:${port}/tilgang/api/v1/app/${world.first.appId}/tilganger`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token.stdout.trim()}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ brukerIdent: world.first.brukerIdent }),
    });
    t.equal(answer.status, 200, 'the token is for the gateway that runs, whatever its port');

    running.child.kill('SIGHUP');
    await written(running, running.stdout, /policy loaded again/);
    t.match(running.stdout(), /"level":"warn"[^\n]*make policies[^\n]*policies differ from the bundle/);
    writeFileSync(bundle, 'broken');
    running.child.kill('SIGHUP');
    await written(running, running.stdout, /bundle-invalid/);
    t.equal((await fetch(`http://127.0.0.1:${port}/health/ready`)).status, 200);
    running.child.kill('SIGTERM');
    t.equal((await running.ended).code, 0);
  },
);

t.test('a reader that has seen enough ends a command in silence (fault 18)', async (t) => {
  const child = spawn('sh', ['-c', `"${process.execPath}" ${root}bin/tilgang.cjs demo | head -c 10`], {
    env: { PATH: process.env['PATH'], TILGANG_DATA: join(temporaryFolder(t), 'data') },
  });
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  await once(child, 'close');
  t.equal(stderr, '');
});

t.test('a link to the program of the checkout is the program (fault 22)', (t) => {
  const link = join(temporaryFolder(t), 'tilgang');
  symlinkSync(join(root, 'tilgang'), link);
  const { status, stdout, stderr } = spawnSync(link, ['--version'], { encoding: 'utf8' });
  t.same([status, stderr], [0, '']);
  t.match(stdout, /^\d+\.\d+\.\d+\n$/);
  t.end();
});
