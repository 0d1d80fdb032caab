import { type Database, HOMES } from './database.js';
import { type HomeCollection, removalOrders } from './entries.js';
import { ENTRIES, type Entry, entryId, type KeptDocument, pastPrefix } from './layout.js';
import { Sweeper } from './sweeper.js';

/** How many entries are looked at at once. */
const LOOKED_AT = 256;

/**
 * Removes entries that stand for nothing: their node died before it had removed them, or somebody was quicker than a change that had written them. It goes round
 * all there are, a page at a time: lists pass them over, so nobody waits for it. Those of a document that was never made stay, since it may be on its way, and
 * those that expire go by themselves.
 */
export function leftEntriesSweeper(database: Database): Sweeper {
  /** Where the next page begins, by home. */
  const places = new Map<string, string>();
  return new Sweeper(async () => {
    for (const home of HOMES) {
      const last = await sweepPage(database.homes[home], places.get(home) ?? ENTRIES);
      places.set(home, last ?? ENTRIES);
    }
  });
}

/** @returns the last of a full page */
async function sweepPage(home: HomeCollection, from: string): Promise<string | undefined> {
  const options = { sort: { _id: 1 }, limit: LOOKED_AT, batchSize: LOOKED_AT + 1 } as const;
  const found = await home
    .find({ _id: { $gt: from, $lt: pastPrefix(ENTRIES) } }, { ...options, projection: { d: 1, r: 1, x: 1 } })
    .toArray();
  const entries = found as unknown as readonly Entry[];
  const lasting = entries.filter(({ x }) => x === undefined);
  const ids = [...new Set(lasting.map(({ d }) => d))];
  // Read after the entries: one of a change that is under way is of a later revision.
  const owners = await home.find({ _id: { $in: ids } }, { projection: { r: 1, i: 1 }, batchSize: ids.length + 1 }).toArray();
  const owner = new Map(owners.map((document) => [document._id, document]));
  const left = lasting.flatMap((entry) => {
    const document = owner.get(entry.d);
    return document !== undefined && entry.r <= document.r && !isOwn(entry, document) ? [{ ...entry, r: document.r }] : [];
  });
  if (left.length > 0) await home.bulkWrite([...removalOrders(left)], { ordered: false });
  return entries.length < LOOKED_AT ? undefined : entries.at(-1)?._id;
}

function isOwn({ _id }: Entry, document: Pick<KeptDocument, '_id' | 'i'>): boolean {
  return document.i?.some((entry) => entryId(entry, document._id) === _id) === true;
}
