import { ProblemError } from '#problem';

/** How long the cursor of an event is. */
export const CURSOR_LENGTH = 16;

/** An event's place in the log as a text of fixed width, so that texts sort as numbers. */
export function sequenceText(sequence: number): string {
  return String(sequence).padStart(CURSOR_LENGTH, '0');
}

/** Whether a text can be the place of an event. */
export function isCursor(text: string): boolean {
  return /^\d{16}$/.test(text);
}

/** The cursor, if it can be one. @throws ProblemError `invalid-request` */
export function checkCursor<C extends string | undefined>(cursor: C): C {
  if (cursor !== undefined && !isCursor(cursor))
    throw new ProblemError('invalid-request', { reason: 'cursor-foreign', detail: 'the cursor is none of ours' });
  return cursor;
}
