import Koa from 'koa';
import mountApp from 'koa-mount';
import { ProblemError } from '#problem';
import type { Context, RequestState } from './state.js';

/** Answers a request, or calls `next` if it does not know the path. */
export type ApiHandler = (ctx: Context, next: () => Promise<void>) => Promise<void> | void;

/** An API: where it lives and what answers there. */
export interface Api {
  /**
   * Paths below the origin, without a slash at the end; '' is the origin itself. A path goes to the longest mount that it lies under, and to no
   * other. APIs that share a mount, such as `/.well-known`, are asked in their order until one of them knows the path.
   */
  readonly mounts: readonly string[];
  /** A Koa application of its own sees its paths without the mount, and answers all of them. */
  readonly handler: ApiHandler | Koa;
}

/** Takes each request to the API that it is for; `undefined` answers nothing. */
export function dispatch(apis: readonly Api[]): ApiHandler {
  const handlers = new Map<string, ApiHandler[]>();
  for (const { mounts, handler } of apis) {
    for (const mount of mounts) handlers.set(mount, [...(handlers.get(mount) ?? []), mounted(mount, handler)]);
  }
  const longestFirst = [...handlers].sort(([a], [b]) => b.length - a.length);
  return (ctx, next) => {
    const path = pathOf(ctx);
    for (const [mount, answering] of longestFirst) if (isUnder(path, mount)) return inOrder(answering, ctx, next);
    return next();
  };
}

/** @throws ProblemError `malformed-http` for a request target that is no URL, or has no path */
function pathOf(ctx: Context): string {
  let path: unknown;
  try {
    ({ path } = ctx);
  } catch {
    // What the parser says of it quotes what was sent.
  }
  if (typeof path === 'string') return path;
  throw new ProblemError('malformed-http');
}

function isUnder(path: string, mount: string): boolean {
  return path.startsWith(mount) && (path.length === mount.length || path.charCodeAt(mount.length) === 0x2f);
}

function inOrder(handlers: readonly ApiHandler[], ctx: Context, next: () => Promise<void>): Promise<void> | void {
  const ask = (at: number): Promise<void> | void =>
    handlers[at]?.(ctx, async () => ask(at + 1)) ?? (at < handlers.length ? undefined : next());
  const [only] = handlers;
  return handlers.length === 1 && only !== undefined ? only(ctx, next) : ask(0);
}

function mounted(mount: string, handler: Api['handler']): ApiHandler {
  if (!(handler instanceof Koa)) return handler;
  return mountApp(mount === '' ? '/' : mount, handler as Koa<RequestState>) as unknown as ApiHandler;
}
