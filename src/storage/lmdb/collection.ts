import { ProblemError } from '#problem';
import type { Collection, Entity, Page, Query, Stored } from '../port.js';
import { checkText, documentKey, entriesOf, escapeText, indexPrefix, keyBytes, readKept, valuePrefix } from './layout.js';
import { keysBetween, pastPrefix, type Table, type Tables } from './tables.js';
import { type Change, prepareChange, type Writer } from './writer.js';

/** Runs a read on a fresh snapshot and turns faults into the port's. */
export type Read = <R>(action: () => R) => Promise<R>;

interface Access {
  readonly read: Read;
  readonly isClosed: () => boolean;
  readonly writer: Writer;
}

export function createCollection<T>(tables: Tables, entity: Entity<T>, { read, isClosed, writer }: Access): Collection<T> {
  const { documents } = tables;
  const parse = (text: string): Stored<T> => {
    const kept = readKept(text);
    return { value: JSON.parse(kept.json) as T, revision: kept.revision };
  };
  const toStored = entity.isRegistry === true ? remembering(parse) : parse;
  const at = (place: Buffer): Stored<T> | undefined => {
    const text = documents.get(place);
    return text === undefined ? undefined : toStored(text);
  };
  const getOne = (key: string): Stored<T> | undefined => at(keyBytes(documentKey(entity.name, checkText('the key', key))));
  const refuseIfClosed = (): void => {
    if (isClosed()) throw new ProblemError('store-unavailable', { detail: 'the store is closed' });
  };
  const written = async (change: Change): Promise<number | undefined> => {
    const [outcome] = await writer.write([change]);
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  return {
    get: (key) => read(() => getOne(key)),
    getMany: (keys) => read(() => keys.map(getOne)),
    query: (query) => read(() => runQuery(tables, entity, query, at)),
    count: (query) => read(() => countKeys(tables, entity, query)),
    put: async (value, options) => {
      refuseIfClosed();
      const revision = await written(prepareChange(entity, checkText('the key', entity.key(value)), value, options));
      return { value, revision: revision as number };
    },
    putMany: async (orders, facts) => {
      refuseIfClosed();
      const changes = orders.map(({ value, expect }) =>
        prepareChange(entity, checkText('the key', entity.key(value)), value, { expect, facts }),
      );
      if (new Set(changes.map(({ key }) => key)).size < changes.length) throw new TypeError('a key comes twice');
      const outcomes = await writer.write(changes);
      return orders.map(({ value }, i) => {
        const outcome = outcomes[i];
        if (outcome instanceof ProblemError) return outcome;
        if (outcome instanceof Error) throw outcome;
        return { value, revision: outcome as number };
      });
    },
    remove: async (key, options) => {
      refuseIfClosed();
      return (await written(prepareChange(entity, checkText('the key', key), undefined, options))) !== undefined;
    },
  };
}

/** How many parsed texts are remembered before all are forgotten: a country's registry fits. */
const MAX_REMEMBERED = 4096;

/** The text holds revision and hash, so equal texts are the same state of the same document. */
function remembering<T>(parse: (text: string) => Stored<T>): (text: string) => Stored<T> {
  const known = new Map<string, Stored<T>>();
  return (text) => {
    let stored = known.get(text);
    if (stored === undefined) {
      if (known.size >= MAX_REMEMBERED) known.clear();
      stored = deepFrozen(parse(text));
      known.set(text, stored);
    }
    return stored;
  };
}

function deepFrozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) deepFrozen(member);
  return Object.freeze(value);
}

/** @throws TypeError */
export function checkLimit(limit: number): void {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new TypeError('limit is not a whole number from 1');
}

