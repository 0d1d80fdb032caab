// Takes about 8 s.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Database, open as openLmdb } from 'lmdb';
import t, { type Test } from 'tap';
import { grantDocuments, operatorRequest, verifyHistory } from '#access';
import type { Config } from '#config';
import type { PersonNumber } from '#domain';
import { openAccess } from '#installation';
import { backupStore, copyBetween, restoreBackup } from '#keeping';
import { openPersonVault, SECRET_NAMES } from '#persons';
import { writeWhole } from '#stores';
import { fillSmallWorld } from '../faults/small-world.js';
import { runCommand, startCommand } from '../fixtures/command.js';
import { runInside } from '../fixtures/command-inside.js';
import { demoFolder } from '../fixtures/demo-folder.js';
import { demoConfig, temporaryFolder } from '../fixtures/gateway.js';
import { serverOfSuite } from '../fixtures/store-of-suite.js';

const PASSPHRASE = 'riktig hest, batteri, stift';
const quiet = { told: (): void => {}, over: new AbortController().signal };

const isOnMongo = serverOfSuite() !== undefined;

/** What is copied and kept here and read by all: a demo's store of some persons. */
const small = (async () => {
  const data = emptyFolder(t);
  return { data, world: await fillSmallWorld(data, 4, demoConfig(data)) };
})();
/** Its backup. */
const smallBackup = (async () => {
  const file = join(temporaryFolder(t), 'b');
  return { file, report: await backupStore((await small).world.config, file, quiet) };
})();

/** The store, a backup that may be altered, and the words of who made it. */
async function kept(t: Test, passphrase?: string) {
  const { data, world } = await small;
  const file = join(temporaryFolder(t), 'b');
  if (passphrase !== undefined) return { data, world, file, report: await backupStore(world.config, file, { ...quiet, passphrase }) };
  const { file: made, report } = await smallBackup;
  cpSync(made, file);
  return { data, world, file, report };
}

function emptyFolder(t: Test, secretsOf?: string): string {
  const data = join(temporaryFolder(t), 'data');
  mkdirSync(data, { mode: 0o700 });
  if (secretsOf !== undefined) for (const name of SECRET_NAMES) cpSync(join(secretsOf, name), join(data, name));
  return data;
}

const inDemo = (data: string): Config => demoConfig(data);
const refused = (message: RegExp) => ({ name: 'ProblemError', slug: 'copy-refused', message });

t.test('a restored store answers as the one that was kept: its persons are found under the secrets that were put back', async (t) => {
  const { data, world, file, report } = await kept(t);
  t.same(
    report.secretsAt,
    SECRET_NAMES.map((name) => join(data, name)),
  );
  t.equal(statSync(file).mode & 0o777, 0o600);
  const again = emptyFolder(t, data);
  const { events, kind } = await restoreBackup(inDemo(again), file, quiet);
  t.match({ events, kind }, { events: report.events, kind: 'demo' });
  const { access, close } = await openAccess(inDemo(again));
  t.same((await verifyHistory(access, operatorRequest(), () => {})).broken, undefined);
  const { brukerIdent } = world.persons[0] as (typeof world.persons)[number];
  const { documents } = await access.store.read([
    { collection: access.store.collection(grantDocuments), key: `${world.appId}/${access.vault.nameOf(brukerIdent as PersonNumber)}` },
  ]);
  t.ok((documents[0]?.value.grants.length ?? 0) > 0);
  await close();
  await t.rejects(
    restoreBackup(inDemo(again), file, quiet),
    refused(/there is a store in .* already: a backup is restored where there is none/),
  );
});

t.test('a backup is not restored under other secrets, without any, or as another kind of store, and nothing of it stays', async (t) => {
  const { data, file } = await kept(t);
  const none = emptyFolder(t);
  await t.rejects(
    restoreBackup(inDemo(none), file, quiet),
    refused(new RegExp(`not in the backup: put them back in ${none}.*they were in ${data}`)),
  );
  t.same(readdirSync(none), []);
  const others = emptyFolder(t);
  await openPersonVault(others);
  await t.rejects(restoreBackup(inDemo(others), file, quiet), refused(/made under other secrets than those in/));
  t.same(readdirSync(others).sort(), [...SECRET_NAMES].sort());
  const production = emptyFolder(t, data);
  const refusal = refused(/one of a demo store, and TILGANG_MODE is production/);
  await t.rejects(restoreBackup({ ...inDemo(production), mode: 'production' }, file, quiet), refusal);
  t.same(readdirSync(production).sort(), [...SECRET_NAMES].sort());
});

