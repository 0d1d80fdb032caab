import type { AppId, Orgnr, Seats } from '#domain';
import { ProblemError } from '#problem';
import type { Collection } from '#storage';
import { type AccessParts, collectionsOf, seatIndex } from '../parts.js';

/**
 * Seats that are free for a new draft of a tilbyder. They are taken only by writing the application, and the store lets nobody write one that is
 * taken: who comes second meets `conflict` and looks again.
 * @param id whoever looks begins at a place of its own, so that those who look together seldom meet
 * @throws ProblemError `quota-reached`
 */
export async function freeSeats({ store, quotas }: AccessParts, tilbyder: Orgnr, id: AppId): Promise<Seats> {
  const { applications } = collectionsOf(store);
  const { applicationsPerTilbyder, draftsPerTilbyder } = quotas;
  const begin = Number.parseInt(id.slice(0, 8), 16);
  const [any, draft] = await Promise.all([
    freeSeat(applications, { index: 'seat', of: tilbyder, most: applicationsPerTilbyder, begin }),
    freeSeat(applications, { index: 'draftSeat', of: tilbyder, most: draftsPerTilbyder, begin }),
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
  /** Where the search begins: whoever looks begins at a place of its own, so that those who look together seldom meet. */
  readonly begin: number;
}

/** The number of a free seat, the next one from where it begins; `undefined` if none is. */
export async function freeSeat<T>(collection: Collection<T>, { index, of, most, begin }: SeatRow): Promise<number | undefined> {
  const countIn = (from: number, until: number): Promise<number> =>
    collection.count({ index, from: seatIndex(of, from), until: seatIndex(of, until) });
  // Those beyond too, of a time when there might be more.
  if ((await collection.count({ index, prefix: seatIndex(of) })) >= most) return undefined;
  const first = 1 + (begin % most);
  for (let [from, until] of [
    [first, most + 1],
    [1, first],
  ] as [number, number][]) {
    if ((await countIn(from, until)) === until - from) continue;
    while (until - from > 1) {
      const middle = (from + until) >> 1;
      if ((await countIn(from, middle)) < middle - from) until = middle;
      else from = middle;
    }
    return from;
  }
  return undefined;
}
