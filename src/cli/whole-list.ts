import type { PageOf, PageRange } from '#access';
import { present } from '#domain';

const PAGE = 500;

/** All of a list that is read in pages. */
export async function wholeList<T>(read: (range: PageRange) => Promise<PageOf<T>>): Promise<readonly T[]> {
  const found: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(present({ limit: PAGE, cursor }));
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== undefined);
  return found;
}
