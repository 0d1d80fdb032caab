import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import Koa from 'koa';
import type { Installation } from '#access';
import { ProblemError, problemDetails } from '#problem';
import type { Log } from '#telemetry';
import type { TokenVerifier } from '#tokens';
import { type Api, dispatch } from './api.js';
import { boundary } from './boundary.js';
import { Deadlines } from './deadlines.js';
import { type DemoIssuer, demoIssuerApi } from './demo-issuer/routes.js';
import type { ApiParts } from './described-api.js';
import type { BodyLimits } from './json-body.js';
import { konsumentApi } from './konsument/routes.js';
import type { Readiness } from './operations/readiness.js';
import { operationsApi } from './operations/routes.js';
import { rateLimit } from './rate-limit.js';
import type { RequestState } from './state.js';
import { tilbyderApi } from './tilbyder/routes.js';
import { tilgangApi } from './tilgang/routes.js';

/** What a server answers with. */
export interface ServerParts {
  readonly log: Log;
  readonly apis: readonly Api[];
}

/** What the APIs of a gateway are made of. */
export interface ApisParts {
  readonly installation: Installation;
  readonly verifier: TokenVerifier;
  readonly limits: Omit<BodyLimits, 'bodies'>;
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
  parts: (port: number) => ServerParts,
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
      const answering: Answering = new WeakMap();
      const handle = requestHandler(made);
      server.on('request', (request, response) => {
        answering.set(request.socket, response);
        handle(request, response);
      });
      server.on('clientError', answerBrokenRequest(made.log, answering));
      resolve(server);
    });
  });
}

/** All APIs of a gateway. */
export function gatewayApis({ installation, verifier, limits, rates, readiness, demoIssuers }: ApisParts): readonly Api[] {
  const parts: ApiParts = {
    installation,
    verifier,
    limits: { ...limits, bodies: new Deadlines(limits.bodyTimeoutMs) },
    refusals: rateLimit(rates.refusalsPerMinute),
  };
  return [
    tilgangApi(parts),
    tilbyderApi(parts),
    konsumentApi(parts, rateLimit(rates.lookUpsPerMinute)),
    ...(demoIssuers === undefined ? [] : [demoIssuerApi(demoIssuers)]),
    operationsApi(readiness),
  ];
}

function requestHandler({ log, apis }: ServerParts): http.RequestListener {
  const app = new Koa<RequestState>({ proxy: false });
  app.use(boundary(log, dispatch(apis)));
  app.on('error', (error: NodeJS.ErrnoException) => {
    // A client that leaves in the middle of an answer is no fault.
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') log.fault(error);
  });
  return app.callback();
}

/** The newest answer on each connection: when it is finished, so are those before it. */
type Answering = WeakMap<Socket, http.ServerResponse>;

/** A request that is no HTTP, or does not arrive, never reaches Koa; it gets its problem, id and log line nonetheless. */
function answerBrokenRequest(log: Log, answering: Answering): (error: NodeJS.ErrnoException, socket: Socket) => void {
  return (error, socket) => {
    // Koa has the request already: it answers, and two answers would mix.
    if (!socket.writable || error.code === 'ECONNRESET' || answering.get(socket)?.writableFinished === false) {
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
