import { ProblemError } from '#problem';
import { sequenceText } from '../cursor.js';

/** Why a store is not copied, kept or brought back. @param detail says what stands in the way and what to do */
export function refused(detail: string, cause?: unknown): ProblemError {
  return new ProblemError('copy-refused', cause === undefined ? { detail } : { detail, cause });
}

/** What is wrong with the history of a store. @param place of the event that it was seen at */
export function brokenAt(place: number, what: string): ProblemError {
  return refused(`the history is broken at event ${sequenceText(place)}: ${what} (\`tilgang audit verify\` where the store comes from)`);
}

/** What whoever opens a store is told that is being written as a whole. */
export const NOT_WHOLE =
  'the store is not whole yet: run `tilgang store copy` or `tilgang restore` again, as it was run before, and let it come to its end';
