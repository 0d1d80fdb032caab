import Router from '@koa/router';
import { type AccessParts, type AdminRequest, type Installation, partsFor, wasRefused } from '#access';
import type { TokenVerifier } from '#tokens';
import { adminRequest, callerName } from './callers.js';
import { idempotency, idempotencyKey } from './idempotency.js';
import { type BodyLimits, hasBody, readJson } from './json-body.js';
import { authenticate } from './middleware/authenticate.js';
import { type Operation, readOpenApi, serveDescription } from './openapi.js';
import type { RateLimit } from './rate-limit.js';
import { type Context, exactPaths, type Reply, type RequestState } from './state.js';

/** A request that has been authenticated and checked against the description. */
export interface Exchange<Body, Query> {
  readonly ctx: Context;
  /** What the request is answered with: one judge for all of it. */
  readonly access: AccessParts;
  readonly request: AdminRequest;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  /** The JSON body; `undefined` if there is none and none is needed. */
  readonly body: Body;
  /** The same for every sending of one request with an Idempotency-Key; absent without one. */
  readonly identity?: string;
}

// biome-ignore lint/suspicious/noExplicitAny: each handler says which of the described shapes it takes.
export type Handler = (exchange: Exchange<any, any>) => Promise<Reply> | Reply;

export interface ApiParts {
  readonly installation: Installation;
  readonly verifier: TokenVerifier;
  readonly limits: BodyLimits;
  /** Attempts that are refused. */
  readonly refusals: RateLimit;
}

/**
 * An API as its description says: each operation's method, path, query, body, token and Idempotency-Key are checked by it before its handler.
 * @param here `import.meta.url` of a file beside the `openapi.yaml`
 * @param mayRepeat rejects if the caller may no longer be told the answer to a request that was carried out before
 * @throws TypeError if an operation has no handler, or a handler no operation
 */
export function describedApi(
  here: string,
  { installation, verifier, limits, refusals }: ApiParts,
  handlers: Readonly<Record<string, Handler>>,
  mayRepeat: (exchange: Exchange<unknown, unknown>) => Promise<unknown>,
): Router<RequestState> {
  const openapi = readOpenApi(here);
  const router = new Router<RequestState>({ prefix: openapi.base, ...exactPaths });
  const once = idempotency(installation);
  const verify = authenticate(verifier);
  serveDescription(router, openapi);
  const left = new Set(Object.keys(handlers));
  for (const operation of openapi.operations) {
    const handler = handlers[operation.id];
    if (handler === undefined) throw new TypeError(`${operation.id} has no handler`);
    left.delete(operation.id);
    const path = operation.path.replaceAll(/\{(\w+)\}/g, ':$1');
    const answer = async (ctx: Context): Promise<void> => {
      ctx.state.route = openapi.base + operation.path;
      const access = partsFor(installation);
      const request = adminRequest(ctx.state, access);
      const who = callerName(request.caller);
      ctx.state.policyRevision = access.judge.revision;
      if (request.caller.kind !== 'anonymous') await refusals.check(who);
      try {
        const query = operation.checkQuery(ctx.query);
        const body = await bodyOf(ctx, operation, limits);
        const key = operation.isIdempotent ? idempotencyKey(ctx.req.headers['idempotency-key']) : undefined;
        const isKeyed = key !== undefined && operation.bodyTypes.some((type) => type === 'application/json');
        const identity = isKeyed ? JSON.stringify([who, operation.id, ctx.path, ctx.querystring, key]) : undefined;
        const params = ctx['params'] as Record<string, string>;
        const exchange = { ctx, access, request, params, query, body, ...(identity === undefined ? {} : { identity }) };
        const carryOut = async (): Promise<Reply> => handler(exchange);
        write(ctx, identity === undefined ? await carryOut() : await once(identity, body, carryOut, () => mayRepeat(exchange)));
      } catch (error) {
        // What was refused counts; who is at the limit is told so the next time.
        if (wasRefused(error) && request.caller.kind !== 'anonymous') await refusals.use(who).catch(() => {});
        throw error;
      }
    };
    const method = operation.method as 'get' | 'put' | 'post' | 'patch' | 'delete';
    if (operation.isOpen) router[method](path, answer as never);
    else router[method](path, verify as never, answer as never);
  }
  if (left.size > 0) throw new TypeError(`no operation is described for ${[...left].join(', ')}`);
  return router;
}

/** JSON is read here; other bodies are the handler's to stream. */
async function bodyOf(ctx: Context, { bodyTypes, isBodyRequired, checkBody }: Operation, limits: BodyLimits): Promise<unknown> {
  const jsonTypes = bodyTypes.filter((type) => type === 'application/json' || type.endsWith('+json'));
  if (jsonTypes.length === 0 || (!isBodyRequired && !hasBody(ctx.req))) return undefined;
  return checkBody(await readJson(ctx.req, limits, jsonTypes));
}

function write(ctx: Context, { status, headers = {}, body }: Reply): void {
  ctx.status = status;
  ctx.set('Cache-Control', 'no-store');
  ctx.set({ ...headers });
  if (body === undefined) {
    ctx.body = null;
    ctx.status = status;
    return;
  }
  const isRaw = typeof body === 'string' || body instanceof Uint8Array || (typeof body === 'object' && body !== null && 'pipe' in body);
  if (!isRaw && headers['Content-Type'] === undefined) ctx.type = 'application/json';
  ctx.body = isRaw ? body : JSON.stringify(body);
  if (headers['Content-Type'] !== undefined) ctx.set('Content-Type', headers['Content-Type']);
}
