import { randomBytes } from 'node:crypto';
import { ProblemError, problemDetails } from '#problem';
import type { Log } from '#telemetry';
import type { Context, Middleware } from '../state.js';

/** The one place where a request gets its id, a fault becomes an answer, and both are logged. */
export function boundary(log: Log): Middleware {
  // Unique without a random draw per request: the process's own prefix and a count.
  const prefix = randomBytes(9).toString('base64url');
  let count = 0;
  return async (ctx, next) => {
    const startedMs = performance.now();
    const { state } = ctx;
    count += 1;
    state.requestId = `${prefix}-${count.toString(36)}`;
    state.route = 'unmatched';
    ctx.set('X-Request-Id', state.requestId);
    let problem: ProblemError | undefined;
    try {
      await next();
      if (ctx.body === undefined && ctx.status === 404) problem = new ProblemError('not-found');
    } catch (error) {
      problem = error instanceof ProblemError ? error : new ProblemError('internal-error', { cause: error });
      if (problem.entry.level !== 'info') log.fault(problem, state.requestId);
    }
    if (problem !== undefined) writeProblem(ctx, problem);
    log.request({
      requestId: state.requestId,
      method: ctx.method,
      route: state.route,
      status: ctx.status,
      durationMs: Math.round((performance.now() - startedMs) * 1000) / 1000,
      ...(state.caller === undefined ? {} : { clientId: state.caller.clientId }),
      ...(state.caller?.kind === 'machine' ? { consumer: state.caller.consumer } : {}),
      ...(state.policyRevision === undefined ? {} : { policyRevision: state.policyRevision }),
      ...(problem === undefined ? {} : { problem: problem.slug }),
    });
  };
}

function writeProblem(ctx: Context, problem: ProblemError): void {
  const { status, oauth, title } = problem.entry;
  const { retryAfterSeconds } = problem;
  ctx.status = status;
  ctx.body = JSON.stringify(problemDetails(problem, ctx.state.requestId));
  ctx.type = 'application/problem+json';
  ctx.set('Cache-Control', 'no-store');
  if (retryAfterSeconds !== undefined) ctx.set('Retry-After', String(retryAfterSeconds));
  if (status === 401 || oauth !== undefined) {
    // RFC 6750 §3: no error code when no token was sent.
    const error = oauth === undefined ? '' : `, error="${oauth}", error_description="${title}"`;
    const scope = problem.scope === undefined ? '' : `, scope="${problem.scope}"`;
    const acrValues = problem.acrValues === undefined ? '' : `, acr_values="${problem.acrValues}"`;
    ctx.set('WWW-Authenticate', `Bearer realm="tilgang"${error}${scope}${acrValues}`);
  }
  // The rest of a refused body is not read: the connection cannot be used again.
  if (!ctx.req.complete) ctx.set('Connection', 'close');
}
