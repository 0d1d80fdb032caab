import { mkdirSync } from 'node:fs';
import { open } from 'lmdb';
import { ProblemError } from '#problem';
import type { Entity, Store } from '../port.js';
import { createCollection } from './collection.js';
import { createEventLog } from './event-log.js';
import { CURSOR_LENGTH, concernsPrefix, documentKey, entriesOf, indexPrefix, keyBytes, partiesOf, readEvent } from './layout.js';
import { keysBetween, pastPrefix, type Table, type Tables } from './tables.js';
import { Writer } from './writer.js';

export interface LmdbOptions {
  /** The data folder; made with mode 0700 if it is missing. */
  readonly path: string;
  /** Declared at once, so that missing indexes are built before the first request. */
  readonly entities?: readonly Entity<never>[];
  /** Address space mapped at first, in bytes; no limit: lmdb maps more when the data grows past it. Default 64 GiB. */
  readonly mapSizeBytes?: number;
}

const FORMAT = 'tilgang-storage-1';
const FORMAT_KEY = Buffer.from('format');

/** Opens or makes a store. @throws ProblemError `store-unavailable` if the folder cannot be used or has another format */
export async function openLmdbStore(options: LmdbOptions): Promise<Store> {
  let tables: Tables;
  try {
    mkdirSync(options.path, { recursive: true, mode: 0o700 });
    tables = openTables(options);
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause;
    throw new ProblemError('store-unavailable', { detail: 'the data folder cannot be opened', cause });
  }
  try {
    checkFormat(tables);
    const declared = new Map<string, Entity<unknown>>();
    const declare = (entity: Entity<unknown>): void => {
      const known = declared.get(entity.name);
      if (known === undefined) {
        ensureIndexes(tables, entity);
        ensureConcerns(tables, entity);
      } else if (declaration(known) !== declaration(entity)) {
        throw new TypeError(`entity ${entity.name} is declared twice, with other indexes`);
      }
      declared.set(entity.name, entity);
    };
    for (const entity of options.entities ?? []) declare(entity as unknown as Entity<unknown>);
    return createStore(tables, declare, declared);
  } catch (error) {
    await tables.root.close();
    throw error;
  }
}

function openTables({ path, mapSizeBytes = 64 * 2 ** 30 }: LmdbOptions): Tables {
  const root = open<string, Buffer>({
    path,
    // Without overlapping sync the promise of a commit is the promise of the flush; commits are grouped by the writer anyway.
    overlappingSync: false,
    mapSize: mapSizeBytes,
    maxDbs: 16,
    keyEncoding: 'binary',
    encoding: 'string',
    noSubdir: false,
  });
  // Text and JSON.parse rather than msgpack: shared structures would tie the processes of a store to one another.
  // Measured: 5 µs for `get` of a document of 250 bytes, fresh snapshot included (2 cores, shared).
  const table = (name: string): Table => root.openDB<string, Buffer>({ name, keyEncoding: 'binary', encoding: 'string' });
  return {
    root,
    meta: table('meta'),
    documents: table('documents'),
    graves: table('graves'),
    indexes: table('indexes'),
    events: table('events'),
    history: table('history'),
    concerns: table('concerns'),
  };
}

function checkFormat({ root, meta, documents, events }: Tables): void {
  root.transactionSync(() => {
    const format = meta.get(FORMAT_KEY);
    const isEmpty = format === undefined && documents.getKeysCount({ limit: 1 }) === 0 && events.getKeysCount({ limit: 1 }) === 0;
    if (isEmpty) meta.putSync(FORMAT_KEY, FORMAT);
    else if (format !== FORMAT) throw new ProblemError('store-unavailable', { detail: 'the data folder has an unknown format' });
  });
}

function declaration(entity: Entity<unknown>): string {
  return JSON.stringify(
    Object.entries(entity.indexes)
      .map(([name, index]) => [name, index.unique === true])
      .sort(),
  );
}

