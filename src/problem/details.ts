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
  const { slug, entry, detail, at } = problem;
  const { title, status } = entry;
  const details: { -readonly [Name in keyof ProblemDetails]?: ProblemDetails[Name] } = { type: `/problems/${slug}`, title, status };
  if (detail !== undefined) details.detail = detail;
  if (at.length > 0) details.errors = at;
  details.requestId = requestId;
  return details as ProblemDetails;
}
