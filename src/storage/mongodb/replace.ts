import type { ObjectId } from 'mongodb';
import { type Database, isDuplicate } from './database.js';
import { addedEntries, entryOrders, type HomeCollection, writeEntries } from './entries.js';
import type { Entry, Home, KeptDocument } from './layout.js';

/** What is to be written in place of what was seen. */
export interface Replacement {
  readonly seen: KeptDocument | undefined;
  readonly next: KeptDocument;
}

/** Whether it was written, came too late since the document is another one by now, or another document has one of its unique values. */
export type Verdict = 'written' | 'late' | 'taken';

/**
 * Writes each if its document still is the one that was seen, with the entries that it adds; in one round trip unless somebody was quicker.
 * @returns what became of each
 */
export async function replaceAll(database: Database, home: Home, replacements: readonly Replacement[]): Promise<readonly Verdict[]> {
  const collection = database.homes[home];
  const verdicts = new Map<Replacement, Verdict>();
  const all = replacements.map((one): Ordered => ({ ...one, one, entries: addedEntries(one.seen, one.next) }));
  // What is written together can only be told apart by its events.
  const isAlone = ({ next, entries }: Ordered): boolean => next.o === undefined || (all.length === 1 && entries.length === 0);
  await Promise.all([
    ...all.filter(isAlone).map(async (ordered) => verdicts.set(ordered.one, await replaceOne(collection, ordered))),
    replaceTogether(
      database,
      collection,
      all.filter((ordered) => !isAlone(ordered)),
      verdicts,
    ),
  ]);
  return replacements.map((one) => verdicts.get(one) as Verdict);
}

/** What is to be written, and the entries that it adds. */
interface Ordered extends Replacement {
  readonly one: Replacement;
  readonly entries: readonly Entry[];
}

/** One that is not there yet has no token that would match: a second one of its `_id` is refused. */
function orderOf({ seen, next: { _id, ...replacement } }: Replacement) {
  return { filter: { _id, t: (seen?.t ?? null) as ObjectId }, replacement, upsert: seen === undefined };
}

async function replaceOne(collection: HomeCollection, one: Ordered): Promise<Verdict> {
  const { filter, replacement, upsert } = orderOf(one);
  // Of what has no event nobody would see that they are missing.
  await writeEntries(collection, one.entries);
  try {
    const { matchedCount, upsertedCount } = await collection.replaceOne(filter, replacement, { upsert });
    return matchedCount + upsertedCount === 1 ? 'written' : 'late';
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    const tokens = await tokensOf(collection, [one]);
    return isTaken(one, tokens) ? 'taken' : 'late';
  }
}

async function replaceTogether(
  { events }: Database,
  collection: HomeCollection,
  together: readonly Ordered[],
  verdicts: Map<Replacement, Verdict>,
): Promise<void> {
  if (together.length === 0) return;
  const orders = together.flatMap((one) => [...entryOrders(one.entries), { replaceOne: orderOf(one) }]);
  const isWhole = await collection.bulkWrite(orders, { ordered: false }).then(
    ({ matchedCount, upsertedCount }) => matchedCount + upsertedCount === orders.length,
    (error: unknown) => {
      if (isDuplicate(error)) return false;
      throw error;
    },
  );
  if (isWhole) {
    for (const { one } of together) verdicts.set(one, 'written');
    return;
  }
  // Which of them it was the server does not say; entries of others' making are written again.
  const [tokens] = await Promise.all([
    tokensOf(collection, together),
    writeEntries(
      collection,
      together.flatMap(({ entries }) => entries),
    ),
  ]);
  const changed: Replacement[] = [];
  for (const { one } of together) {
    if (tokens.get(one.next._id) === one.next.t.toHexString()) verdicts.set(one, 'written');
    else if (isTaken(one, tokens)) verdicts.set(one, 'taken');
    else changed.push(one);
  }
  // Whoever replaces a document has put its event into the log before.
  const pairs = changed.map(({ next: { _id, r } }) => ({ d: _id, r }));
  const found =
    pairs.length === 0 ? [] : await events.find({ $or: pairs }, { projection: { d: 1, h: 1 }, batchSize: pairs.length + 1 }).toArray();
  const hashes = new Map(found.map(({ d, h }) => [d, h]));
  for (const one of changed) verdicts.set(one, hashes.get(one.next._id) === one.next.h ? 'written' : 'late');
}

async function tokensOf(collection: HomeCollection, those: readonly Replacement[]): Promise<ReadonlyMap<string, string>> {
  const ids = those.map(({ next }) => next._id);
  const found = await collection.find({ _id: { $in: ids } }, { projection: { t: 1 }, batchSize: ids.length + 1 }).toArray();
  return new Map(found.map(({ _id, t }) => [_id, t.toHexString()]));
}

/** Untouched, and yet not replaced. */
function isTaken({ seen, next }: Replacement, tokens: ReadonlyMap<string, string>): boolean {
  return next.u !== undefined && tokens.get(next._id) === seen?.t.toHexString();
}
