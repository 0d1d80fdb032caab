import { ProblemError } from '#problem';

/** What a change may be made from: whatever is there, or one of these revisions (RFC 9110 §13.1.1). */
export type Precondition = 'any' | readonly number[];

/** Holds a change to the revisions that it may be made from. @throws ProblemError `precondition-failed` */
export function checkPrecondition(precondition: Precondition, revision: number): void {
  if (precondition !== 'any' && !precondition.includes(revision)) throw new ProblemError('precondition-failed');
}
