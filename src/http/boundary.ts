import { randomBytes } from 'node:crypto';
import { ProblemError, problemDetails } from '#problem';
import type { Log } from '#telemetry';
import { answer, isAnswered } from './answer.js';
import type { ApiHandler } from './api.js';
import { hasBody } from './json-body.js';
import type { Context, Middleware, Reply, RequestState } from './state.js';

/** The one place where a request gets its id, a fault becomes an answer, and both are logged. */
export function boundary(log: Log, handle: ApiHandler): Middleware {
  // Unique without a random draw per request: the process's own prefix and a count.
  const prefix = randomBytes(9).toString('base64url');
  let count = 0;
  return async (ctx) => {
    const startedMs = performance.now();
    const { state } = ctx;
    count += 1;
    state.requestId = `${prefix}-${count.toString(36)}`;
    state.route = 'unmatched';
    let problem: ProblemError | undefined;
    try {
      await handle(ctx, unknownPath);
      if (!isAnswered(ctx)) problem = new ProblemError('not-found');
    } catch (error) {
      problem = error instanceof ProblemError ? error : new ProblemError('internal-error', { cause: error });
      if (problem.entry.level !== 'info') log.fault(problem, state.requestId);
    }
    if (problem !== undefined && !ctx.headerSent) answerProblem(ctx, problem);
    if (ctx.respond !== false) ctx.set('X-Request-Id', state.requestId);
    logRequest(log, ctx, startedMs, problem);
  };
}

async function unknownPath(): Promise<void> {}

function logRequest(log: Log, { state, method, res }: Context, startedMs: number, problem: ProblemError | undefined): void {
  const { requestId, route, caller, policyRevision } = state;
  log.request({
    requestId,
    method,
    route,
    status: res.statusCode,
    durationMs: Math.round((performance.now() - startedMs) * 1000) / 1000,
    ...callerFacts(caller),
    ...(policyRevision === undefined ? {} : { policyRevision }),
    ...(problem === undefined ? {} : { problem: problem.slug }),
  });
}

function callerFacts(caller: RequestState['caller']): { readonly clientId?: string; readonly consumer?: string } {
  if (caller === undefined) return {};
  const { clientId } = caller;
  return caller.kind === 'machine' ? { clientId, consumer: caller.consumer } : { clientId };
}

/** As it may stand in quotes in WWW-Authenticate (RFC 6750 §3): no quote, no backslash, nothing but ASCII. */
function quotable(text: string): string {
  return text.replaceAll(/[’"]/g, "'").replaceAll(/[^ -[\]-~]/g, '?');
}

function answerProblem(ctx: Context, problem: ProblemError): void {
  const { status, oauth, title } = problem.entry;
  const { retryAfterSeconds, allowed } = problem;
  const headers: Record<string, string> = { 'Content-Type': 'application/problem+json' };
  if (retryAfterSeconds !== undefined) headers['Retry-After'] = String(retryAfterSeconds);
  if (allowed !== undefined) headers['Allow'] = allowed.join(', ');
  if (status === 401 || oauth !== undefined) {
    // RFC 6750 §3: no error code when no token was sent.
    const error = oauth === undefined ? '' : `, error="${oauth}", error_description="${quotable(problem.detail ?? title)}"`;
    const scope = problem.scope === undefined ? '' : `, scope="${problem.scope}"`;
    const acrValues = problem.acrValues === undefined ? '' : `, acr_values="${problem.acrValues}"`;
    headers['WWW-Authenticate'] = `Bearer realm="tilgang"${error}${scope}${acrValues}`;
  }
  // The rest of a refused body is not read: the connection cannot be used again.
  if (!ctx.req.complete && hasBody(ctx.req)) headers['Connection'] = 'close';
  if (ctx.body !== undefined) ctx.body = null; // What was begun is not sent.
  const reply: Reply = { status, headers, body: JSON.stringify(problemDetails(problem, ctx.state.requestId)) };
  answer(ctx, reply);
}
