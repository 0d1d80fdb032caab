// Takes about 14 s.
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open as openLmdb } from 'lmdb';
import { MongoClient } from 'mongodb';
import t, { type Test } from 'tap';
import { canonicalJson, type Entity, eventHash, type StoreEvent } from '#storage';
import { copyStore, type WholeSource } from '#storage/copy';
import { beginByFile, writeWholeLmdb } from '#storage/lmdb';
import { isSameMongoStore } from '#storage/mongodb';
import { declared, letters, passing, type Thing, things } from './contract.js';
import { type MongoServer, startMongo, whyNoMongo } from './mongodb-server.js';
import { assertEqual, chopped, contentsOf, fill, type Kind, lmdb, mongodb } from './whole-stores.js';

const missing = whyNoMongo();
const server = missing === undefined ? await startMongo() : undefined;
t.teardown(() => server?.stop());

const silent = (): void => {};
const facts = { action: 'later', at: '2026-01-02T00:00:00.000Z' as never, actor: 'operator' };

/** A filled store of a kind, closed. */
async function filled(test: Test, kind: Kind): Promise<{ readonly place: string }> {
  const place = await kind.place(test);
  if (kind === lmdb) {
    cpSync((await shared(kind)).place, place, { recursive: true });
    return { place };
  }
  const store = await kind.open(place);
  await fill(store);
  await store.close();
  return { place };
}

interface Shared {
  readonly place: string;
  /** All that can be asked of it. */
  readonly contents: Readonly<Record<string, unknown>>;
}
const known = new Map<Kind, Promise<Shared>>();

/** The same for all who only read it. */
function shared(kind: Kind): Promise<Shared> {
  const made = known.get(kind) ?? madeToShare(kind);
  known.set(kind, made);
  return made;
}

async function madeToShare(kind: Kind): Promise<Shared> {
  const place = await kind.place(t);
  const store = await kind.open(place);
  await fill(store);
  const contents = await contentsOf(store);
  await store.close();
  return { place, contents };
}

/** The tables of a closed store, as somebody with the file would open them. */
interface RawStore {
  readonly documents: Database<string, Buffer>;
  readonly events: Database<string, Buffer>;
}

const at = (place: number): Buffer => Buffer.from(String(place).padStart(16, '0'));
const name = (key: string): Buffer => Buffer.from(`letter\0${key}`);
const textOf = (table: Database<string, Buffer>, key: Buffer): string => table.get(key) ?? '';

async function altered(path: string, tamper: (raw: RawStore) => void): Promise<void> {
  const root = openLmdb<string, Buffer>({ path, keyEncoding: 'binary', encoding: 'string', maxDbs: 16, noSubdir: false });
  const table = (of: string) => root.openDB<string, Buffer>({ name: of, keyEncoding: 'binary', encoding: 'string' });
  tamper({ documents: table('documents'), events: table('events') });
  await root.close();
}

/** Copies as the command does. @param pages after so many pages it is broken off */
async function copy(from: Kind, here: string, to: Kind, there: string, most = 1000, pages?: number) {
  const source = await from.read(here);
  const target = await to.write(there);
  try {
    return await copyStore(chopped(source, most, pages), target, silent);
  } finally {
    await source.close();
    await target.close();
  }
}

function pair(from: Kind, to: Kind): void {
  const title = `${from.name} to ${to.name}`;

  void t.test(
    `${title}: a copy is the same store, with graves, revisions, every spelling of a key, and what only other versions know`,
    async (test) => {
      const { place, contents } = await shared(from);
      const there = await to.place(test);
      const { events, documents, passing, copied, isStill } = await copy(from, place, to, there);
      test.match({ events, documents, passing, copied, isStill }, { events: 64, documents: 14, passing: 4, copied: events, isStill: true });
      await assertEqual(test, to, contents, there);
      const source = await from.open(place);
      test.same(await contentsOf(source), contents, 'the source is as it was');
      await source.close();
    },
  );

  void t.test(`${title}: a copy that is broken off again and again is opened by nobody, and goes on to be the same store`, async (test) => {
    const { place, contents } = await shared(from);
    const there = await to.place(test);
    for (const [most, pages] of [
      [7, 0],
      [7, 2],
      [1, 1],
      [3, 4],
    ] as const) {
      await test.rejects(copy(from, place, to, there, most, pages), { message: 'broken off' });
      await test.rejects(to.open(there), { slug: 'store-unavailable', message: /not whole yet: run `tilgang store copy`/ });
    }
    const { copied, events } = await copy(from, place, to, there, 5);
    test.equal(copied, events - 14 - 1 - 12);
    await assertEqual(test, to, contents, there);
  });
}

