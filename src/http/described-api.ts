import { type AccessParts, type Installation, partsFor, wasRefused } from '#access';
import { present } from '#domain';
import { ProblemError } from '#problem';
import type { Places, RateLimit } from '#serving';
import type { Caller, TokenVerifier } from '#tokens';
import { answer } from './answer.js';
import type { Api, ApiHandler } from './api.js';
import { bearerToken } from './bearer-token.js';
import { type Idempotency, idempotency, idempotencyKey } from './idempotency.js';
import { type BodyLimits, hasBody, readJson } from './json-body.js';
import { type OpenApi, type Operation, readOpenApi } from './openapi.js';
import { type Match, PathTree } from './path-tree.js';
import { type Revisions, revisions } from './revisions.js';
import type { Context, Reply } from './state.js';
import { byParameter, type CursorParameter } from './wire-parts.js';

/** A request that has been authenticated and checked against the description. */
export interface Exchange<Request, Body, Query> {
  readonly ctx: Context;
  /** What the request is answered with: one judge for all of it. */
  readonly access: AccessParts;
  /** The request as the use cases of the API take it. */
  readonly request: Request;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  /** The JSON body; `undefined` if there is none and none is needed. */
  readonly body: Body;
  /** The same for every sending of one request with an Idempotency-Key; absent without one. */
  readonly identity?: string;
}

/** Carries out one operation. What it throws or rejects with is answered as a problem. */
// biome-ignore lint/suspicious/noExplicitAny: each handler says which of the described shapes it takes.
export type Handler<Request> = (exchange: Exchange<Request, any, any>) => Promise<Reply> | Reply;

/** Asks for the leave that an operation asks for, and does nothing else. */
// biome-ignore lint/suspicious/noExplicitAny: each says which of the described shapes it takes.
export type Leave<Request> = (exchange: Exchange<Request, any, any>) => Promise<unknown>;

/** What all described APIs of a process share. */
export interface ApiParts {
  readonly installation: Installation;
  readonly verifier: TokenVerifier;
  readonly limits: BodyLimits;
  /** Attempts that are refused. */
  readonly refusals: RateLimit;
  /** What may be done at once. */
  readonly places: Places;
}

/** What is an API's own. */
export interface DescribedApi<Request> {
  /** `import.meta.url` of a file beside the `openapi.yaml`. */
  readonly here: string;
  /** The request as the use cases take it, and one name for all requests of its caller; nobody without a token has a name. */
  open(caller: Caller | undefined, requestId: string, access: AccessParts): { readonly request: Request; readonly who: string | undefined };
  /** By `operationId`. */
  readonly handlers: Readonly<Record<string, Handler<Request>>>;
  /**
   * By `operationId`, for each operation with a JSON body that heeds an Idempotency-Key: rejects if the caller may not do it now. What was answered
   * when it was carried out is repeated only to whoever still may.
   */
  readonly leaves?: Readonly<Record<string, Leave<Request>>>;
  /** Its lists' cursor, and where it was told; absent: `markor`, in `neste`. */
  readonly cursor?: CursorParameter;
}

interface Route<Request> {
  readonly operation: Operation;
  readonly handler: Handler<Request>;
  readonly leave: Leave<Request> | undefined;
  /** For logs: base and template. */
  readonly name: string;
}

/**
 * An API as its description says: each operation's method, path, query, body, token and Idempotency-Key are checked by it before its handler.
 * The description itself is served, too: at `<base>/openapi.json`, unless it says where.
 * @throws TypeError if an operation has no handler, or a handler no operation; if one that can be repeated names no leave
 */
export function describedApi<Request>(parts: ApiParts, api: DescribedApi<Request>): Api & { readonly handler: ApiHandler } {
  const openapi = readOpenApi(api.here);
  const { base, servedAt, json } = openapi;
  const revised = revisions(parts.installation);
  const routes = routesOf(openapi, api, revised);
  const carryOut = exchangeOf(parts, api, revised);
  return {
    mounts: [base],
    handler(ctx, next) {
      const isDescription = ctx.path === servedAt;
      const found = isDescription ? undefined : routes.find(ctx.path, base.length + 1);
      const route = found === undefined ? undefined : (found.byMethod.get(ctx.method) ?? headOf(ctx, found));
      if (found !== undefined && route !== undefined) {
        ctx.state.route = route.name;
        return carryOut(ctx, route, found.params);
      }
      if (isDescription && (ctx.method === 'GET' || ctx.method === 'HEAD')) {
        ctx.state.route = servedAt;
        return answer(ctx, { status: 200, headers: { 'Content-Type': 'application/json; charset=utf-8' }, body: json });
      }
      if (isDescription) throw new ProblemError('method-not-allowed', { allowed: ['HEAD', 'GET'] });
      if (found !== undefined) throw new ProblemError('method-not-allowed', { allowed: allowedOf(found) });
      return next();
    },
  };
}

function routesOf<Request>(
  { base, operations }: OpenApi,
  { handlers, leaves = {} }: DescribedApi<Request>,
  { telling }: Revisions,
): PathTree<Route<Request>> {
  const routes = new PathTree<Route<Request>>();
  const left = new Set(Object.keys(handlers));
  for (const operation of operations) {
    const handler = handlers[operation.id];
    if (handler === undefined) throw new TypeError(`${operation.id} has no handler`);
    left.delete(operation.id);
    const leave = leaves[operation.id];
    if (leave === undefined && isRepeatable(operation)) throw new TypeError(`${operation.id} heeds an Idempotency-Key and names no leave`);
    const told = operation.tellsRevision ? telling(handler) : handler;
    routes.add(operation.path.slice(1), operation.method.toUpperCase(), { operation, handler: told, leave, name: base + operation.path });
  }
  if (left.size > 0) throw new TypeError(`no operation is described for ${[...left].join(', ')}`);
  return routes;
}

