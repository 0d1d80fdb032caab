import { createHash } from 'node:crypto';
import type { AppId, Orgnr, Seats } from '#domain';
import { ProblemError } from '#problem';
import type { Collection } from '#storage';
import { type AccessParts, collectionsOf, seatIndex } from '../parts.js';

/**
 * Seats that are free for a new draft of a tilbyder. They are taken only by writing the application, and the store lets nobody write one that is
 * taken: who comes second meets `conflict` and looks again.
 * @throws ProblemError `quota-reached`
 */
export async function freeSeats({ store, quotas }: AccessParts, tilbyder: Orgnr, id: AppId): Promise<Seats> {
  const { applications } = collectionsOf(store);
  const { applicationsPerTilbyder, draftsPerTilbyder } = quotas;
  const [any, draft] = await Promise.all([
    freeSeat(applications, { index: 'seat', of: tilbyder, most: applicationsPerTilbyder, name: id }),
    freeSeat(applications, { index: 'draftSeat', of: tilbyder, most: draftsPerTilbyder, name: id }),
  ]);
  if (any === undefined) throw reached(`${applicationsPerTilbyder} applications that are not retired`, 'retire one');
  if (draft === undefined) throw reached(`${draftsPerTilbyder} drafts`, 'make one active or retire it');
  return { any, draft };
}

function reached(most: string, remedy: string): ProblemError {
  return new ProblemError('quota-reached', { detail: `A tilbyder may have ${most}: ${remedy}, or ask the operator for more.` });
}

/** Seats of somebody: numbers that no two documents have in common, by a unique index. */
export interface SeatRow {
  readonly index: string;
  /** Whose they are. */
  readonly of: string;
  /** Seats are numbered from 1 to this. */
  readonly most: number;
  /** Of what is to have it. It says where the search begins: who look together begin at places of their own, and seldom meet. */
  readonly name: string;
}

const ROW = 64;
const ROWS = 16;

/**
 * The number of a free seat, from 1 to `most`. It is taken only by writing the document, and the store lets nobody write one that is taken: who comes second
 * meets `conflict` and looks again. It costs the same however many there are and are taken: a few rows of seats are counted, and no document is read.
 * @returns `undefined` if all that were looked at are taken: of a full house always, and where there are more than 1024 seats seldom before it is
 */
export async function freeSeat<T>(collection: Collection<T>, { index, of, most, name }: SeatRow): Promise<number | undefined> {
  const countIn = (from: number, until: number): Promise<number> =>
    collection.count({ index, from: seatIndex(of, from), until: seatIndex(of, until) });
  // Of a time when there might be more: only then all are counted.
  const beyond = await collection.count({ index, prefix: seatIndex(of), from: seatIndex(of, most + 1) });
  if (beyond > 0 && (await collection.count({ index, prefix: seatIndex(of) })) >= most) return undefined;
  const begin = createHash('sha256').update(name).digest().readUInt32BE();
  const rows = Math.ceil(most / ROW);
  const step = Math.max(1, Math.floor(rows / ROWS));
  for (let looked = 0; looked < Math.min(rows, ROWS); looked += 1) {
    const first = 1 + ((Math.floor(begin / ROW) + looked * step) % rows) * ROW;
    const end = Math.min(first + ROW, most + 1);
    const middle = Math.min(first + (begin % ROW), end);
    for (const [from, until] of [
      [middle, end],
      [first, middle],
    ] as const) {
      if ((await countIn(from, until)) < until - from) return firstFree(countIn, from, until);
    }
  }
  return undefined;
}

/** The first free one of seats among which some are. */
async function firstFree(countIn: (from: number, until: number) => Promise<number>, from: number, until: number): Promise<number> {
  if (until - from <= 1) return from;
  const middle = (from + until) >> 1;
  return (await countIn(from, middle)) < middle - from ? firstFree(countIn, from, middle) : firstFree(countIn, middle, until);
}
