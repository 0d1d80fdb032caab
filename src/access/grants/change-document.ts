import type { GrantDocument } from '#domain';
import type { ChangeFacts, Stored } from '#storage';
import { type AccessParts, collectionsOf } from '../parts.js';
import { repeated } from '../repeated.js';

/** How many may race for one person in one application. */
const ATTEMPTS = 64;

/**
 * Changes one grant document against the revision it was read at, and again on the newer one if somebody was faster.
 * @param key the document's key
 * @param read the document as last read; `undefined` if there is none
 * @param change the document after; the same object (or `undefined`) if nothing is to be written
 * @returns the document as it is then
 * @throws ProblemError `conflict` if it lost the race too often
 */
export async function changeDocument(
  { store }: AccessParts,
  key: string,
  read: Stored<GrantDocument> | undefined,
  change: (before: GrantDocument | undefined) => GrantDocument | undefined | Promise<GrantDocument | undefined>,
  facts: ChangeFacts,
): Promise<GrantDocument | undefined> {
  const { grantDocuments } = collectionsOf(store);
  let isFirst = true;
  return repeated(async () => {
    const before = isFirst ? read : await grantDocuments.get(key);
    isFirst = false;
    const after = await change(before?.value);
    if (after === undefined || after === before?.value) return before?.value;
    return (await grantDocuments.put(after, { expect: before?.revision ?? 'absent', facts })).value;
  }, ATTEMPTS);
}
