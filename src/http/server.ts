import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type Router from '@koa/router';
import Koa from 'koa';
import type { Installation } from '#access';
import { ProblemError, problemDetails } from '#problem';
import type { Log } from '#telemetry';
import type { TokenVerifier } from '#tokens';
import { type DemoIssuer, demoIssuerApi } from './demo-issuer/routes.js';
import type { BodyLimits } from './json-body.js';
import { konsumentApi } from './konsument/routes.js';
import { boundary } from './middleware/boundary.js';
import type { Readiness } from './operations/readiness.js';
import { operationsApi } from './operations/routes.js';
import { rateLimit } from './rate-limit.js';
import type { Middleware, RequestState } from './state.js';
import { tilbyderApi } from './tilbyder/routes.js';
import { tilgangApi } from './tilgang/routes.js';

export interface HttpParts {
  readonly installation: Installation;
  readonly verifier: TokenVerifier;
  readonly log: Log;
  readonly limits: BodyLimits;
  readonly rates: { readonly lookUpsPerMinute: number; readonly refusalsPerMinute: number };
  readonly readiness: () => Promise<Readiness>;
  /** Only in demo mode. */
  readonly demoIssuers?: readonly DemoIssuer[];
}

/**
 * Listens, then makes the APIs: what they say of themselves may depend on the port that was free.
 * @throws Error of the system if the address cannot be had (`EADDRINUSE`, `EACCES`)
 */
export function openServer(
  where: { readonly host: string; readonly port: number; readonly bodyTimeoutMs: number },
  parts: (port: number) => HttpParts,
): Promise<http.Server> {
  const { host, port, bodyTimeoutMs } = where;
  const server = http.createServer({
    // Bodies are timed where they are read: a file of an import may take long, as long as it keeps coming.
    requestTimeout: 0,
    headersTimeout: bodyTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, bodyTimeoutMs),
    maxHeaderSize: 32_768,
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      // In the same tick, so that no request comes before its handler.
      const made = parts((server.address() as AddressInfo).port);
      const answering = new WeakSet<Socket>();
      const handle = requestHandler(made);
      server.on('request', (request, response) => {
        answering.add(request.socket);
        response.once('close', () => answering.delete(request.socket));
        handle(request, response);
      });
      server.on('clientError', answerBrokenRequest(made.log, answering));
      resolve(server);
    });
  });
}

function requestHandler({ installation, verifier, log, limits, rates, readiness, demoIssuers }: HttpParts): http.RequestListener {
  const app = new Koa<RequestState>({ proxy: false });
  app.use(boundary(log));
  // A router looks at each of its routes for each request, so the base path picks the one router that is asked.
  const routers = new Map<string, Router<RequestState>>();
  const refusals = rateLimit(rates.refusalsPerMinute);
  const parts = { installation, verifier, limits, refusals };
  routers.set('tilgang', tilgangApi(installation, verifier, limits));
  routers.set('leverandor-tjenester', tilbyderApi(parts));
  routers.set('konsument-bruker', konsumentApi(parts, rateLimit(rates.lookUpsPerMinute)));
  if (demoIssuers !== undefined) {
    const demo = demoIssuerApi(demoIssuers);
    for (const base of ['maskinporten', 'idporten', '.well-known']) routers.set(base, demo);
  }
  app.use(dispatch(routers, operationsApi(readiness)));
  app.on('error', (error: NodeJS.ErrnoException) => {
    // A client that leaves in the middle of an answer is no fault.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') log.fault(error);
  });
  return app.callback();
}

/** Asks the router of the first path segment, and says which methods a known path takes. */
function dispatch(routers: ReadonlyMap<string, Router<RequestState>>, fallback: Router<RequestState>): Middleware {
  const asked = new Map([...routers.entries(), ['', fallback] as const].map(([base, router]) => [base, router.routes()]));
  return async (ctx, next) => {
    const { path } = ctx;
    const end = path.indexOf('/', 1);
    const base = end === -1 ? path.slice(1) : path.slice(1, end);
    const known = routers.has(base) ? base : '';
    const router = routers.get(base) ?? fallback;
    await asked.get(known)?.(ctx as never, next);
    if (ctx.body !== undefined || ctx.status !== 404) return;
    const { path: matched } = router.match(path, ctx.method);
    const methods = [...new Set(matched.flatMap((layer) => layer.methods))];
    if (methods.length === 0 || methods.includes(ctx.method)) return;
    ctx.set('Allow', methods.join(', '));
    throw new ProblemError('method-not-allowed');
  };
}

/** A request that is no HTTP, or does not arrive, never reaches Koa; it gets its problem, id and log line nonetheless. */
function answerBrokenRequest(log: Log, answering: WeakSet<Socket>): (error: NodeJS.ErrnoException, socket: Socket) => void {
  return (error, socket) => {
    // Koa has the request already: it answers, and two answers would mix.
    if (!socket.writable || error.code === 'ECONNRESET' || answering.has(socket)) {
      socket.destroy();
      return;
    }
    const problem = new ProblemError(error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'body-too-slow' : 'malformed-http');
    const { status } = problem.entry;
    const requestId = randomUUID();
    const body = JSON.stringify(problemDetails(problem, requestId));
    socket.end(
      `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nContent-Type: application/problem+json\r\nX-Request-Id: ${requestId}\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
    log.request({ requestId, method: 'unread', route: 'unmatched', status, durationMs: 0, problem: problem.slug });
  };
}
