import type { Document, Filter } from 'mongodb';
import { ProblemError } from '#problem';
import { checkIndexValue, checkLimit } from '../limits.js';
import type { Entity, Query } from '../port.js';
import type { Database } from './database.js';
import { documentId, entryOf, homeOf, type KeptDocument, pastPrefix } from './layout.js';

type Conditions = Omit<Query, 'cursor' | 'limit'>;

/** Documents of a page, and where the next one begins. */
export interface KeptPage {
  readonly items: readonly KeptDocument[];
  readonly next?: string;
}

interface Bounds {
  /** Inclusive. */
  readonly start: string;
  /** Exclusive. */
  readonly end: string;
}

/** What is found by one entry of `i`, in a range of `_id`; or by a range of `i`. Texts only, so that none of them is ever an operator. */
type Search = { readonly entry: string; readonly ids: Bounds } | { readonly entries: Bounds };

const ANSWERED = { j: 1, r: 1, x: 1 } as const;

/** A page of a query, in one round trip. @param now from when on what expires then is gone */
export async function runQuery(database: Database, entity: Entity<unknown>, query: Query, now: Date): Promise<KeptPage> {
  checkLimit(query.limit);
  const search = searchOf(entity, query);
  const after = query.cursor === undefined ? undefined : readCursor(query.cursor);
  const collection = database.homes[homeOf(entity)];
  const living = entity.expiresAt === undefined ? {} : { x: { $gt: now } };
  // One more than asked for tells whether there is a next page.
  const limit = query.limit + 1;
  if ('entries' in search) {
    const found = await collection
      .aggregate<KeptDocument & { readonly v: string }>(
        [...rangeStages(search.entries, after, living), { $limit: limit }, ...again(collection.collectionName)],
        { batchSize: limit + 1 },
      )
      .toArray();
    return pageOf(found, query.limit, ({ v, _id }) => [v, _id]);
  }
  const filter = { ...filterOf(search, after?.[0]), ...living };
  const found = await collection.find(filter, { projection: ANSWERED, sort: { _id: 1 }, limit, batchSize: limit + 1 }).toArray();
  return pageOf(found, query.limit, ({ _id }) => [_id]);
}

/** How many entries answer the conditions. */
export async function countEntries(database: Database, entity: Entity<unknown>, query: Conditions): Promise<number> {
  const search = searchOf(entity, query);
  const collection = database.homes[homeOf(entity)];
  if (!('entries' in search)) return collection.countDocuments(filterOf(search));
  const { start, end } = search.entries;
  const stages = [...matching(search.entries), { $unwind: '$i' }, { $match: { i: { $gte: start, $lt: end } } }, { $count: 'n' }];
  const [counted] = await collection.aggregate<{ readonly n: number }>(stages).toArray();
  return counted?.n ?? 0;
}

function searchOf(entity: Entity<unknown>, { index, equals, prefix, from, until }: Conditions): Search {
  if (index !== undefined && !Object.hasOwn(entity.indexes, index)) throw new TypeError(`${entity.name} has no index ${index}`);
  for (const text of [equals, prefix, from, until]) if (text !== undefined) checkIndexValue(text);
  const base = index === undefined ? documentId(entity.name, '') : entryOf(entity.name, index, '');
  const starts = [prefix, from, equals].map((text) => base + (text ?? ''));
  const ends = [pastPrefix(base)];
  if (prefix !== undefined) ends.push(pastPrefix(base + prefix));
  if (until !== undefined) ends.push(base + until);
  if (equals !== undefined) ends.push(`${base}${equals}\0`);
  const range = { start: starts.reduce(later), end: ends.reduce((a, b) => (later(a, b) === a ? b : a)) };
  if (index === undefined) return { entry: base, ids: range };
  if (equals === undefined) return { entries: range };
  const isWithin =
    later(range.start, base + equals) === base + equals && later(base + equals, range.end) === range.end && range.end !== base + equals;
  // All conditions hold together.
  const whole = documentId(entity.name, '');
  return { entry: base + equals, ids: isWithin ? { start: whole, end: pastPrefix(whole) } : { start: whole, end: whole } };
}

/** The later one in the order of the bytes. */
function later(a: string, b: string): string {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0 ? b : a;
}

function filterOf({ entry, ids: { start, end } }: Extract<Search, { entry: string }>, after?: string): Filter<KeptDocument> {
  const from = after === undefined || later(after, start) === start ? { $gte: start } : { $gt: after };
  return { i: entry, _id: { ...from, $lt: end } };
}

function matching({ start, end }: Bounds, living: Document = {}): Document[] {
  return [{ $match: { i: { $elemMatch: { $gte: start, $lt: end } }, ...living } }, { $project: { i: 1 } }];
}

/** Each document at the first of its entries in the range, beyond the cursor. */
function rangeStages({ start, end }: Bounds, after: readonly string[] | undefined, living: Document): Document[] {
  const [value, id] = after ?? [];
  return [
    // The documents before the cursor need not be looked at.
    ...matching({ start: value === undefined ? start : later(start, value), end }, living),
    { $unwind: '$i' },
    { $match: { i: { $gte: start, $lt: end } } },
    { $group: { _id: '$_id', v: { $min: '$i' } } },
    ...(value === undefined ? [] : [{ $match: { $or: [{ v: { $gt: value } }, { v: value, _id: { $gt: id } }] } }]),
    { $sort: { v: 1, _id: 1 } },
  ];
}

/** What was found by entries, as documents. */
function again(from: string): Document[] {
  return [
    { $lookup: { from, localField: '_id', foreignField: '_id', as: 'd' } },
    { $unwind: { path: '$d', preserveNullAndEmptyArrays: true } },
    { $project: { v: 1, j: '$d.j', r: '$d.r', x: '$d.x' } },
  ];
}

function pageOf<D extends KeptDocument>(found: readonly D[], limit: number, place: (document: D) => readonly string[]): KeptPage {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  if (found.length <= limit || last === undefined) return { items };
  return { items, next: Buffer.from(place(last).join('\0')).toString('base64url') };
}

function readCursor(cursor: string): readonly [string, string] {
  const bytes = Buffer.from(cursor, 'base64url');
  const text = bytes.toString();
  const parts = text.split('\0');
  const isOurs = bytes.length > 0 && bytes.toString('base64url') === cursor && Buffer.from(text).equals(bytes) && parts.length <= 2;
  if (!isOurs) throw new ProblemError('invalid-request', { reason: 'cursor-foreign', detail: 'the cursor is none of ours' });
  const [first = '', second = ''] = parts;
  return [first, second];
}