/** Builds what is declared and missing, drops what is no longer declared: it would not be kept up to date. */
function ensureIndexes({ root, meta, documents, indexes }: Tables, entity: Entity<unknown>): void {
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(entity.name)) throw new TypeError('an entity is named by a-z, 0-9 and "-"');
  for (const name of Object.keys(entity.indexes)) if (!/^[\w-]{1,64}$/.test(name)) throw new TypeError(`${name} is no name of an index`);
  const place = keyBytes(`entity ${entity.name}`);
  root.transactionSync(() => {
    const wanted = declaration(entity);
    const kept = meta.get(place) ?? '[]';
    if (kept === wanted) return;
    const had = new Map(JSON.parse(kept) as [string, boolean][]);
    for (const name of had.keys()) {
      if (entity.indexes[name] !== undefined) continue;
      const prefix = indexPrefix(entity.name, name);
      for (const key of keysBetween(indexes, Buffer.from(prefix), pastPrefix(prefix), Infinity)) indexes.removeSync(key);
    }
    const start = documentKey(entity.name, '');
    const seen = new Set<string>();
    for (const place of keysBetween(documents, Buffer.from(start), pastPrefix(start), Infinity)) {
      const text = documents.get(place) as string;
      const key = place.toString().slice(start.length);
      const value = JSON.parse(text.slice(text.indexOf(' ') + 45)) as unknown;
      for (const entry of entriesOf(entity, key, value)) {
        const ofValue = entry.slice(0, entry.length - key.length);
        const isUnique = entity.indexes[entry.split('\0', 2)[1] as string]?.unique === true;
        if (isUnique && seen.has(ofValue)) {
          throw new ProblemError('store-unavailable', { detail: `documents of ${entity.name} break a unique index that is declared now` });
        }
        if (isUnique) seen.add(ofValue);
        indexes.putSync(keyBytes(entry), '1');
      }
    }
    meta.putSync(place, wanted);
  });
}

/** Lists the events that were written before the entity told whom they concern. */
function ensureConcerns({ root, meta, events, history, concerns }: Tables, entity: Entity<unknown>): void {
  const mark = keyBytes(`concerns ${entity.name}`);
  if (entity.concerns === undefined || meta.get(mark) !== undefined) return;
  root.transactionSync(() => {
    const prefix = documentKey(entity.name, '');
    const end = pastPrefix(prefix);
    let from = Buffer.from(prefix);
    for (;;) {
      const places = keysBetween(history, from, end, 1000);
      for (const place of places) {
        const cursor = place.subarray(place.length - CURSOR_LENGTH);
        const text = events.get(cursor);
        if (text === undefined) continue; // Found by the check of the store.
        const { before, after } = readEvent(text);
        for (const party of partiesOf(entity, before, after)) concerns.putSync(Buffer.from(concernsPrefix(party) + cursor.toString()), '1');
      }
      const last = places.at(-1);
      if (last === undefined) break;
      from = Buffer.concat([last, Buffer.of(0)]);
    }
    meta.putSync(mark, '1');
  });
}

function createStore(tables: Tables, declare: (entity: Entity<unknown>) => void, declared: ReadonlyMap<string, Entity<unknown>>): Store {
  let closing: Promise<void> | undefined;
  const listeners = new Set<() => void>();
  const writer = new Writer(tables, () => {
    for (const listener of listeners) listener();
  });
  // Every read begins with a fresh snapshot: lmdb keeps one for the whole turn, which would hide what another process has committed.
  // Reads of the same run of code share it: nobody's acknowledgement can have come in between.
  let isFresh = false;
  const age = (): void => {
    isFresh = false;
  };
  const renew = (): void => {
    if (isFresh) return;
    tables.root.resetReadTxn();
    isFresh = true;
    queueMicrotask(age);
  };
  const read = <R>(action: () => R): Promise<R> => {
    if (closing !== undefined) return Promise.reject(new ProblemError('store-unavailable', { detail: 'the store is closed' }));
    try {
      renew();
      return Promise.resolve(action());
    } catch (error) {
      const isOurs = error instanceof ProblemError || error instanceof TypeError;
      return Promise.reject(isOurs ? error : new ProblemError('store-unavailable', { detail: 'the store cannot be read', cause: error }));
    }
  };
  const isClosed = (): boolean => closing !== undefined;
  return {
    collection: (entity) => {
      if (isClosed()) throw new ProblemError('store-unavailable', { detail: 'the store is closed' });
      declare(entity as unknown as Entity<unknown>);
      return createCollection(tables, entity, { read, isClosed, writer });
    },
    events: createEventLog(tables, read, listeners, declared),
    check: () =>
      read(() => {
        if (tables.meta.get(FORMAT_KEY) !== FORMAT) throw new ProblemError('store-unavailable', { detail: 'the store does not answer' });
      }),
    close: () => {
      closing ??= writer.drained().then(() => tables.root.close());
      return closing;
    },
  };
}
