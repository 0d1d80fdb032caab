import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { lstat, mkdtemp, open, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import t, { type Test } from 'tap';
import { type BackupHeader, openBackup, restoreStore, type WholeSource, writeBackup } from '#storage/copy';
import { letters } from './contract.js';
import { startMongo, whyNoMongo } from './mongodb-server.js';
import { assertEqual, chopped, contentsOf, fill, type Kind, lmdb, mongodb } from './whole-stores.js';

const missing = whyNoMongo();
const server = missing === undefined ? await startMongo() : undefined;
t.teardown(() => server?.stop());

const silent = (): void => {};
const header: BackupHeader = {
  program: '1',
  at: '2026-11-27T00:00:00.000Z',
  kind: 'demo',
  schema: 1,
  naming: 'n',
  sealing: ['s'],
  secretsAt: ['/secrets'],
};
const seal = (digest: string): string => createHash('sha256').update(`secret ${digest}`).digest('base64url');
const facts = { action: 'later', at: '2026-01-02T00:00:00.000Z' as never, actor: 'operator' };
const ALTERED = { slug: 'copy-refused', message: /^the backup was cut short or altered|^the backup has (no end|a line of no form)/ };

async function folder(test: Test): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'tilgang-backup-'));
  test.teardown(() => rm(made, { recursive: true, force: true }));
  return made;
}

async function backup(source: WholeSource, file: string, over = new AbortController().signal) {
  try {
    return await writeBackup(source, file, { header, seal, told: silent, over });
  } finally {
    await source.close();
  }
}

async function restore(file: string, kind: Kind, place: string) {
  const opened = await openBackup(file);
  try {
    const target = await kind.write(place);
    const report = await restoreStore(opened, target, silent);
    await target.close();
    return report;
  } finally {
    await opened.close();
  }
}

/** A filled store of a kind and its backup, with all that can be asked of it. */
async function kept(test: Test, kind: Kind) {
  const [place, file] = [await kind.place(test), join(await folder(test), 'b')];
  const store = await kind.open(place);
  await fill(store);
  const contents = await contentsOf(store);
  // It stays open: a gateway may run meanwhile.
  const { events } = await backup(chopped(await kind.read(place), 10), file);
  await store.close();
  return { place, file, contents, events };
}

function pair(from: Kind, to: Kind): void {
  void t.test(`what is kept from ${from.name} and restored into ${to.name} is the same store`, async (test) => {
    const { file, contents, events } = await kept(test, from);
    test.equal((await stat(file)).mode & 0o777, 0o600);
    const place = await to.place(test);
    test.match(await restore(file, to, place), { events, documents: 14, passing: 4 });
    await assertEqual(test, to, contents, place);
    const { header: told, seal: of, close } = await openBackup(file);
    test.same(told, header);
    test.equal(of.text, seal(of.of));
    await close();
  });
}

const kinds = [lmdb, ...(server === undefined ? [] : [mongodb(server)])];
for (const from of kinds) for (const to of kinds) if (from === lmdb || to === lmdb) pair(from, to);
if (missing !== undefined) void t.test('backups from and to mongodb', { skip: missing }, async () => {});

void t.test('a backup of a store that is written meanwhile is as it was at one moment', async (test) => {
  const [place, file] = [await lmdb.place(test), join(await folder(test), 'b')];
  const store = await lmdb.open(place);
  await fill(store);
  const whole = await lmdb.read(place);
  let writes = 0;
  const source: WholeSource = {
    ...chopped(whole, 5),
    async *events(after, upTo) {
      for await (const page of chopped(whole, 5).events(after, upTo)) {
        yield page;
        writes += 1;
        await store.collection(letters).put({ id: `m${writes}`, tags: ['all'] }, { expect: 'any', facts });
        await store.collection(letters).remove('a', { expect: 'any', facts });
      }
    },
  };
  test.match(await backup(source, file), { events: 64 });
  test.ok(writes > 10);
  await store.close();
  const again = await lmdb.place(test);
  await restore(file, lmdb, again);
  const restored = await lmdb.open(again);
  test.same(await restored.events.verify(), { events: 64, documents: 14 });
  test.equal((await restored.collection(letters).get('a'))?.revision, 3);
  await restored.close();
});

void t.test('a backup that is broken off leaves nothing, and the one before it stays', async (test) => {
  const [place, made] = [await lmdb.place(test), await folder(test)];
  const file = join(made, 'b');
  const store = await lmdb.open(place);
  await fill(store);
  await store.close();
  await writeFile(file, 'the one before');
  const over = new AbortController();
  const whole = chopped(await lmdb.read(place), 5);
  const stopping: WholeSource = {
    ...whole,
    async *events(after, upTo) {
      for await (const page of whole.events(after, upTo)) {
        over.abort();
        yield page;
      }
    },
  };
  await test.rejects(backup(stopping, file, over.signal), { name: 'AbortError' });
  await test.rejects(backup(chopped(await lmdb.read(place), 5, 2), file), { message: 'broken off' });
  test.same(await readdir(made), ['b']);
  test.equal(await readFile(file, 'utf8'), 'the one before');
  await backup(await lmdb.read(place), file);
  test.match((await readFile(file, 'latin1')).slice(0, 20), /^tilgang-backup 1\n/);
});

