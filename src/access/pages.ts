import { setImmediate } from 'node:timers/promises';
import { present } from '#domain';
import type { Collection, Page, Query, Stored } from '#storage';

/** A part of a list: how many at most, and where the part before it ended. */
export interface PageRange {
  readonly limit: number;
  readonly cursor?: string;
}

/** A part of a list. */
export interface PageOf<T> {
  readonly items: readonly T[];
  /** Opaque; absent means that was all. */
  readonly next?: string;
}

/** How many documents are looked at for one page; where few match, a page is shorter than asked for and says that there is more. */
const LOOKED_AT = 2000;
/** How many are read in one turn: a document may hold grants of very many. */
const TOGETHER = 50;

/** A page of the documents for which `pick` gives something. */
export function pickedPage<T, R>(
  collection: Collection<T>,
  where: Omit<Query, 'cursor' | 'limit'>,
  range: PageRange,
  pick: Picking<T, R>,
): Promise<PageOf<R>> {
  return pickedFrom((part) => collection.query({ ...where, ...part }), range, pick);
}

/** What of the documents is listed. */
type Picking<T, R> = (documents: readonly Stored<T>[]) => Promise<readonly R[]> | readonly R[];

/** The same of documents that are found in another way. */
export async function pickedFrom<T, R>(
  find: (range: PageRange) => Promise<Page<T>>,
  { limit, cursor }: PageRange,
  pick: Picking<T, R>,
): Promise<PageOf<R>> {
  const items: R[] = [];
  let at = cursor;
  for (let looked = 0; items.length < limit; ) {
    // Never more than is still wanted, so that the store's cursor is that of the last item.
    const wanted = Math.min(TOGETHER, limit - items.length);
    const page: Page<T> = await find(present({ limit: wanted, cursor: at }));
    items.push(...(await pick(page.items)));
    at = page.next;
    looked += page.items.length;
    if (at === undefined) return { items };
    if (looked >= LOOKED_AT) return { items, next: at };
    // A read that finds little is not to keep others waiting.
    await setImmediate();
  }
  return { items, next: at as string };
}
