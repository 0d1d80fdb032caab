import { createHash } from 'node:crypto';
import type { Orgnr } from '#domain';
import type { Collection } from '#storage';
import { seatIn } from '../entities.js';

const ROWS = 8;
const ROW = 64;

/**
 * A free place of an organisation, from 1 to `most`. It is taken only by writing the document, and the store lets nobody write one that is taken: who
 * comes second meets `conflict` and looks again. It costs the same however many are taken: a few rows are looked at, beginning where the document's
 * own name leads to, so that those who look together seldom meet.
 * @returns `undefined` if all that was looked at are taken: of a full house always, and seldom before it is
 */
export async function freeSeat<T extends { readonly seat?: number }>(
  collection: Collection<T>,
  { orgnr, most, name }: { readonly orgnr: Orgnr; readonly most: number; readonly name: string },
): Promise<number | undefined> {
  const hash = createHash('sha256').update(name).digest();
  const rows = Math.ceil(most / ROW);
  for (let looked = 0; looked < Math.min(rows, ROWS); looked += 1) {
    const row = (hash.readUInt32BE(0) + looked * Math.max(1, Math.floor(rows / ROWS))) % rows;
    const first = 1 + row * ROW;
    const last = Math.min(first + ROW, most + 1);
    const { items } = await collection.query({ index: 'seat', from: seatIn(orgnr, first), until: seatIn(orgnr, last), limit: ROW });
    const taken = new Set(items.map(({ value: { seat } }) => seat));
    const free = Array.from({ length: last - first }, (_, i) => first + i).filter((seat) => !taken.has(seat));
    if (free.length > 0) return free[hash.readUInt32BE(4) % free.length];
  }
  return undefined;
}
