import type { Precondition } from '#access';
import { ProblemError } from '#problem';
import type { Context } from './state.js';

/** The entity-tag of a revision (RFC 9110 §8.8.3): strong. */
export function etagOf(revision: number): string {
  return `"${revision}"`;
}

const IF_MATCH = { pointer: '', parameter: 'If-Match' };
const FORMS = 'send the ETag of what was read, with its quotes (If-Match: "3"), "0" for what is not there yet, or * for whatever is there';

/** A list of entity-tags (RFC 9110 §8.8.3), also with empty elements (§5.6.1). */
const TAGS = /^[\t ,]*(?:(?:W\/)?"[!#-~\x80-\xff]*"[\t ]*(?:,[\t ,]*|$))+$/;
const TAG = /(W\/)?"([^"]*)"/g;

/**
 * What the change is made from, by If-Match (RFC 9110 §13.1.1). A weak tag, and one that is none of ours, matches nothing.
 * @throws ProblemError `precondition-required` without it, `invalid-request` if it is neither tags in quotes nor `*`
 */
export function ifMatch(ctx: Context): Precondition {
  const header = ctx.req.headers['if-match'];
  if (header === undefined) throw new ProblemError('precondition-required', { at: [{ ...IF_MATCH, detail: `is missing; ${FORMS}` }] });
  if (header.trim() === '*') return 'any';
  if (!TAGS.test(header)) throw new ProblemError('invalid-request', { at: [{ ...IF_MATCH, detail: `must have another form; ${FORMS}` }] });
  return [...header.matchAll(TAG)].flatMap(([, weak, text = '']) =>
    weak === undefined && /^(0|[1-9][0-9]{0,14})$/.test(text) ? [Number(text)] : [],
  );
}

/** The same where the header may be left out: then whatever is there. @throws ProblemError `invalid-request` */
export function ifMatchSent(ctx: Context): Precondition {
  return ctx.req.headers['if-match'] === undefined ? 'any' : ifMatch(ctx);
}

/** Whether what the client holds already is that (If-None-Match, RFC 9110 §13.1.2). */
export function ifNoneMatch(ctx: Context, etag: string): boolean {
  const header = ctx.req.headers['if-none-match'];
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
