import type { Precondition } from '#access';
import { ProblemError } from '#problem';
import type { Context } from './state.js';

/** The entity-tag of a revision (RFC 9110 §8.8.3): strong. */
export function etagOf(revision: number): string {
  return `"${revision}"`;
}

/**
 * What the change is made from, by If-Match (RFC 9110 §13.1.1). A weak tag, and one that is none of ours, matches nothing.
 * @throws ProblemError `precondition-required` without it
 */
export function ifMatch(ctx: Context): Precondition {
  const header = ctx.req.headers['if-match'];
  if (header === undefined) throw new ProblemError('precondition-required');
  if (header.trim() === '*') return 'any';
  return header.split(',').flatMap((tag) => {
    const [, digits] = /^"(0|[1-9][0-9]{0,14})"$/.exec(tag.trim()) ?? [];
    return digits === undefined ? [] : [Number(digits)];
  });
}

/** Whether what the client holds already is that (If-None-Match, RFC 9110 §13.1.2). */
export function ifNoneMatch(ctx: Context, etag: string): boolean {
  const header = ctx.req.headers['if-none-match'];
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