/** Whether its answers are kept: of bodies that are read here. */
function isRepeatable({ isIdempotent, jsonTypes }: Operation): boolean {
  return isIdempotent && jsonTypes.length > 0;
}

/** What answers GET answers HEAD (RFC 9110 §9.3.2). */
function headOf<T>({ method }: Context, { byMethod }: Match<T>): T | undefined {
  return method === 'HEAD' ? byMethod.get('GET') : undefined;
}

function allowedOf({ byMethod }: Match<unknown>): readonly string[] {
  return [...byMethod.keys()].flatMap((method) => (method === 'GET' ? ['HEAD', 'GET'] : [method]));
}

/** Carries one request out: who asks, whether its limit is used up, what was sent, and the handler. */
function exchangeOf<Request>(
  { installation, verifier, limits, refusals }: ApiParts,
  { open, cursor }: DescribedApi<Request>,
  { reach }: Revisions,
) {
  const once: Idempotency = idempotency(installation);
  return async (
    ctx: Context,
    { operation, handler, leave }: Route<Request>,
    params: Exchange<Request, unknown, unknown>['params'],
  ): Promise<void> => {
    const { state } = ctx;
    if (!operation.isOpen) {
      const caller = callerOf(ctx, operation, verifier);
      // A remembered token is answered at once; only a new one is waited for.
      state.caller = caller instanceof Promise ? await caller : caller;
    }
    const access = partsFor(installation, state.requestId);
    state.policyRevision = access.judge.revision;
    const { request, who } = open(state.caller, state.requestId, access);
    if (who !== undefined) refusals.check(who);
    const query = operation.checkQuery(ctx);
    const sent = bodyOf(ctx, operation, limits);
    const body = sent instanceof Promise ? operation.checkBody(await sent) : undefined;
    const exchange = { ctx, access, request, params, query, body };
    const identity = identityOf(ctx, operation, who);
    // Counted before anything is judged, and given back unless it is refused.
    const begun = who === undefined ? undefined : refusals.begin(who);
    const attempt = begun instanceof Promise ? await begun : begun;
    let isRefused = false;
    try {
      const reached = operation.heedsRevision ? reach(ctx) : undefined;
      if (reached !== undefined) await reached;
      const reply =
        identity === undefined || leave === undefined ? handler(exchange) : repeatable({ ...exchange, identity }, handler, leave);
      const ready = reply instanceof Promise ? await reply : reply;
      await logged(access);
      answer(ctx, ready);
    } catch (error) {
      isRefused = wasRefused(error);
      await logged(access);
      throw byParameter(error, cursor);
    } finally {
      attempt?.end(isRefused);
    }
  };

  function repeatable(
    exchange: Exchange<Request, unknown, unknown> & { readonly identity: string },
    handler: Handler<Request>,
    leave: Leave<Request>,
  ): Promise<Reply> {
    return once(
      exchange.identity,
      exchange.body,
      async () => handler(exchange),
      () => leave(exchange),
    );
  }
}

/** Waits until what was decided is in the decision log. @throws ProblemError `decision-log-unavailable` if it must be there and is not */
async function logged({ judge }: AccessParts): Promise<void> {
  const written = judge.written();
  if (written === undefined) return;
  const problem = await written;
  if (problem !== undefined) throw problem;
}

/** Takes the bearer token to the verifier, which answers who calls. */
function callerOf({ req }: Context, { proxyHeader }: Operation, verifier: TokenVerifier): Caller | Promise<Caller> {
  if (proxyHeader !== undefined) return proxyOf(req.headers[proxyHeader.toLowerCase()] as string | undefined, proxyHeader, verifier);
  return verifier.verify(bearerToken(req.headers.authorization, 'Authorization'));
}

/** Who asks about somebody else's request: a fault of its own must not look like one of theirs, which is 401. */
async function proxyOf(header: string | undefined, name: string, verifier: TokenVerifier): Promise<Caller> {
  try {
    return await verifier.verify(bearerToken(header, name));
  } catch (error) {
    if (!(error instanceof ProblemError) || error.entry.status !== 401) throw error;
    const detail = header === undefined ? `The header ${name} is missing.` : `${name}: ${error.message}`;
    throw new ProblemError('proxy-not-accepted', present({ detail, reason: error.reason }));
  }
}

/** JSON is read here; other bodies are the handler's to stream. */
function bodyOf({ req }: Context, operation: Operation, limits: BodyLimits): Promise<unknown> | undefined {
  const { jsonTypes: types, isBodyRequired, largestBody: largest, tellsMediaType } = operation;
  if (types.length === 0 || (!isBodyRequired && !hasBody(req))) return undefined;
  const read = readJson(req, limits, { types, largest });
  return tellsMediaType ? read : read.catch(asOtherFault);
}

/** What standards that know no 415 have answered instead. */
function asOtherFault(error: unknown): never {
  if (!(error instanceof ProblemError) || error.slug !== 'unsupported-media-type') throw error;
  throw new ProblemError('invalid-request', { at: error.at });
}

/** What is the same for every sending of a request with an Idempotency-Key, for bodies that are read here. */
function identityOf(ctx: Context, operation: Operation, who: string | undefined): string | undefined {
  const key = isRepeatable(operation) ? idempotencyKey(ctx.req.headers['idempotency-key']) : undefined;
  return key === undefined ? undefined : JSON.stringify([who ?? 'anonymous', operation.id, ctx.path, ctx.querystring, key]);
}