t.test('a backup that was written anew by somebody without the naming secret is refused (threat 39)', async (t) => {
  const { data, file } = await kept(t);
  const bytes = readFileSync(file);
  const front = Buffer.from(bytes.subarray(0, -101).toString('latin1').replace('"kind":"demo"', '"kind":"production"'), 'latin1');
  const digest = createHash('sha256').update(front).digest('base64url');
  writeFileSync(file, Buffer.concat([front, Buffer.from(`\nsha256 ${digest}\n`), bytes.subarray(-49)]));
  const again = emptyFolder(t, data);
  await t.rejects(restoreBackup({ ...inDemo(again), mode: undefined }, file, quiet), refused(/^the backup was altered/));
  t.same(readdirSync(again).sort(), [...SECRET_NAMES].sort());
});

t.test('a backup of a newer program is refused before anything is written', async (t) => {
  const { data, file } = await kept(t);
  const bytes = readFileSync(file);
  const front = Buffer.from(bytes.subarray(0, -101).toString('latin1').replace('"schema":1', '"schema":7'), 'latin1');
  const digest = createHash('sha256').update(front).digest('base64url');
  writeFileSync(file, Buffer.concat([front, Buffer.from(`\nsha256 ${digest}\n`), bytes.subarray(-49)]));
  await t.rejects(
    restoreBackup(inDemo(emptyFolder(t, data)), file, quiet),
    refused(/^the backup is newer than this program: use Tilgang [0-9.]+ or a newer one/),
  );
});

t.test('secrets that are sealed into a backup come out under its passphrase alone', async (t) => {
  const { data, file, report } = await kept(t, PASSPHRASE);
  const text = readFileSync(file, 'latin1');
  for (const name of SECRET_NAMES) t.notMatch(text, readFileSync(join(data, name), 'utf8').trim().slice(0, 20));
  const again = emptyFolder(t);
  await t.rejects(restoreBackup(inDemo(again), file, quiet), refused(/sealed: give their passphrase/));
  await t.rejects(
    restoreBackup(inDemo(again), file, { ...quiet, passphrase: `${PASSPHRASE}!` }),
    refused(/do not open with this passphrase/),
  );
  t.same(readdirSync(again), []);
  const { events } = await restoreBackup(inDemo(again), file, { ...quiet, passphrase: PASSPHRASE });
  t.equal(events, report.events);
  for (const name of SECRET_NAMES) {
    t.equal(readFileSync(join(again, name), 'utf8'), readFileSync(join(data, name), 'utf8'));
    t.equal(statSync(join(again, name)).mode & 0o777, 0o600);
  }
  await t.rejects(backupStore(inDemo(data), file, { ...quiet, passphrase: 'kort' }), refused(/less than 12 characters/));
  t.equal(readFileSync(file, 'latin1'), text, 'the one before stays');
});

t.test('a restore that is told to stop leaves nothing but what was there', async (t) => {
  const { data, file } = await kept(t);
  const again = emptyFolder(t, data);
  const over = new AbortController();
  const told = (): void => over.abort();
  await t.rejects(restoreBackup(inDemo(again), file, { told, over: over.signal }), { name: 'AbortError' });
  t.notOk(existsSync(join(again, 'store/data.mdb')));
  t.match(await restoreBackup(inDemo(again), file, quiet), { kind: 'demo' });
});

t.test('store copy goes on after it was killed, and says what it has copied', async (t) => {
  const { data } = await demoFolder(t);
  const to = join(temporaryFolder(t), 'moved');
  const from = demoConfig(data).mongodbUri ?? data;
  const args = ['store', 'copy', 'env:FROM_HERE', to];
  const first = startCommand(args, { FROM_HERE: from });
  for (let i = 0; i < 400 && !existsSync(join(to, 'store/data.mdb')); i += 1) await delay(10);
  await delay(Math.random() * 150);
  first.child.kill('SIGKILL');
  await first.ended;
  const { code, stdout } = await runCommand(args, { FROM_HERE: from });
  t.equal(code, 0);
  const [, events] = stdout.match(/^[0-9]+ events copied; TO has ([0-9]+) events, [0-9]+ documents: whole, and equal to FROM\n$/) ?? [];
  t.ok(Number(events) > 2000, stdout);
});

t.test('two copies into one place at once both end, and it is whole', async (t) => {
  const { data } = await demoFolder(t);
  const to = join(temporaryFolder(t), 'moved');
  const env = { FROM_HERE: demoConfig(data).mongodbUri ?? data };
  const both = await Promise.all([1, 2].map(() => runCommand(['store', 'copy', 'env:FROM_HERE', to], env)));
  // One that meets the other's events says so, and that it is to be called again.
  for (const { code, stderr } of both) t.ok(code === 0 || /somebody else writes to /.test(stderr), stderr);
  const { code, stdout } = await runCommand(['store', 'copy', 'env:FROM_HERE', to], env);
  t.match(
    { code, stdout },
    { code: 0, stdout: /^[0-9]+ events copied; TO has [0-9]+ events, [0-9]+ documents: whole, and equal to FROM\n$/ },
  );
});

