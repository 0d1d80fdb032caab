import { ProblemError } from './problem-error.js';

/** What is said of one faulty field. @param pointer JSON Pointer to it, as the wire names it */
export function invalid(pointer: string, detail: string): ProblemError {
  return new ProblemError('invalid-request', { at: [{ pointer, detail }] });
}

/** What is said of one faulty parameter of a path or query, or of a header. */
export function invalidParameter(parameter: string, detail: string): ProblemError {
  return new ProblemError('invalid-request', { at: [{ pointer: '', parameter, detail }] });
}
