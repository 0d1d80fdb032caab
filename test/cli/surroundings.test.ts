import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { operatorRequest, registerOrganisation } from '#access';
import { loadConfig } from '#config';
import { openAccess } from '#installation';
import { freePort, runCommand, startCommand, written } from '../fixtures/command.js';
import { demoFolder } from '../fixtures/demo-folder.js';
import { demoConfig, temporaryFolder } from '../fixtures/gateway.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const REFUSED = /data folder holds a/;
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

async function productionFolder(t: { teardown(end: () => unknown): void }): Promise<string> {
  const data = join(temporaryFolder(t), 'data');
  const { access, close } = await openAccess(loadConfig({ TILGANG_DATA: data, TILGANG_MODE: 'production' }));
  await registerOrganisation(access, operatorRequest(), { ...ORGANISATION, orgnr: '958935420' } as never);
  await close();
  return data;
}

async function eventsIn(data: string): Promise<number> {
  const { access, close } = await openAccess(loadConfig({ TILGANG_DATA: data }));
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
  t.match(demo.stderr, /production store, and a demo does not open it: name another folder/);
  t.same(readdirSync(data), files, 'no key is made');
  t.equal(await eventsIn(data), before, 'no event is written');
  const { data: ofDemo } = await demoFolder(t);
  const production = await runCommand(['serve'], { TILGANG_DATA: ofDemo, TILGANG_ISSUERS: ISSUERS, TILGANG_PORT: port });
  t.equal(production.code, 1);
  t.match(production.stderr, /holds a demo, and production does not open it/);
  t.notMatch(production.stderr, STACK);
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

t.test('of a demo and a production start at one moment over one folder one wins, and the other is refused (fault 12)', async (t) => {
  const { access, close } = await openAccess(demoConfig(join(temporaryFolder(t), 'data')));
  t.teardown(close);
  const { settleStoreKind, storeKinds } = await import('#access');
  const facts = { action: 'x', at: '2026-01-01T00:00:00.000Z' as never, actor: 'operator' };
  await access.store.collection(storeKinds).remove('store-kind', { expect: 'any', facts });
  const kinds = ['demo', 'production', 'demo', 'production'] as const;
  const settled = await Promise.allSettled(kinds.map((kind) => settleStoreKind(access.store, kind, async () => false, Date.now)));
  const winner = settled[0]?.status === 'fulfilled' ? 'demo' : 'production';
  for (const [i, { status }] of settled.entries()) t.equal(status, kinds[i] === winner ? 'fulfilled' : 'rejected');
});

t.test('demo commands refuse where no demo is, and write nothing (faults 12, 18)', async (t) => {
  const data = join(temporaryFolder(t), 'data');
  const nowhere = await runCommand(['token', '--client', 'fhi'], { TILGANG_DATA: data });
  t.match(nowhere, { code: 1, stdout: '', stderr: /there is no demo in .*TILGANG_DATA/ });
  t.match(await runCommand(['grants', 'export'], { TILGANG_DATA: data }), { code: 1, stdout: '', stderr: /there is no store in/ });
  t.notOk(existsSync(data));
  const production = await productionFolder(t);
  const files = readdirSync(production);
  for (const args of [['token', '--client', 'fhi'], ['demo']]) {
    const { code, stdout, stderr } = await runCommand(args, { TILGANG_DATA: production });
    t.match({ code, stdout }, { code: 1, stdout: '' });
    t.match(stderr, /not for a production installation/);
  }
  t.same(readdirSync(production), files);
});

t.test('a port that is taken is one sentence, and nothing is made (fault 18)', async (t) => {
  const data = join(temporaryFolder(t), 'data');
  const other = createServer().listen(0, '127.0.0.1');
  t.teardown(() => other.close());
  await once(other, 'listening');
  const port = String((other.address() as AddressInfo).port);
  const { code, stdout, stderr } = await runCommand(['serve'], { TILGANG_MODE: 'demo', TILGANG_DATA: data, TILGANG_PORT: port });
  t.equal(code, 1);
  t.match(stderr, new RegExp(`port ${port} is taken: stop what listens there`));
  t.notMatch(`${stdout}${stderr}`, /\bat .*\.js:/);
  t.notOk(existsSync(data));
});

t.test('surroundings that are wrong are told without a stack (fault 18)', async (t) => {
  const folder = temporaryFolder(t);
  const file = join(folder, 'file');
  writeFileSync(file, 'x');
  const cases: readonly [string[], Record<string, string>, RegExp][] = [
    [['serve'], { TILGANG_MODE: 'demo', TILGANG_DATA: join(file, 'data') }, /data folder/],
    [['serve'], { TILGANG_MODE: 'demo', TILGANG_DATA: join(folder, 'd'), TILGANG_POLICY_BUNDLE: file }, /gzip/],
    [['serve', '--config', join(folder, 'none.yaml')], {}, /none\.yaml cannot be read/],
    [['grants', 'import', folder, '--format', 'csv'], { TILGANG_DATA: (await demoFolder(t)).data }, /folder/],
  ];
  for (const [args, env, told] of cases) {
    const { code, stdout, stderr } = await runCommand(args, { TILGANG_PORT: String(await freePort()), ...env });
    t.equal(code, 1, told.source);
    t.match(stderr, told);
    t.notMatch(`${stdout}${stderr}`, /\bat .*\.js:/);
  }
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

t.test('doctor without variables is told by the store that it is a demo (fault 18)', async (t) => {
  const { data } = await demoFolder(t);
  const { code, stdout } = await runCommand(['doctor'], { TILGANG_DATA: data, TILGANG_PORT: String(await freePort()) });
  t.equal(code, 0);
  t.match(stdout, /demo mode/);
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
  const { code, stdout } = await runCommand(['doctor', '--config', config]);
  t.equal(code, 1);
  t.match(stdout, /FAULT {3}issuers: the keys of http:\/\/127\.0\.0\.1:1\/ cannot be fetched: .*\n\s+Check/);
  t.match(stdout, /FAULT {3}gateway: .* by revision 0000, but the bundle on disk is [0-9a-f]{16}\n\s+Send SIGHUP/);
});

t.test('SIGHUP loads the bundle again and does not end the gateway; an unfit one changes nothing (faults 19, 21)', async (t) => {
  const { data } = await demoFolder(t);
  const bundle = join(data, 'policy.tar.gz');
  writeFileSync(bundle, readFileSync(`${root}bundles/tilgang.tar.gz`));
  const port = String(await freePort());
  const running = startCommand(['serve'], { TILGANG_MODE: 'demo', TILGANG_DATA: data, TILGANG_PORT: port, TILGANG_POLICY_BUNDLE: bundle });
  t.teardown(() => running.child.kill('SIGKILL'));
  await written(running, running.stderr, /Ctrl-C stops it/);
  running.child.kill('SIGHUP');
  await written(running, running.stdout, /policy loaded again/);
  writeFileSync(bundle, 'broken');
  running.child.kill('SIGHUP');
  await written(running, running.stdout, /bundle-invalid/);
  t.equal((await fetch(`http://127.0.0.1:${port}/health/ready`)).status, 200);
  running.child.kill('SIGTERM');
  t.equal((await running.ended).code, 0);
});

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
