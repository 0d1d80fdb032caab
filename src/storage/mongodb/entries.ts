import type { AnyBulkWriteOperation, Collection } from 'mongodb';
import { present } from '#domain';
import { type Entry, entriesOf, type KeptDocument } from './layout.js';

type Order = AnyBulkWriteOperation<KeptDocument>;

/** What a home takes: documents and, by the same commands, entries. */
export type HomeCollection = Collection<KeptDocument>;

/**
 * The orders that write entries. Each may be carried out again, and before or after any other: what the latest revision wants is what stands, and stays as long
 * as the document that lives longest.
 */
export function entryOrders(entries: readonly Entry[]): readonly Order[] {
  return entries.map(({ _id, d, r, x }) => {
    const update = { $max: { r, ...present({ x }) }, $setOnInsert: { d } };
    return { updateOne: { filter: { _id }, update: update as object, upsert: true } };
  });
}

/** Writes entries; returns when all of them are there. */
export async function writeEntries(home: HomeCollection, entries: readonly Entry[]): Promise<void> {
  if (entries.length > 0) await home.bulkWrite([...entryOrders(entries)], { ordered: false });
}

/** The entries that a change adds: those that the document has not got yet. All of a document that expires, since they live as long as it does. */
export function addedEntries(seen: KeptDocument | undefined, next: KeptDocument): readonly Entry[] {
  if (next.x !== undefined) return entriesOf(next);
  const there = new Set(seen?.i);
  return entriesOf({ ...next, i: (next.i ?? []).filter((entry) => !there.has(entry)) });
}

/** The entries that a change leaves over. Those of documents without history, whose revisions may begin anew, go when they expire. */
export function leftEntries(seen: KeptDocument | undefined, next: KeptDocument): readonly Entry[] {
  if (seen === undefined || next.h === '') return [];
  const still = new Set(next.i);
  return entriesOf({ ...next, i: (seen.i ?? []).filter((entry) => !still.has(entry)) });
}

/** The orders that remove entries that were left over: whoever has wanted one since wrote it for a later revision. */
export function removalOrders(entries: readonly Entry[]): readonly Order[] {
  return entries.map(({ _id, r }) => ({ deleteOne: { filter: { _id, r: { $lte: r } } } }));
}
