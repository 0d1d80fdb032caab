import type { Stream } from 'node:stream';
import type Koa from 'koa';
import type { ProblemError } from '#problem';
import type { Caller } from '#tokens';

/** What the middleware knows of a request; typed, and nothing else is hung on it. */
export interface RequestState {
  requestId: string;
  /** The caller's trace (W3C Trace Context), as it was sent. */
  traceparent?: string;
  /** The path's template, for logs: a sent path may hold anything. */
  route: string;
  caller?: Caller;
  /** How the API writes a problem of this request; absent: as problem details (RFC 9457). */
  writesProblem?: (problem: ProblemError) => Reply;
  policyRevision?: string;
}

/** A path in another letter case or with a slash too many is another path. */
export const exactPaths = { sensitive: true, strict: true } as const;

/** One request and its answer, as middleware sees them. */
export type Context = Koa.ParameterizedContext<RequestState>;
/** A step on the way of a request, which calls the next or answers. */
export type Middleware = Koa.Middleware<RequestState>;

/** What a handler answers; a body that is no text, bytes or stream is written as JSON. */
export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | Stream | object;
}