/** The parts of a backup's bytes. */
function split(bytes: Buffer) {
  const start = bytes.indexOf('\n', bytes.indexOf('\n') + 1) + 1;
  return { head: bytes.subarray(0, start), body: bytes.subarray(start, -101), trailer: bytes.subarray(-101) };
}

/** What somebody makes who knows the form, but not the secret. */
function forged(bytes: Buffer, change: (text: string) => string): Buffer {
  const { head, body } = split(bytes);
  const front = Buffer.concat([head, brotliCompressSync(change(brotliDecompressSync(body).toString()))]);
  const digest = createHash('sha256').update(front).digest('base64url');
  return Buffer.concat([front, Buffer.from(`\nsha256 ${digest}\nseal ${'x'.repeat(43)}\n`)]);
}

const flipped = (bytes: Buffer, at: number): Buffer => {
  const altered = Buffer.from(bytes);
  altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
  return altered;
};

const ALTERATIONS: readonly (readonly [title: string, alter: (bytes: Buffer) => Buffer, said?: object])[] = [
  ['nothing in it', () => Buffer.alloc(0), { slug: 'copy-refused', message: /is no backup of this program/ }],
  ['something else in it', (bytes) => bytes.subarray(1), { slug: 'copy-refused', message: /is no backup of this program/ }],
  [
    'a newer form',
    (bytes) => Buffer.concat([Buffer.from('tilgang-backup 2\n'), bytes.subarray(17)]),
    { slug: 'copy-refused', message: /written by a newer program: restore it with that one/ },
  ],
  ...[17, 40, 200, 700, -102, -101, -50, -1].map((at) => [`its end cut off at ${at}`, (bytes: Buffer) => bytes.subarray(0, at)] as const),
  // A letter of the seal in place of another: a bit may make it none.
  ['another seal', (bytes) => Buffer.concat([bytes.subarray(0, -40), Buffer.from(bytes.at(-40) === 65 ? 'B' : 'A'), bytes.subarray(-39)])],
  ...[17, 25, 300, 600, -110, -90].map(
    (at) => [`one bit changed at ${at}`, (bytes: Buffer) => flipped(bytes, at < 0 ? bytes.length + at : at)] as const,
  ),
  ['more after its end', (bytes) => Buffer.concat([bytes, Buffer.from('\n')])],
  ['a piece missing in the middle', (bytes) => Buffer.concat([bytes.subarray(0, 500), bytes.subarray(520)])],
];

void t.test('a backup that was cut short or altered is refused, wherever it was, before anything is written', async (test) => {
  const { file } = await kept(test, lmdb);
  const bytes = await readFile(file);
  test.ok(bytes.length > 1000, 'the places are in it');
  for (const [title, alter, said = ALTERED] of ALTERATIONS) {
    await writeFile(file, alter(bytes));
    // Of the seal it is said by who has the secret.
    if (title === 'another seal') {
      const { seal: of, close } = await openBackup(file);
      test.not(of.text, seal(of.of));
      await close();
    } else await test.rejects(openBackup(file), { name: 'ProblemError', ...said }, title);
  }
});

const BROKEN = { slug: 'copy-refused', message: /^the history is broken at event [0-9]{16}/ };
const FORGERIES: readonly (readonly [title: string, change: (text: string) => string, said: object])[] = [
  ['an event with another actor', (text) => text.replace('"actor":"operator"', '"actor":"somebody"'), BROKEN],
  ['an event less', (text) => text.replace(/\n[^\n]*"action":"take"[^\n]*/, ''), ALTERED],
  [
    'an event less, and counted so',
    (text) =>
      text
        .replace(/\n[^\n]*"action":"take"[^\n]*/, '')
        .replace('\ne 64\n', '\ne 63\n')
        .replace('\nz 64', '\nz 63'),
    BROKEN,
  ],
  [
    'two events in the other order',
    (text) => text.replace(/\n([^\n]*"revision":1})\n([\s\S]*)\n([^\n]*"key":"a",[^\n]*"revision":2})\n/, '\n$3\n$2\n$1\n'),
    BROKEN,
  ],
  ['its end left out', (text) => text.slice(0, text.lastIndexOf('\nz ') + 1), ALTERED],
  ['half of its last line', (text) => text.slice(0, -3), ALTERED],
  ['a line that is none', (text) => text.replace('\ne ', '\nx\ne '), ALTERED],
  ['a document that is none', (text) => text.replace('\nd [', '\nd {'), ALTERED],
  ['more documents counted', (text) => text.replace(/(\nz \d+ )\d+/, '$19'), ALTERED],
  ['an entity of no name', (text) => text.replace('"name":"letter"', '"name":"let ter"'), ALTERED],
];

