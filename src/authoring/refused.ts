import { present } from '#domain';
import { ProblemError } from '#problem';

/** Why a policy folder cannot be worked on. @param detail says what stands in the way and what to do */
export function refused(detail: string, cause?: unknown): ProblemError {
  return new ProblemError('authoring-refused', { detail, ...present({ cause }) });
}
