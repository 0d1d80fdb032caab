import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { type Instant, present } from '#domain';
import type { ChangeFacts, Entity, EventPage, Page, Store } from '#storage';
import type { WholeSource, WholeTarget } from '#storage/copy';
import { openLmdbStore, readWholeLmdb, writeWholeLmdb } from '#storage/lmdb';
import { openMongoStore, readWholeMongo, writeWholeMongo } from '#storage/mongodb';
import { declared, letters, passing, rules, type Thing, things } from './contract.js';
import type { MongoServer } from './mongodb-server.js';

/** Kept by another version of the program: nobody who copies declares them. */
const bills: Entity<Thing> = { ...letters, name: 'bill', isRegistry: true, indexes: things.indexes };
const notes: Entity<Thing> = { ...things, name: 'note', keepsNoHistory: true, indexes: {} };
/** What the stores of these tests are opened with; who copies knows `declared` alone. */
export const everything = [...declared, bills, notes] as const;

/** A kind of store, for a test that does not mind which. */
export interface Kind {
  readonly name: string;
  /** A place where there is no store. */
  place(test: Test): Promise<string>;
  open(place: string): Promise<Store>;
  read(place: string): Promise<WholeSource>;
  write(place: string): Promise<WholeTarget>;
}

export const lmdb: Kind = {
  name: 'lmdb',
  async place(test) {
    const made = await mkdtemp(join(tmpdir(), 'tilgang-copy-'));
    test.teardown(() => rm(made, { recursive: true, force: true }));
    return join(made, 'store');
  },
  open: (path) => openLmdbStore({ path, entities: everything }),
  read: (path) => readWholeLmdb({ path, name: 'FROM', mapSizeBytes: 2 ** 30 }),
  write: (path) => writeWholeLmdb({ path, name: 'TO', mapSizeBytes: 2 ** 30, entities: declared }),
};

export function mongodb(server: MongoServer): Kind {
  return {
    name: `mongodb (${server.name})`,
    place: async () => server.freshUri(),
    open: (uri) => openMongoStore({ uri, entities: everything }),
    read: (uri) => readWholeMongo({ uri }),
    write: (uri) => writeWholeMongo({ uri, entities: declared }),
  };
}

const at = '2026-01-01T00:00:00.000Z' as Instant;
const LATE = '2999-01-01T00:00:00.000Z';
/** Spellings that a store must tell apart, and characters that mean something to some part of it. */
export const KEYS = ['a', 'å', 'a\u030a', 'Å', 'x/y', 'x/', '"q"', 'line\nend', '\u{1f600}', 'ø'.repeat(300), '__proto__', '$where', 'é '];

/** What is handed on from one document to another while both go on. */
export async function fill(store: Store, rounds = 3): Promise<void> {
  const change = (action: string, more: Partial<ChangeFacts> = {}) =>
    ({ expect: 'any', facts: { action, at, actor: 'operator', ...more } }) as const;
  const [c, l, r, b] = [store.collection(things), store.collection(letters), store.collection(rules), store.collection(bills)];
  for (let round = 0; round < rounds; round += 1) {
    await Promise.all(
      KEYS.map((id) => l.put({ id, tags: ['all', `t${round}`, id.slice(0, 20)] }, change('write', { reason: `"${round}" å \u2028` }))),
    );
    await c.put({ id: 'one', tags: ['x'], name: 'taken' }, change('take', { requestId: 'r-1', onBehalfOf: '958935420' }));
    await r.put({ id: 'rule', tags: ['all', `${round}`] }, change('rule'));
    await b.put({ id: 'bill', tags: ['all'], name: `n${round}` }, change('bill'));
    await c.put({ id: 'one', tags: ['x'] }, change('leave'));
    await c.put({ id: 'two', tags: [], name: 'taken' }, change('take'));
    await c.put({ id: 'one', tags: ['y', 'x'] }, change('go on'));
    await c.remove('two', change('remove'));
    await l.remove('å', change('remove'));
  }
  await b.remove('bill', change('remove'));
  await store.collection(passing).put({ id: 'soon', tags: ['p'], name: LATE }, change('pass'));
  for (const id of ['n1', 'n"\\', 'n3']) await store.collection(notes).put({ id, tags: ['p'] }, change('pass'));
}