for (const [title, change, said] of FORGERIES) {
  void t.test(`a backup that was written anew with ${title} is refused, and nothing of it stays (threat 39)`, async (test) => {
    const { file } = await kept(test, lmdb);
    await writeFile(file, forged(await readFile(file), change));
    const place = await lmdb.place(test);
    await test.rejects(restore(file, lmdb, place), { name: 'ProblemError', ...said });
    test.same(await readdir(place), []);
    const store = await lmdb.open(place);
    test.same((await store.events.after(undefined, 10)).events, []);
    await store.close();
  });
}

void t.test('a header of another form is refused, though the hash over it is right', async (test) => {
  const { file } = await kept(test, lmdb);
  const { body } = split(await readFile(file));
  for (const made of [
    'null',
    '5',
    '[]',
    '{"sealing":1}',
    JSON.stringify({ ...header, secretsAt: 'x' }),
    JSON.stringify({ ...header, schema: '1' }),
  ]) {
    const front = Buffer.concat([Buffer.from(`tilgang-backup 1\n${made}\n`), body]);
    const digest = createHash('sha256').update(front).digest('base64url');
    await writeFile(file, Buffer.concat([front, Buffer.from(`\nsha256 ${digest}\nseal ${'x'.repeat(43)}\n`)]));
    await test.rejects(openBackup(file), { name: 'ProblemError', slug: 'copy-refused' }, made);
  }
});

void t.test('a file that cannot be written is told by the name that was given', async (test) => {
  const place = await lmdb.place(test);
  await (await lmdb.open(place)).close();
  const file = join(await folder(test), 'nowhere', 'b');
  await test.rejects(backup(await lmdb.read(place), file), {
    code: 'ENOENT',
    message: `ENOENT: no such file or directory, open '${file}'`,
  });
  const taken = await folder(test);
  await test.rejects(backup(await lmdb.read(place), taken), { message: new RegExp(`rename '${taken}'$`) });
});

void t.test('a backup takes the place of files alone: what is a link or a device stays', async (test) => {
  const place = await lmdb.place(test);
  await (await lmdb.open(place)).close();
  const made = await folder(test);
  const [link, device] = [join(made, 'link'), join(made, 'device')];
  await symlink(join(made, 'elsewhere'), link);
  const listening = createServer().listen(device);
  await once(listening, 'listening');
  test.teardown(() => listening.close());
  for (const path of [link, device]) {
    await test.rejects(backup(await lmdb.read(place), path), { slug: 'copy-refused', message: /is no file but a (link|device)/ });
  }
  test.ok((await lstat(link)).isSymbolicLink());
  test.ok((await lstat(device)).isSocket());
  test.same((await readdir(made)).sort(), ['device', 'link'], 'and nothing else is there');
});

void t.test('a disk that becomes full meanwhile ends a backup by its own word, and nothing of it is left', async (test) => {
  const file = join(await folder(test), 'b');
  await writeFile(file, 'the one before');
  const handle = await open(file);
  const prototype = Object.getPrototypeOf(handle) as { appendFile: typeof handle.appendFile };
  await handle.close();
  const { appendFile } = prototype;
  test.teardown(() => Object.assign(prototype, { appendFile }));
  let calls = 0;
  prototype.appendFile = async function (this: typeof handle, ...args) {
    calls += 1;
    if (calls > 1) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });
    return appendFile.apply(this, args);
  };
  // Much that cannot be compressed: there is more on its way when the disk is full.
  const events = Array.from({ length: 40 }, (_, i) => {
    const json = JSON.stringify({ text: randomBytes(75_000).toString('base64') });
    return { place: i + 1, hash: createHash('sha256').update(json).digest('base64url'), json };
  });
  const source = {
    entities: async () => [],
    async *passing() {},
    last: async () => events.length,
    async *events() {
      for (const event of events) yield [event];
    },
    close: async () => {},
  } as unknown as WholeSource;
  await test.rejects(backup(source, file), { code: 'ENOSPC' });
  test.same(await readdir(dirname(file)), ['b']);
  test.equal(await readFile(file, 'utf8'), 'the one before');
});

void t.test('what a refused restore has written into a database is gone', { skip: missing ?? false }, async (test) => {
  const kind = mongodb(server as NonNullable<typeof server>);
  const { file, contents } = await kept(test, lmdb);
  const bytes = await readFile(file);
  await writeFile(
    file,
    forged(bytes, (text) => text.replace(/(\nz \d+ )\d+/, '$19')),
  );
  const place = await kind.place(test);
  await test.rejects(restore(file, kind, place), { name: 'ProblemError', slug: 'copy-refused' });
  await writeFile(file, bytes);
  const target = await kind.write(place);
  test.equal(target.state, 'new');
  await target.close();
  await restore(file, kind, place);
  await assertEqual(test, kind, contents, place);
});