/** What holds of each kind, copied into one of its own. */
function each(kind: Kind): void {
  void t.test(`${kind.name}: copied again, a store takes only what came since, and forgets what has passed`, async (test) => {
    const { place } = await filled(test, kind);
    const there = await kind.place(test);
    await copy(kind, place, kind, there);
    const source = await kind.open(place);
    await source.collection(letters).put({ id: 'new', tags: ['all'] }, { expect: 'absent', facts });
    await source.collection(passing).remove('soon', { expect: 'any', facts });
    const contents = await contentsOf(source);
    await source.close();
    test.match(await copy(kind, place, kind, there), { events: 65, copied: 1, passing: 3 });
    test.match(await copy(kind, place, kind, there), { events: 65, copied: 0 });
    await assertEqual(test, kind, contents, there);
  });

  void t.test(`${kind.name}: of a store that is written meanwhile the copy is as it was at one place of its log`, async (test) => {
    const { place } = await filled(test, kind);
    const there = await kind.place(test);
    const store = await kind.open(place);
    const whole = await kind.read(place);
    let writes = 0;
    const source: WholeSource = {
      ...chopped(whole, 5),
      async *events(after, upTo) {
        for await (const page of whole.events(after, upTo)) {
          yield page;
          writes += 1;
          await store.collection(letters).put({ id: `m${writes}`, tags: ['all'] }, { expect: 'any', facts });
          await store.collection(things).remove('one', { expect: 'any', facts });
        }
      },
    };
    const target = await kind.write(there);
    const { events, isStill } = await copyStore(source, target, silent);
    await Promise.all([whole.close(), target.close()]);
    test.equal(isStill, false);
    const copied = await kind.open(there);
    const [log, own] = await Promise.all([store, copied].map((one) => one.events.after(undefined, 1000)));
    test.same(own?.events, log?.events.slice(0, events));
    test.equal((await copied.events.verify()).broken, undefined);
    await copied.close();
    const contents = await contentsOf(store);
    await store.close();
    await copy(kind, place, kind, there);
    await assertEqual(test, kind, contents, there);
  });

  void t.test(`${kind.name}: a place that holds another store, or a copy that has been written to, is left as it is`, async (test) => {
    const [one, other] = [await shared(kind), await filled(test, kind)];
    const refusal = { slug: 'copy-refused', message: /holds another store, or has been changed since/ };
    const store = await kind.open(other.place);
    await store.collection(letters).put({ id: 'own', tags: [] }, { expect: 'absent', facts });
    const contents = await contentsOf(store);
    await store.close();
    await test.rejects(copy(kind, one.place, kind, other.place), refusal);
    await assertEqual(test, kind, contents, other.place);
  });
}

const kinds = [lmdb, ...(server === undefined ? [] : [mongodb(server)])];
for (const kind of kinds) each(kind);
for (const from of kinds) for (const to of kinds) pair(from, to);
if (missing !== undefined) void t.test('copies from and to mongodb', { skip: missing }, async () => {});

