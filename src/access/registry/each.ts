import type { Collection } from '#storage';
import { everyOf, type Where } from '../parts.js';
import { repeated } from '../repeated.js';
import type { Ending } from './close-organisation.js';

/** Written side by side: enough to fill a flush, little beside what others write. */
const TOGETHER = 500;

/** Does it for all that are found, some at once. */
export async function eachOf<T>(collection: Collection<T>, where: Where, work: (found: T) => Promise<void>): Promise<void> {
  let together: Promise<void>[] = [];
  for await (const found of everyOf(collection, where)) {
    together.push(work(found));
    if (together.length < TOGETHER) continue;
    await Promise.all(together);
    together = [];
  }
  await Promise.all(together);
}

/** Puts what a document is to be in its place, whoever writes meanwhile; `undefined` leaves it, or its absence, as it is. @returns whether it was written */
export function rewritten<T>(
  { facts }: Ending,
  action: string,
  collection: Collection<T>,
  key: string,
  rewrite: (before: T | undefined) => T | undefined,
): Promise<boolean> {
  return repeated(async () => {
    const before = await collection.get(key);
    const after = rewrite(before?.value);
    if (after === undefined) return false;
    await collection.put(after, { expect: before?.revision ?? 'absent', facts: facts(action) });
    return true;
  });
}