t.test('a backup goes on when other commands open its store', { skip: isOnMongo && 'it is in MongoDB' }, async (t) => {
  const { data } = await demoFolder(t);
  const file = join(temporaryFolder(t), 'b');
  // Opening a store takes note of whose process is gone; the gateway's is there all the time.
  const opening = `import { open } from 'lmdb'; const store = open({ path: ${JSON.stringify(join(data, 'store'))}, maxDbs: 16, noSubdir: false });`;
  const node = ['--input-type=module', '-e'];
  const gateway = spawn(process.execPath, [...node, `${opening} console.log('open'); process.stdin.resume();`]);
  t.teardown(() => gateway.kill());
  await once(gateway.stdout, 'data');
  let opened = 0;
  const told = (): void => {
    opened += spawnSync(process.execPath, [...node, `${opening} await store.close();`]).status === 0 ? 1 : 0;
  };
  const { events } = await backupStore(demoConfig(data), file, { ...quiet, told });
  t.ok(opened > 1 && events > 0);
});

const smallCopy = (async () => {
  const { data, world } = await small;
  const to = emptyFolder(t, data);
  const from = world.config.mongodbUri ?? data;
  return { from, to, first: await copyBetween({ ...inDemo(to), mongodbUri: undefined }, () => undefined, [from, to], quiet.told) };
})();

/** A copy in a folder, of that store, and how it is made again. */
async function copied(t: Test) {
  const { data } = await small;
  const { from, to: made, first } = await smallCopy;
  const to = emptyFolder(t);
  cpSync(made, to, { recursive: true });
  const config: Config = { ...inDemo(to), mongodbUri: undefined };
  const again = (there = to) => copyBetween(config, () => undefined, [from, there], quiet.told);
  return { data, from, to, config, again, first };
}

t.test('a copy that a gateway has been started on is left alone, and taken up again when that has stopped', async (t) => {
  const { config, again, first } = await copied(t);
  const { close } = await openAccess(config);
  await t.rejects(again(), refused(/ process [0-9]+ is at work on .*: stop it first/));
  await close();
  t.match(await again(), { events: first.events, copied: 0 });
});

t.test('a copy that was broken off is not restored over, a restore that was broken off is (threat 39)', async (t) => {
  const { data, config, again, first } = await copied(t);
  const file = join(temporaryFolder(t), 'b');
  await backupStore(inDemo(data), file, quiet);
  const left = async (as: 'copying' | 'restoring'): Promise<void> => {
    const target = await writeWhole(config);
    await target.begin([], as);
    await target.close();
  };
  await left('copying');
  await t.rejects(restoreBackup(config, file, quiet), refused(/ holds a copy that was broken off: go on with it/));
  t.match(await again(), { events: first.events, copied: 0 });
  await left('restoring');
  await t.rejects(openAccess(config), { name: 'ProblemError', slug: 'store-unavailable' });
  t.match(await restoreBackup(config, file, quiet), { events: first.events });
});

type RawTable = Database<string, Buffer>;

/** Does something to a table of a store in a folder, as somebody with the file would. */
async function altered(data: string, name: string, tamper: (table: RawTable) => void): Promise<void> {
  const root = openLmdb<string, Buffer>({
    path: join(data, 'store'),
    keyEncoding: 'binary',
    encoding: 'string',
    maxDbs: 16,
    noSubdir: false,
  });
  tamper(root.openDB<string, Buffer>({ name, keyEncoding: 'binary', encoding: 'string' }));
  await root.close();
}

for (const [which, from] of [
  ['first', 3],
  ['last', -3],
] as const) {
  t.test(
    `what was altered among the ${which} events of a copy is told when it is copied again, and nobody opens it (threat 39)`,
    async (t) => {
      const { to, config, again, first } = await copied(t);
      const place = String(from < 0 ? first.events + from : from).padStart(16, '0');
      await altered(to, 'events', (events) => {
        const key = Buffer.from(place);
        events.putSync(key, (events.get(key) as string).replace('"actor":"', '"actor":"x'));
      });
      await t.rejects(again(), refused(new RegExp(` is not what was written into it: event ${place}: The event does not have the hash`)));
      await t.rejects(openAccess(config), { name: 'ProblemError', slug: 'store-unavailable' });
    },
  );
}