void t.test('lmdb by its file: it is opened by nobody before it is verified, and is then the same store', async (test) => {
  const { place, contents } = await shared(lmdb);
  const there = await lmdb.place(test);
  mkdirSync(there, { recursive: true });
  const [source, to] = [await lmdb.read(place), { path: there, mapSizeBytes: 2 ** 30 }];
  test.teardown(() => source.close());
  test.equal(await beginByFile(source, to), true);
  test.same(readdirSync(there), ['data.mdb'], 'and nothing lies beside it');
  test.equal(await beginByFile(source, to), false, 'what is there is gone on with');
  await test.rejects(lmdb.open(there), { slug: 'store-unavailable', message: /not whole yet: run `tilgang store copy`/ });
  test.match(await copy(lmdb, place, lmdb, there), { events: 64, documents: 14, passing: 4, copied: 0, isStill: true });
  await assertEqual(test, lmdb, contents, there);
});

void t.test('lmdb by its file: what is written meanwhile comes after it', async (test) => {
  const { place } = await filled(test, lmdb);
  const there = await lmdb.place(test);
  mkdirSync(there, { recursive: true });
  const [source, store] = [await lmdb.read(place), await lmdb.open(place)];
  let isBegun = false;
  const writing = (async () => {
    for (let i = 0; !isBegun || i < 20; i += 1)
      await store.collection(letters).put({ id: `m${i}`, tags: ['all'] }, { expect: 'any', facts });
  })();
  test.equal(await beginByFile(source, { path: there, mapSizeBytes: 2 ** 30 }), true);
  isBegun = true;
  await writing;
  const contents = await contentsOf(store);
  await Promise.all([store.close(), source.close()]);
  await copy(lmdb, place, lmdb, there);
  await assertEqual(test, lmdb, contents, there);
});

void t.test('lmdb by its file: what a copy left that was killed is gone with the next one', async (test) => {
  const there = await lmdb.place(test);
  mkdirSync(join(there, 'incoming-abc123'), { recursive: true });
  writeFileSync(join(there, 'incoming-abc123/data.mdb'), 'half a file');
  await (await lmdb.write(there)).close();
  test.notOk(existsSync(join(there, 'incoming-abc123')));
});

void t.test('a file that cannot be put there, or is none, is not what a copy begins with', async (test) => {
  const { place } = await shared(lmdb);
  const source = await lmdb.read(place);
  test.teardown(() => source.close());
  const to = { path: await lmdb.place(test), mapSizeBytes: 2 ** 30 };
  test.equal(await beginByFile(source, to), false, 'the folder is not there');
  mkdirSync(to.path, { recursive: true });
  test.equal(await beginByFile(chopped(source, 1000), to), false, 'a source of some other kind');
  test.same(readdirSync(to.path), []);
});

/** What is done to the file of a source, and what is said of it. */
const TAMPERINGS: readonly (readonly [title: string, said: RegExp, tamper: (raw: RawStore) => void])[] = [
  [
    'an altered event',
    /broken at event 0{15}3: the event does not have the hash/,
    ({ events }) => events.putSync(at(3), textOf(events, at(3)).replace('operator', 'operatos')),
  ],
  [
    'an event rewritten with a hash of its own',
    /broken at event [0-9]{16}: the event does not follow/,
    ({ events }) => {
      const [, previous, ...json] = textOf(events, at(3)).split(' ');
      const event = { ...(JSON.parse(json.join(' ')) as StoreEvent), actor: 'another' };
      events.putSync(at(3), `${eventHash(event)} ${previous} ${canonicalJson(event)}`);
    },
  ],
  ['a removed event', /broken at event 0{15}3: the event is missing/, ({ events }) => events.removeSync(at(3))],
  [
    'an altered document',
    /the document letter a of FROM is not what its history says/,
    ({ documents }) => documents.putSync(name('a'), textOf(documents, name('a')).replace('"all"', '"ill"')),
  ],
  ['a removed document', /FROM has 16 documents with history, and its log tells of 17/, ({ documents }) => documents.removeSync(name('a'))],
];

for (const [title, said, tamper] of TAMPERINGS) {
  void t.test(`${title} in the source is told, and what was copied is opened by nobody (threat 39)`, async (test) => {
    const { place } = await filled(test, lmdb);
    const there = await lmdb.place(test);
    await altered(place, tamper);
    await test.rejects(copy(lmdb, place, lmdb, there), { slug: 'copy-refused', message: said });
    await test.rejects(lmdb.open(there), { name: 'ProblemError', slug: 'store-unavailable' });
  });
}