function runQuery<T>(tables: Tables, entity: Entity<T>, query: Query, at: (place: Buffer) => Stored<T> | undefined): Page<T> {
  checkLimit(query.limit);
  const { index } = query;
  const { table, base, start, end } = rangeOf(tables, entity, query);
  let from = query.cursor === undefined ? start : later(start, cursorStart(base, query.cursor));
  const items: Stored<T>[] = [];
  let lastCursor = '';
  for (;;) {
    // One more than asked for tells whether there is a next page.
    const places = Buffer.compare(from, end) < 0 ? keysBetween(table, from, end, query.limit - items.length + 1) : [];
    for (const place of places) {
      const found = index === undefined ? at(place) : at(ownerOf(entity.name, base, place));
      from = Buffer.concat([place, Buffer.of(0)]);
      // Under one value a document stands once; in a range it may stand at several.
      const maySkip = index !== undefined && query.equals === undefined;
      if (found === undefined || (maySkip && !isFirst(entity, base, place, found.value, start, end))) continue;
      if (items.length === query.limit) return { items, next: lastCursor };
      items.push(found);
      lastCursor = place.subarray(Buffer.byteLength(base)).toString('base64url');
    }
    if (places.length === 0) return { items };
  }
}

type Conditions = Omit<Query, 'cursor' | 'limit'>;

function countKeys<T>(tables: Tables, entity: Entity<T>, query: Conditions): number {
  const { table, start, end } = rangeOf(tables, entity, query);
  return Buffer.compare(start, end) < 0 ? table.getKeysCount({ start, end }) : 0;
}

/** Which keys of which table answer the query, and how all of them begin. */
function rangeOf<T>(tables: Tables, entity: Entity<T>, query: Conditions): { table: Table; base: string; start: Buffer; end: Buffer } {
  const { index } = query;
  if (index !== undefined && !Object.hasOwn(entity.indexes, index)) throw new TypeError(`${entity.name} has no index ${index}`);
  const base = index === undefined ? documentKey(entity.name, '') : indexPrefix(entity.name, index);
  return { table: index === undefined ? tables.documents : tables.indexes, base, ...bounds(entity.name, base, query) };
}

function later(a: Buffer, b: Buffer): Buffer {
  return Buffer.compare(a, b) < 0 ? b : a;
}

/** The least key after the item of the cursor. */
function cursorStart(base: string, cursor: string): Buffer {
  const bytes = Buffer.from(cursor, 'base64url');
  const isOurs = bytes.length > 0 && bytes.toString('base64url') === cursor;
  if (!isOurs) throw new ProblemError('invalid-request', { detail: 'the cursor is none of ours' });
  return Buffer.concat([Buffer.from(base), bytes, Buffer.of(0)]);
}

function bounds(entity: string, base: string, query: Conditions): { start: Buffer; end: Buffer } {
  const isKey = query.index === undefined;
  const written = (text: string): string => base + (isKey ? text : escapeText(text));
  let start = Buffer.from(base);
  let end = pastPrefix(base);
  const raise = (bytes: Buffer): void => {
    start = later(start, bytes) as typeof start;
  };
  const lower = (bytes: Buffer): void => {
    if (Buffer.compare(bytes, end) < 0) end = bytes as typeof end;
  };
  if (query.equals !== undefined) {
    const exact = isKey ? written(query.equals) : valuePrefix(entity, query.index as string, query.equals);
    raise(Buffer.from(exact));
    lower(isKey ? Buffer.from(`${exact}\0`) : pastPrefix(exact));
  }
  if (query.prefix !== undefined) {
    raise(Buffer.from(written(query.prefix)));
    lower(pastPrefix(written(query.prefix)));
  }
  // A bound ends like a value, so that an escaped NUL after it sorts behind.
  if (query.from !== undefined) raise(Buffer.from(isKey ? written(query.from) : valuePrefix(entity, query.index as string, query.from)));
  if (query.until !== undefined) lower(Buffer.from(isKey ? written(query.until) : valuePrefix(entity, query.index as string, query.until)));
  return { start, end };
}

/** The document that an index entry points to: what stands after the end of the value. */
function ownerOf(entity: string, base: string, place: Buffer): Buffer {
  const value = place.toString().slice(base.length);
  return Buffer.from(documentKey(entity, value.slice(value.indexOf('\0\0') + 2)));
}

/** A document with several values in the range is listed at the least of them only. */
function isFirst<T>(entity: Entity<T>, base: string, place: Buffer, value: T, start: Buffer, end: Buffer): boolean {
  for (const entry of entriesOf(entity, entity.key(value), value)) {
    if (!entry.startsWith(base)) continue;
    const bytes = Buffer.from(entry);
    if (Buffer.compare(bytes, start) >= 0 && Buffer.compare(bytes, end) < 0 && Buffer.compare(bytes, place) < 0) return false;
  }
  return true;
}
