import type { FieldFault, ProblemError } from './problem-error.js';

/** Problem details (RFC 9457 §3) with the two members that every problem of ours adds. */
export interface ProblemDetails {
  /** `/problems/<slug>`, relative to the service: stable, for programs to branch on. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What is wrong this time; what to do, if neither that nor a field is known. */
  readonly detail?: string;
  /** The faulty fields, by JSON Pointer. */
  readonly errors?: readonly FieldFault[];
  /** The id that the answer's `X-Request-Id` and the log carry. */
  readonly requestId: string;
}

/** The written form of a problem for the wire. The cause stays behind. */
export function problemDetails(problem: ProblemError, requestId: string): ProblemDetails {
  const { slug, entry, detail, at } = problem;
  const { title, status, remedy } = entry;
  const about = { type: `/problems/${slug}`, title, status };
  if (at.length === 0) return { ...about, detail: detail ?? remedy, requestId };
  return detail === undefined ? { ...about, errors: at, requestId } : { ...about, detail, errors: at, requestId };
}