for (const [which, of, id] of [
  ['first', letters, 'a'],
  ['last', things, 'one'],
] as const) {
  void t.test(`of the ${which} documents of a copy too it is told when one is missing in its index`, async (test) => {
    const { place } = await shared(lmdb);
    const source = await lmdb.read(place);
    let isWritten = false;
    const values = (one: Thing) => (one.id === id && !isWritten ? [] : one.tags);
    const entities: Entity<never>[] = declared.map((entity) => (entity === of ? { ...of, indexes: { tag: { values } } } : entity));
    const target = await writeWholeLmdb({ path: await lmdb.place(test), name: 'TO', mapSizeBytes: 2 ** 30, entities });
    const read: WholeSource = {
      ...chopped(source, 1000),
      passing() {
        isWritten = true;
        return source.passing();
      },
    };
    const message = /TO is not what was written into it: event [0-9]{16}: The document is missing in its index tag/;
    await test.rejects(copyStore(read, target, silent), { slug: 'copy-refused', message });
    await Promise.all([source.close(), target.close()]);
  });
}

void t.test(
  'mongodb: documents that were written before their events pass those over when the copy goes on',
  { skip: missing ?? false },
  async (test) => {
    const kind = mongodb(server as MongoServer);
    const { place, contents } = await shared(lmdb);
    const there = await kind.place(test);
    await copy(lmdb, place, kind, there);
    const client = new MongoClient(there);
    test.teardown(() => client.close());
    // As it lies when the process is killed in between.
    await client
      .db()
      .collection<{ _id: number }>('events')
      .deleteMany({ _id: { $gt: 40 } });
    test.match(await copy(lmdb, place, kind, there, 4), { events: 64, copied: 24 });
    await assertEqual(test, kind, contents, there);
  },
);

void t.test('mongodb: what its writer left beside a document when it died is copied too', { skip: missing ?? false }, async (test) => {
  const kind = mongodb(server as MongoServer);
  const { place } = await filled(test, kind);
  const client = new MongoClient(place);
  test.teardown(() => client.close());
  const [events, documents] = [client.db().collection<{ _id: number }>('events'), client.db().collection<{ _id: string }>('registry')];
  const last = (await events.findOneAndDelete({ _id: 64 })) as unknown as { d: string; j: string; p: string[] };
  await documents.updateOne({ _id: last.d }, { $set: { o: { j: last.j, p: last.p, g: true, a: new Date() } } });
  test.match(await copy(kind, place, lmdb, await lmdb.place(test)), { events: 64 });
});

void t.test('a database that holds something else is left as it is', { skip: missing ?? false }, async (test) => {
  const kind = mongodb(server as MongoServer);
  const { place } = await shared(lmdb);
  const there = await kind.place(test);
  const client = new MongoClient(there);
  test.teardown(() => client.close());
  await client.db().collection('documents').insertOne({ name: 'theirs' });
  await test.rejects(copy(lmdb, place, kind, there), { slug: 'copy-refused', message: /holds something else: name an empty database/ });
  test.equal(await client.db().collection('documents').countDocuments(), 1);
});

void t.test(
  'a database is known under another spelling of its connection string, so that it is not copied onto itself',
  { skip: missing ?? false },
  async (t) => {
    const kind = mongodb(server as MongoServer);
    const [{ place }, other] = [await filled(t, kind), await kind.place(t)];
    const spelled = `${place.replace('127.0.0.1', 'localhost')}${place.includes('?') ? '&' : '?'}appName=other`;
    t.equal(await isSameMongoStore(place, spelled), true);
    t.equal(await isSameMongoStore(place, other), false, 'a new one');
    const client = new MongoClient(place);
    t.teardown(() => client.close());
    const format = await client.db().collection<{ _id: string }>('registry').findOne({ _id: 'format' });
    t.same(Object.keys(format ?? {}), ['_id', 'format'], 'and nothing is left of the question');
    const second = await filled(t, kind);
    t.equal(await isSameMongoStore(place, second.place), false);
  },
);
