import { ProblemError } from '#problem';
import { checkIndexValue, checkLimit } from '../limits.js';
import type { Entity, Page, Query, Stored } from '../port.js';
import { documentKey, entriesOf, indexPrefix, valuePrefix } from './layout.js';
import { keysBetween, pastPrefix, type Table, type Tables } from './tables.js';

type Conditions = Omit<Query, 'cursor' | 'limit'>;

/** Which keys of which table answer a query. */
interface Range {
  readonly table: Table;
  /** How all of them begin. */
  readonly base: string;
  readonly start: Buffer;
  readonly end: Buffer;
}

/** A page, from the current snapshot. @param at the document of a key */
export function runQuery<T>(tables: Tables, entity: Entity<T>, query: Query, at: (key: string) => Stored<T> | undefined): Page<T> {
  checkLimit(query.limit);
  const range = rangeOf(tables, entity, query);
  const { table, base, start, end } = range;
  // Under one value a document stands once; in a range it may stand at several.
  const mayRepeat = query.index !== undefined && query.equals === undefined;
  let from = query.cursor === undefined ? start : later(start, cursorStart(base, query.cursor));
  const items: Stored<T>[] = [];
  let lastCursor = '';
  for (;;) {
    // One more than asked for tells whether there is a next page.
    const wanted = query.limit - items.length + 1;
    const places = Buffer.compare(from, end) < 0 ? keysBetween(table, from, end, wanted) : [];
    for (const place of places) {
      const rest = place.toString().slice(base.length);
      const found = at(query.index === undefined ? rest : rest.slice(rest.indexOf('\0') + 1));
      from = Buffer.concat([place, Buffer.of(0)]);
      if (found === undefined || (mayRepeat && !isFirst(entity, place, found.value, range))) continue;
      if (items.length === query.limit) return { items, next: lastCursor };
      items.push(found);
      lastCursor = place.subarray(Buffer.byteLength(base)).toString('base64url');
    }
    if (places.length < wanted) return { items };
  }
}

/** How many keys answer the conditions. */
export function countKeys<T>(tables: Tables, entity: Entity<T>, query: Conditions): number {
  const { table, start, end } = rangeOf(tables, entity, query);
  return Buffer.compare(start, end) < 0 ? table.getKeysCount({ start, end }) : 0;
}

function rangeOf<T>(tables: Tables, entity: Entity<T>, query: Conditions): Range {
  const { index } = query;
  if (index !== undefined && !Object.hasOwn(entity.indexes, index)) throw new TypeError(`${entity.name} has no index ${index}`);
  for (const text of [query.equals, query.prefix, query.from, query.until]) if (text !== undefined) checkIndexValue(text);
  const base = index === undefined ? documentKey(entity.name, '') : indexPrefix(entity.name, index);
  return { table: index === undefined ? tables.documents : tables.indexes, base, ...bounds(entity.name, base, query) };
}

function bounds(entity: string, base: string, { index, equals, prefix, from, until }: Conditions): Pick<Range, 'start' | 'end'> {
  let start = Buffer.from(base);
  let end = pastPrefix(base);
  const raise = (bytes: Buffer): void => {
    start = later(start, bytes) as typeof start;
  };
  const lower = (bytes: Buffer): void => {
    if (Buffer.compare(bytes, end) < 0) end = bytes as typeof end;
  };
  // Where exactly one text begins: a value ends in a NUL, so that the longer ones that begin like it sort behind.
  const exactly = (text: string): string => (index === undefined ? base + text : valuePrefix(entity, index, text));
  if (equals !== undefined) {
    raise(Buffer.from(exactly(equals)));
    lower(index === undefined ? Buffer.from(`${exactly(equals)}\0`) : pastPrefix(exactly(equals)));
  }
  if (prefix !== undefined) {
    raise(Buffer.from(base + prefix));
    lower(pastPrefix(base + prefix));
  }
  if (from !== undefined) raise(Buffer.from(exactly(from)));
  if (until !== undefined) lower(Buffer.from(exactly(until)));
  return { start, end };
}

function later(a: Buffer, b: Buffer): Buffer {
  return Buffer.compare(a, b) < 0 ? b : a;
}

/** The least key after the item of the cursor. */
function cursorStart(base: string, cursor: string): Buffer {
  const bytes = Buffer.from(cursor, 'base64url');
  const isOurs = bytes.length > 0 && bytes.toString('base64url') === cursor;
  if (!isOurs) throw new ProblemError('invalid-request', { reason: 'cursor-foreign', detail: 'the cursor is none of ours' });
  return Buffer.concat([Buffer.from(base), bytes, Buffer.of(0)]);
}

/** A document with several values in the range is listed at the least of them only. */
function isFirst<T>(entity: Entity<T>, place: Buffer, value: T, { base, start, end }: Range): boolean {
  for (const entry of entriesOf(entity, entity.key(value), value)) {
    if (!entry.startsWith(base)) continue;
    const bytes = Buffer.from(entry);
    if (Buffer.compare(bytes, start) >= 0 && Buffer.compare(bytes, end) < 0 && Buffer.compare(bytes, place) < 0) return false;
  }
  return true;
}
