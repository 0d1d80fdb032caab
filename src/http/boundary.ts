import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { maskPersonNumbers } from '#domain';
import { ProblemError, problemDetails } from '#problem';
import type { Log } from '#telemetry';
import { answer, isAnswered } from './answer.js';
import type { ApiHandler } from './api.js';
import type { Deadlines } from './deadlines.js';
import { errorDescription } from './error-description.js';
import { hasBody } from './json-body.js';
import { sentRequestId, sentTraceparent } from './request-names.js';
import { endsConnection } from './rest-of-body.js';
import type { Context, Middleware, Reply } from './state.js';

/**
 * The one place where a request gets its id, a fault becomes an answer, and both are logged.
 * @param bodies how long the rest of a body is waited for that nobody reads
 */
export function boundary(log: Log, bodies: Deadlines, handle: ApiHandler): Middleware {
  // Unique without a random draw per request: the process's own prefix and a count.
  const prefix = randomBytes(9).toString('base64url');
  let count = 0;
  return async (ctx) => {
    const startedMs = performance.now();
    const { req, state } = ctx;
    count += 1;
    state.requestId = sentRequestId(req) ?? `${prefix}-${count.toString(36)}`;
    const traceparent = sentTraceparent(req);
    if (traceparent !== undefined) state.traceparent = traceparent;
    state.route = 'unmatched';
    let problem: ProblemError | undefined;
    try {
      checkHead(req);
      await handle(ctx, unknownPath);
      if (!isAnswered(ctx)) problem = new ProblemError('not-found');
    } catch (error) {
      problem = error instanceof ProblemError ? error : new ProblemError('internal-error', { cause: error });
      if (problem.entry.level !== 'info') log.fault(problem, state.requestId);
    }
    if (problem !== undefined && !ctx.headerSent) answerProblem(ctx, problem);
    if (ctx.respond !== false) setOwnHeaders(ctx);
    if (!req.complete && hasBody(req)) boundRest(req, bodies);
    logRequest(log, ctx, startedMs, problem);
  };
}

/** What node:http would refuse by itself. @throws ProblemError `malformed-http`, `expectation-failed` */
function checkHead({ headers, httpVersion }: IncomingMessage): void {
  if (headers.host === undefined && httpVersion === '1.1')
    throw new ProblemError('malformed-http', { detail: 'The header Host is missing.' });
  if (headers.expect !== undefined && !/^100-continue$/i.test(headers.expect)) throw new ProblemError('expectation-failed');
}

/** Of what is answered by Koa. */
function setOwnHeaders(ctx: Context): void {
  const { requestId, traceparent } = ctx.state;
  ctx.set('X-Request-Id', requestId);
  if (traceparent !== undefined) ctx.set('Traceparent', traceparent);
  if (endsConnection(ctx.req)) ctx.set('Connection', 'close');
}

/** The rest of a body is thrown away by the server; whoever does not send it in time is cut. */
function boundRest(request: IncomingMessage, bodies: Deadlines): void {
  const late = bodies.begin(() => request.socket.destroy());
  request.once('close', () => bodies.end(late));
}

/** A detail is one sentence or two; none may fill the log. */
const MAX_DETAIL = 300;

async function unknownPath(): Promise<void> {}

function logRequest(log: Log, { state, method, res }: Context, startedMs: number, problem: ProblemError | undefined): void {
  const { requestId, traceparent, route, caller, policyRevision } = state;
  log.request({
    requestId,
    method,
    route,
    status: res.statusCode,
    durationMs: Math.round((performance.now() - startedMs) * 1000) / 1000,
    clientId: caller?.clientId,
    consumer: caller?.kind === 'machine' ? caller.consumer : undefined,
    traceparent,
    policyRevision,
    problem: problem?.slug,
    detail: problem?.detail === undefined ? undefined : maskPersonNumbers(problem.detail).slice(0, MAX_DETAIL),
  });
}

function answerProblem(ctx: Context, problem: ProblemError): void {
  const { retryAfterSeconds, allowed } = problem;
  const headers: Record<string, string> = { ...challengeOf(problem) };
  if (retryAfterSeconds !== undefined) headers['Retry-After'] = String(retryAfterSeconds);
  if (allowed !== undefined) headers['Allow'] = allowed.join(', ');
  if (ctx.body !== undefined) ctx.body = null; // What was begun is not sent.
  const reply = ctx.state.writesProblem?.(problem) ?? detailed(problem, ctx.state.requestId);
  answer(ctx, { ...reply, headers: { ...reply.headers, ...headers } });
}

/** A problem as problem details (RFC 9457). */
function detailed(problem: ProblemError, requestId: string): Reply {
  const headers = { 'Content-Type': 'application/problem+json' };
  return { status: problem.entry.status, headers, body: JSON.stringify(problemDetails(problem, requestId)) };
}

/** The challenge that belongs to a problem, whatever form it is written in (RFC 6750 §3, RFC 9470 §3). */
function challengeOf({ entry: { status, oauth }, message, scope, acrValues }: ProblemError): Readonly<Record<string, string>> {
  if (status !== 401 && oauth === undefined) return {};
  // RFC 6750 §3: no error code when no token was sent.
  const error = oauth === undefined ? '' : `, error="${oauth}", error_description="${errorDescription(message)}"`;
  const needed = scope === undefined ? '' : `, scope="${scope}"`;
  const levels = acrValues === undefined ? '' : `, acr_values="${acrValues}"`;
  return { 'WWW-Authenticate': `Bearer realm="tilgang"${error}${needed}${levels}` };
}