t.test('a copy is whole though an entry of an index is missing where it comes from; what was altered there is told', async (t) => {
  const { to: from, first } = await copied(t);
  await altered(from, 'indexes', (indexes) => {
    const [key] = [...indexes.getKeys({ limit: 1 })];
    indexes.removeSync(key as Buffer);
  });
  const [healed, told] = [emptyFolder(t, from), emptyFolder(t, from)];
  const config: Config = { ...inDemo(healed), mongodbUri: undefined };
  t.match(await copyBetween(config, () => undefined, [from, healed], quiet.told), { events: first.events, copied: first.events });
  const { access, close } = await openAccess(config);
  t.match(await verifyHistory(access, operatorRequest(), () => {}), { events: first.events, broken: undefined });
  await close();
  await altered(from, 'documents', (documents) => {
    const [{ key, value }] = [...documents.getRange({ start: Buffer.from('grant-document\0'), limit: 1 })] as [
      { key: Buffer; value: string },
    ];
    documents.putSync(key, `${value.slice(0, -1)},"zz":1}`);
  });
  await t.rejects(
    copyBetween(config, () => undefined, [from, told], quiet.told),
    refused(/ is not what its history says/),
  );
  await t.rejects(openAccess({ ...config, data: told }), { name: 'ProblemError', slug: 'store-unavailable' });
});

t.test('a data folder that leads to the store of another one is no other place', async (t) => {
  const { to, config, again } = await copied(t);
  const linked = emptyFolder(t);
  symlinkSync(join(to, 'store'), join(linked, 'store'));
  const onto = copyBetween(config, () => undefined, [to, linked], quiet.told);
  await t.rejects(onto, refused(/^FROM and TO are one store/));
  t.match(await again(), { copied: 0 }, 'and nothing has happened to it');
});

t.test('a connection string is never printed, and places that are none are refused', async (t) => {
  const { data, world } = await small;
  const config = demoConfig(data);
  const here = world.config.mongodbUri ?? data;
  const copied = (from: string, to: string, variables: Readonly<Record<string, string>> = {}) =>
    copyBetween(config, (name) => variables[name], [from, to], quiet.told).then(
      () => 'copied',
      (error: Error & { readonly cause?: Error }) => `${error.message} ${error.cause?.message}`,
    );
  const away = 'mongodb://tilgang:hemmelig@127.0.0.1:1/tilgang?serverSelectionTimeoutMS=50';
  t.match(await copied(here, away), /^MongoDB at 127\.0\.0\.1:1, database tilgang: no server answers/);
  t.notMatch(await copied(here, away), /hemmelig/);
  t.match(await copied(here, 'env:AWAY', { AWAY: away }), /no server answers/);
  const unnamed = await copied(here, 'mongodb://tilgang:hemmelig@127.0.0.1:1');
  t.match(unnamed, /^TO must be a connection string that names its database/);
  t.notMatch(unnamed, /hemmelig/);
  for (const scheme of ['http', 'postgresql', 'MONGODB']) {
    t.match(
      await copied(here, `${scheme}://tilgang:hemmelig@db.example.no/x`),
      /^TO must be a connection string/,
      'and no folder of that name',
    );
  }
  const noVariable = await copied(here, 'env:mongodb://tilgang:passord1@db.example.no/x');
  t.match(noVariable, /^TO: the environment has no such variable, or it is empty: /);
  t.notMatch(noVariable, /passord1/, 'what was typed may be the secret itself');
  t.match(await copied(here, here), /^FROM and TO are one store/);
  t.match(await copied(emptyFolder(t), join(temporaryFolder(t), 'x')), /^there is no store in/);
});

t.test('backup and restore take the passphrase from standard input or a file, never as a word', async (t) => {
  const { data } = await small;
  const file = join(temporaryFolder(t), 'b');
  const env = { TILGANG_DATA: data };
  const written = await runCommand(['backup', file, '--with-secrets'], env, `${PASSPHRASE}\n`);
  t.match(written, { code: 0, stdout: /^[0-9]+ events written to .*\nThe person secrets are in it, sealed under the passphrase\.\n$/ });
  const passphraseFile = join(temporaryFolder(t), 'p');
  writeFileSync(passphraseFile, `${PASSPHRASE}\n`);
  const again = emptyFolder(t);
  const restored = await runInside(['restore', file, '--with-secrets', '--passphrase-file', passphraseFile], { TILGANG_DATA: again });
  t.match(restored, { code: 0, stdout: /^[0-9]+ events, [0-9]+ documents of a demo store restored, as of 2[0-9T:.-]+Z: whole\n$/ });
  t.match(await runInside(['backup', file, '--passphrase-file', passphraseFile], env), { code: 2, stderr: /goes with --with-secrets/ });
  t.match(await runInside(['backup', file, '--with-secrets'], env, '\n'), { code: 2, stderr: /the passphrase is missing/ });
});
