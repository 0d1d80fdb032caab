import type { Document, Filter } from 'mongodb';
import { ProblemError } from '#problem';
import { checkIndexValue, checkLimit } from '../limits.js';
import type { Entity, Query } from '../port.js';
import type { Database } from './database.js';
import { documentId, ENTRIES, entryId, entryOf, homeOf, type KeptDocument, pastPrefix } from './layout.js';

type Conditions = Omit<Query, 'cursor' | 'limit'>;

/** What is answered of a document. */
export interface Found extends Pick<KeptDocument, '_id' | 'j' | 'r' | 'x'> {
  /** Of its outbox, if that is full. */
  readonly o?: { readonly g?: boolean };
}

/** Documents of a page, and where the next one begins. */
export interface KeptPage {
  readonly items: readonly Found[];
  readonly next?: string;
}

interface Bounds {
  /** Inclusive. */
  readonly start: string;
  /** Exclusive. */
  readonly end: string;
}

/** Which `_id` answer the conditions: of documents, or of entries. Texts only, so that none of them is ever an operator. */
interface Search extends Bounds {
  /** Whether they are of entries. */
  readonly isIndex: boolean;
}

const ANSWERED = { j: 1, r: 1, x: 1, 'o.g': 1 } as const;

/** A page of a query: one round trip, and another only if it met entries under which nothing is listed. @param now from when on what expires then is gone */
export async function runQuery(database: Database, entity: Entity<unknown>, query: Query, now: Date): Promise<KeptPage> {
  checkLimit(query.limit);
  const search = searchOf(entity, query);
  const collection = database.homes[homeOf(entity)];
  const living = entity.expiresAt === undefined ? {} : { x: { $gt: now } };
  let after = query.cursor === undefined ? undefined : readCursor(query.cursor);
  if (!search.isIndex) {
    // One more than asked for tells whether there is a next page.
    const limit = query.limit + 1;
    const filter: Filter<KeptDocument> = { _id: rangeOf(search, after), j: { $exists: true }, ...living };
    const found = await collection.find(filter, { projection: ANSWERED, sort: { _id: 1 }, limit, batchSize: limit + 1 }).toArray();
    return pageOf(
      found,
      found.map(({ _id }) => _id),
      query.limit,
    );
  }
  const places: string[] = [];
  const items: Found[] = [];
  for (;;) {
    const limit = query.limit + 1 - items.length;
    const stages = listing(collection.collectionName, rangeOf(search, after), limit, living);
    const found = await collection.aggregate<Listed>(stages, { batchSize: limit + 1 }).toArray();
    for (const { _id: place, d, ...document } of found) {
      if ((document.x !== undefined && document.x <= now) || !isFirst(place, d, document, search)) continue;
      places.push(place);
      items.push({ ...document, _id: d });
    }
    after = found.at(-1)?._id;
    if (found.length < limit || items.length > query.limit) return pageOf(items, places, query.limit);
  }
}

/** How many values answer the conditions. */
export async function countEntries(database: Database, entity: Entity<unknown>, query: Conditions): Promise<number> {
  const search = searchOf(entity, query);
  const collection = database.homes[homeOf(entity)];
  if (!search.isIndex) return collection.countDocuments({ _id: rangeOf(search, undefined), j: { $exists: true } });
  // By what the documents themselves say: an entry may stand for nothing.
  if (query.equals !== undefined) return isEmpty(search) ? 0 : collection.countDocuments({ i: search.start.slice(ENTRIES.length, -1) });
  const within = { $gte: search.start.slice(ENTRIES.length), $lt: search.end.slice(ENTRIES.length) };
  const stages = [{ $match: { i: { $elemMatch: within } } }, { $project: { i: 1 } }, { $unwind: '$i' }, { $match: { i: within } }];
  const [counted] = await collection.aggregate<{ readonly n: number }>([...stages, { $count: 'n' }]).toArray();
  return counted?.n ?? 0;
}

function searchOf(entity: Entity<unknown>, { index, equals, prefix, from, until }: Conditions): Search {
  if (index !== undefined && !Object.hasOwn(entity.indexes, index)) throw new TypeError(`${entity.name} has no index ${index}`);
  for (const text of [equals, prefix, from, until]) if (text !== undefined) checkIndexValue(text);
  const base = index === undefined ? documentId(entity.name, '') : ENTRIES + entryOf(entity.name, index, '');
  // A value ends in a NUL, so that the longer ones that begin like it sort behind; a key just ends.
  const nul = index === undefined ? '' : '\0';
  const starts = [prefix, from, equals === undefined ? undefined : equals + nul].map((text) => base + (text ?? ''));
  const ends = [pastPrefix(base)];
  if (prefix !== undefined) ends.push(pastPrefix(base + prefix));
  if (until !== undefined) ends.push(base + until);
  if (equals !== undefined) ends.push(`${base}${equals}${index === undefined ? '\0' : '\u0001'}`);
  return { isIndex: index !== undefined, start: starts.reduce(later), end: ends.reduce((a, b) => (later(a, b) === a ? b : a)) };
}

/** The later one in the order of the bytes. */
function later(a: string, b: string): string {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0 ? b : a;
}

function isEmpty({ start, end }: Bounds): boolean {
  return later(start, end) === start;
}

function rangeOf({ start, end }: Bounds, after: string | undefined) {
  return { ...(after === undefined || later(after, start) === start ? { $gte: start } : { $gt: after }), $lt: end };
}

/** An entry with what is answered of its document, if that is there. */
interface Listed extends Found {
  readonly d: string;
  readonly i?: readonly string[];
}

function listing(from: string, range: Document, limit: number, living: Document): Document[] {
  return [
    { $match: { _id: range, ...living } },
    { $sort: { _id: 1 } },
    { $limit: limit },
    { $lookup: { from, localField: 'd', foreignField: '_id', as: 'k' } },
    { $unwind: { path: '$k', preserveNullAndEmptyArrays: true } },
    { $project: { d: 1, j: '$k.j', r: '$k.r', x: '$k.x', i: '$k.i', 'o.g': '$k.o.g' } },
  ];
}

/** Whether an entry is one of its document's, and the first of them in the range: there it is listed. */
function isFirst(place: string, id: string, { j, i = [] }: Omit<Listed, '_id' | 'd'>, { start, end }: Bounds): boolean {
  if (j === undefined) return false;
  let isOwn = false;
  for (const entry of i) {
    const other = entryId(entry, id);
    if (other === place) isOwn = true;
    else if (later(other, start) === other && later(other, end) === end && later(other, place) === place) return false;
  }
  return isOwn;
}

/** @param places where each of the documents stands */
function pageOf(found: readonly Found[], places: readonly string[], limit: number): KeptPage {
  const items = found.slice(0, limit);
  const last = places[limit - 1];
  return found.length <= limit || last === undefined ? { items } : { items, next: Buffer.from(last).toString('base64url') };
}

/** Where a page ended. Beyond the conditions it opens nothing. */
function readCursor(cursor: string): string {
  const bytes = Buffer.from(cursor, 'base64url');
  const text = bytes.toString();
  const isOurs = bytes.length > 0 && bytes.toString('base64url') === cursor && Buffer.from(text).equals(bytes);
  if (!isOurs) throw new ProblemError('invalid-request', { reason: 'cursor-foreign', detail: 'the cursor is none of ours' });
  return text;
}
