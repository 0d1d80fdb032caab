import type { FieldFault, ProblemError } from './problem-error.js';

/** Problem details (RFC 9457 §3) with the two members that every problem of ours adds. */
export interface ProblemDetails {
  /** `/problems/<slug>`, relative to the service: stable, for programs to branch on. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  /** The faulty fields, by JSON Pointer. */
  readonly errors?: readonly FieldFault[];
  /** The id that the answer's `X-Request-Id` and the log carry. */
  readonly requestId: string;
}

/** The written form of a problem for the wire. The cause stays behind. */
export function problemDetails(problem: ProblemError, requestId: string): ProblemDetails {
  return {
    type: `/problems/${problem.slug}`,
    title: problem.entry.title,
    status: problem.entry.status,
    ...(problem.detail === undefined ? {} : { detail: problem.detail }),
    ...(problem.at.length === 0 ? {} : { errors: problem.at }),
    requestId,
  };
}
