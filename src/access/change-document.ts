import type { GrantDocument } from '#domain';
import { ProblemError } from '#problem';
import type { ChangeFacts, Stored } from '#storage';
import { type AccessParts, collectionsOf } from './parts.js';

/** In each round one of the racing writers wins, so this is how many may race for one person in one application. */
const ATTEMPTS = 64;

/**
 * Changes one grant document against the revision it was read at, and again on the newer one if somebody was faster.
 * @param key the document's key
 * @param read the document as last read; `undefined` if there is none
 * @param change the document after; the same object (or `undefined`) if nothing is to be written
 * @throws ProblemError `conflict` if it lost the race too often
 */
export async function changeDocument(
  { store }: AccessParts,
  key: string,
  read: Stored<GrantDocument> | undefined,
  change: (before: GrantDocument | undefined) => GrantDocument | undefined,
  facts: ChangeFacts,
): Promise<void> {
  const { grantDocuments } = collectionsOf(store);
  let before = read;
  for (let attempt = 1; ; attempt += 1) {
    const after = change(before?.value);
    if (after === undefined || after === before?.value) return;
    try {
      await grantDocuments.put(after, { expect: before?.revision ?? 'absent', facts });
      return;
    } catch (error) {
      if (!(error instanceof ProblemError) || error.slug !== 'conflict' || attempt === ATTEMPTS) throw error;
      before = await grantDocuments.get(key);
    }
  }
}
