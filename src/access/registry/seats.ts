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
    freeSeat(applications, { index: 'seat', tilbyder, most: applicationsPerTilbyder, begin }),
    freeSeat(applications, { index: 'draftSeat', tilbyder, most: draftsPerTilbyder, begin }),
  ]);
  if (any === undefined) throw reached(`${applicationsPerTilbyder} applications that are not retired`, 'retire one');
  if (draft === undefined) throw reached(`${draftsPerTilbyder} drafts`, 'make one active or retire it');
  return { any, draft };
}

function reached(most: string, remedy: string): ProblemError {
  return new ProblemError('quota-reached', { detail: `A tilbyder may have ${most}: ${remedy}, or ask the operator for more.` });
}

interface Row {
  readonly index: 'seat' | 'draftSeat';
  readonly tilbyder: Orgnr;
  /** Seats are numbered from 1 to this. */
  readonly most: number;
  readonly begin: number;
}

/** The number of a free seat, the next one from where it begins; `undefined` if none is. */
async function freeSeat<T>(applications: Collection<T>, { index, tilbyder, most, begin }: Row): Promise<number | undefined> {
  const countIn = (from: number, until: number): Promise<number> =>
    applications.count({ index, from: seatIndex(tilbyder, from), until: seatIndex(tilbyder, until) });
  // Those beyond too, of a time when there might be more.
  if ((await applications.count({ index, prefix: seatIndex(tilbyder) })) >= most) return undefined;
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