async function all<T>(list: (cursor: string | undefined) => Promise<Page<T>>): Promise<unknown[]> {
  const found: unknown[] = [];
  for (let cursor: string | undefined; ; ) {
    const { items, next } = await list(cursor);
    found.push(...items);
    if (next === undefined) return found;
    cursor = next;
  }
}

async function allEvents(list: (cursor: string | undefined) => Promise<EventPage>): Promise<unknown[]> {
  const found: unknown[] = [];
  for (let cursor: string | undefined; ; ) {
    const { events, next } = await list(cursor);
    found.push(...events);
    if (next === undefined) return found;
    cursor = next;
  }
}

/** All that can be asked of a store. */
export async function contentsOf(store: Store): Promise<Readonly<Record<string, unknown>>> {
  const contents: Record<string, unknown> = {};
  for (const entity of everything as readonly Entity<Thing>[]) {
    const c = store.collection(entity);
    contents[entity.name] = await all((cursor) => c.query(present({ limit: 500, cursor })));
    for (const index of Object.keys(entity.indexes)) {
      contents[`${entity.name} ${index}`] = await all((cursor) => c.query(present({ index, prefix: '', limit: 500, cursor })));
      contents[`${entity.name} ${index} =`] = await all((cursor) => c.query(present({ index, equals: 'x', limit: 500, cursor })));
    }
  }
  contents['log'] = await allEvents((cursor) => store.events.after(cursor, 500));
  for (const key of [...KEYS, 'one', 'two']) {
    for (const entity of ['letter', 'thing']) {
      contents[`of ${entity} ${key}`] = await allEvents((cursor) => store.events.of(entity, key, present({ limit: 500, cursor })));
    }
  }
  for (const party of ['all', 't1', 'a', 'x/y', 'nobody']) {
    contents[`concerning ${party}`] = await allEvents((cursor) => store.events.concerning(party, present({ limit: 500, cursor })));
  }
  contents['verify'] = await store.events.verify();
  return contents;
}

/** Holds that two stores are one in all that can be asked of them, and that the second is whole and goes on. */
export async function assertEqual(test: Test, kind: Kind, contents: Readonly<Record<string, unknown>>, place: string): Promise<void> {
  const store = await kind.open(place);
  try {
    test.same(await contentsOf(store), contents);
    const { revision } = await store
      .collection(letters)
      .put({ id: 'å', tags: [] }, { expect: 'absent', facts: { action: 'again', at, actor: 'operator' } });
    test.ok(revision > 1, 'the grave is remembered');
    await test.rejects(
      store.collection(things).put({ id: 'one', tags: [] }, { expect: 1, facts: { action: 'again', at, actor: 'operator' } }),
      { name: 'ProblemError', slug: 'conflict' },
    );
    test.equal((await store.events.verify()).broken, undefined);
  } finally {
    await store.close();
  }
}

/** A source that hands out events a few at a time, and fails after so many pages. */
export function chopped(source: WholeSource, most: number, pages = Number.POSITIVE_INFINITY): WholeSource {
  let left = pages;
  return {
    name: source.name,
    entities: () => source.entities(),
    last: () => source.last(),
    hashAt: (place) => source.hashAt(place),
    passing: () => source.passing(),
    heads: () => source.heads(),
    headCount: () => source.headCount(),
    headsOf: (names) => source.headsOf(names),
    close: () => source.close(),
    async *events(after, upTo) {
      for await (const page of source.events(after, upTo)) {
        const all = [...page];
        for (let i = 0; i < all.length; i += most) {
          if (left === 0) throw new Error('broken off');
          left -= 1;
          yield all.slice(i, i + most);
        }
      }
    },
  };
}
