import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import Koa from 'koa';
import type { Installation } from '#access';
import { present } from '#domain';
import type { IdportenEndpoint } from '#idporten';
import type { Side, TokenEndpoint } from '#maskinporten';
import { ProblemError, problemDetails } from '#problem';
import { type Bounds, Entrance, ownBounds, type RateLimit, type Staff, type StopTimes, stopTogether } from '#serving';
import type { SystembrukerSide } from '#systembruker';
import type { Log } from '#telemetry';
import type { TokenVerifier } from '#tokens';
import { type Api, dispatch } from './api.js';
import { type Discovery, discoveryApi } from './authzen/discovery.js';
import { authzenApi } from './authzen/routes.js';
import { boundary } from './boundary.js';
import { Connections } from './connections.js';
import { Deadlines } from './deadlines.js';
import type { ApiParts } from './described-api.js';
import { authlevelApi } from './idporten/authlevel/routes.js';
import { minePage } from './idporten/authorizations/mine.js';
import { authorizationsApi } from './idporten/authorizations/routes.js';
import { eidApi, type UpstreamParts } from './idporten/eid/routes.js';
import { type AnswerSigner, krrApi } from './idporten/krr/routes.js';
import { providerApi } from './idporten/provider.js';
import { type Issuer, issuerApi } from './issuer/routes.js';
import type { BodyLimits } from './json-body.js';
import { konsumentApi } from './konsument/routes.js';
import { selfServiceApi } from './maskinporten/selfservice/routes.js';
import { tokenApi } from './maskinporten/token/routes.js';
import { type OpaSettings, opaApi } from './opa/routes.js';
import type { Readiness } from './operations/readiness.js';
import { operationsApi } from './operations/routes.js';
import { assetsApi, type Pages } from './pages/index.js';
import { policyApi } from './policy/routes.js';
import { type ProtectedResource, protectedResourceApi } from './protected-resource.js';
import { continueWhenRead } from './rest-of-body.js';
import type { HttpSettings } from './settings.js';
import type { RequestState } from './state.js';
import { systembrukerApis } from './systembruker/apis.js';
import { tilbyderApi } from './tilbyder/routes.js';
import { tilgangApi } from './tilgang/routes.js';

/** What a server answers with. */
export interface ServerParts {
  readonly log: Log;
  readonly apis: readonly Api[];
}

/** What our ID-porten answers with. */
export interface IdportenSide {
  readonly signer: AnswerSigner;
  readonly side: Side;
  readonly provider: IdportenEndpoint;
  readonly pages: Pages;
  /** Absent: persons do not show who they are at another provider. */
  readonly upstream?: UpstreamParts | undefined;
}

/** What the APIs of a gateway are made of. */
export interface ApisParts {
  readonly installation: Installation;
  readonly verifier: TokenVerifier;
  readonly limits: Omit<BodyLimits, 'bodies'>;
  /** What OPA's clients are told of the program, and the document that they ask if they name none. */
  readonly opa: OpaSettings;
  readonly rates: Pick<HttpSettings, 'lookUpsPerMinute' | 'refusalsPerMinute' | 'loginsPerMinute'>;
  readonly readiness: () => Promise<Readiness>;
  /** Absent: of this process alone. */
  readonly bounds?: Bounds;
  /** Absent: the decision point says nowhere what it is. */
  readonly discovery?: Discovery;
  /** Absent: it does not say whose tokens it believes. */
  readonly resource?: ProtectedResource;
  /** Our own. */
  readonly issuers?: readonly Issuer[];
  /** Absent: the gateway is no Maskinporten. */
  readonly tokenEndpoint?: TokenEndpoint;
  /** Absent: there is no self-service. */
  readonly maskinporten?: Side;
  /** Absent: the gateway is no ID-porten. */
  readonly idporten?: IdportenSide | undefined;
  /** Absent: there is no systembruker side. */
  readonly systembruker?: SystembrukerSide;
}

/** A server that listens. */
export interface RunningServer {
  readonly port: number;
  /** Answers what has arrived, then closes; see stopTogether. */
  stop(times: StopTimes): Promise<void>;
}

/** A server that answers over the connections that it is handed. */
export interface HandedServer extends Staff {
  take(socket: Socket): void;
}

/**
 * Listens, then makes the APIs: what they say of themselves may depend on the port that was free.
 * @throws Error of the system if the address cannot be had (`EADDRINUSE`, `EACCES`)
 */
export function openServer(
  where: { readonly host: string; readonly port: number; readonly bodyTimeoutMs: number },
  parts: (port: number) => ServerParts,
): Promise<RunningServer> {
  const { host, port: wanted, bodyTimeoutMs } = where;
  const server = bareServer(bodyTimeoutMs);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(wanted, host, () => {
      server.off('error', reject);
      // In the same tick, so that no request comes before its handler.
      const { port } = server.address() as AddressInfo;
      const connections = takeRequests(server, parts(port), bodyTimeoutMs);
      const entrance = new Entrance(server);
      resolve({ port, stop: (times) => stopTogether(entrance, [endingTimers(server, connections)], times) });
    });
  });
}

/** A server for connections that another process accepts. */
export function handedServer(bodyTimeoutMs: number, parts: ServerParts): HandedServer {
  const server = bareServer(bodyTimeoutMs);
  const staff = endingTimers(server, takeRequests(server, parts, bodyTimeoutMs));
  // What begins the timer for late heads.
  server.emit('listening');
  return {
    ...staff,
    take(socket) {
      // As the server makes those that it accepts itself.
      socket.allowHalfOpen = true;
      socket.setNoDelay(true);
      server.emit('connection', socket);
    },
  };
}

/** Longer than proxies and clients keep a connection that is not used (60 s mostly): of two who may hang up, the one that sends should be the first. */
const UNUSED_MS = 75_000;

function bareServer(bodyTimeoutMs: number): http.Server {
  const server = http.createServer({
    // Bodies are timed where they are read: a file of an import may take long, as long as it keeps coming.
    requestTimeout: 0,
    keepAliveTimeout: UNUSED_MS,
    headersTimeout: bodyTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, bodyTimeoutMs),
    maxHeaderSize: 32_768,
    // Node would answer by itself, without a problem and without a line in the log.
    requireHostHeader: false,
  });
  // Their bytes are bounded; those over a number would be dropped in silence.
  server.maxHeadersCount = 0;
  // Whoever has sent everything and said so is answered nonetheless.
  (server as { httpAllowHalfOpen?: boolean }).httpAllowHalfOpen = true;
  return server;
}

function endingTimers(server: http.Server, connections: Connections): Staff {
  return {
    beginStop: () => connections.beginStop(),
    holdBack: () => connections.holdBack(),
    async finish(withinMs) {
      await connections.finish(withinMs);
      // Ends the timer for late heads; there is nothing left to close.
      server.close(() => {});
    },
  };
}

/** All APIs of a gateway. */
export function gatewayApis({
  installation,
  verifier,
  limits,
  opa,
  rates,
  bounds = ownBounds(),
  readiness,
  discovery,
  resource,
  issuers = [],
  tokenEndpoint,
  maskinporten,
  idporten,
  systembruker,
}: ApisParts): readonly Api[] {
  const parts: ApiParts = {
    installation,
    verifier,
    limits: { ...limits, bodies: new Deadlines(limits.bodyTimeoutMs) },
    refusals: bounds.rate('refusals', rates.refusalsPerMinute),
    places: bounds.places,
  };
  const lookUps = bounds.rate('look-ups', rates.lookUpsPerMinute);
  return [
    tilgangApi(parts),
    authzenApi(parts),
    ...(discovery === undefined ? [] : [discoveryApi(discovery)]),
    ...(resource === undefined ? [] : [protectedResourceApi(resource)]),
    tilbyderApi(parts, lookUps),
    policyApi(parts),
    konsumentApi(parts, lookUps),
    ...(tokenEndpoint === undefined ? [] : [tokenApi(parts, tokenEndpoint)]),
    ...(maskinporten === undefined ? [] : [selfServiceApi(parts, maskinporten)]),
    ...(idporten === undefined ? [] : idportenApis(parts, idporten, { lookUps, logins: bounds.rate('logins', rates.loginsPerMinute) })),
    ...(systembruker === undefined ? [] : systembrukerApis(parts, { side: systembruker, ...present({ persons: idporten }) })),
    ...(issuers.length === 0 ? [] : [issuerApi(issuers)]),
    opaApi(parts, opa),
    assetsApi(),
    operationsApi(readiness),
  ];
}

function idportenApis(
  parts: ApiParts,
  { signer, side, pages, provider, upstream }: IdportenSide,
  { lookUps, logins }: { readonly lookUps: RateLimit; readonly logins: RateLimit },
): readonly Api[] {
  return [
    authorizationsApi(parts, side, lookUps),
    minePage(parts, { side, pages, provider }),
    krrApi(parts, signer),
    authlevelApi(parts),
    providerApi(parts, { endpoint: provider, pages, logins }),
    ...(upstream === undefined ? [] : [eidApi(parts, upstream, provider)]),
  ];
}

/** Has all that comes over the server's connections answered, also what never reaches Koa. */
function takeRequests(server: http.Server, { log, apis }: ServerParts, bodyTimeoutMs: number): Connections {
  const connections = new Connections({
    carryOut: requestHandler(log, apis, new Deadlines(bodyTimeoutMs)),
    refusalOf: (problem, method) => writtenRefusal(log, problem, method),
    lingerMs: bodyTimeoutMs,
  });
  const begin = (request: http.IncomingMessage, response: http.ServerResponse): void => connections.begin(request, response);
  server
    .on('connection', (socket) => connections.add(socket))
    .on('request', begin)
    .on('checkExpectation', begin)
    .on('checkContinue', (request, response) => {
      continueWhenRead(request, response);
      begin(request, response);
    })
    .on('connect', ({ method }, socket) => {
      socket.on('error', () => {}); // The server has taken its own listeners away.
      connections.refuse(socket as Socket, new ProblemError('method-not-allowed', { allowed: [] }), method);
    })
    .on('clientError', (error: NodeJS.ErrnoException, socket) => {
      const problem = problemOf(error);
      if (problem === undefined) socket.destroy();
      else connections.refuse(socket as Socket, problem);
    })
    .on('timeout', (socket) => connections.timedOut(socket));
  return connections;
}

const CLIENT_LEFT: ReadonlySet<string> = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE']);

function requestHandler(log: Log, apis: readonly Api[], bodies: Deadlines): http.RequestListener {
  const app = new Koa<RequestState>({ proxy: false });
  app.use(boundary(log, bodies, dispatch(apis)));
  app.on('error', (error: NodeJS.ErrnoException) => {
    // A client that leaves in the middle of an answer is no fault.
    if (!CLIENT_LEFT.has(error.code ?? '')) log.fault(error);
  });
  return app.callback();
}

/** What is wrong with what came; nothing if the connection itself has failed. */
function problemOf({ code = '' }: NodeJS.ErrnoException): ProblemError | undefined {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new ProblemError('body-too-slow', { detail: 'The head did not arrive in time.' });
  if (code === 'HPE_HEADER_OVERFLOW') return new ProblemError('headers-too-large');
  return code.startsWith('HPE_') ? new ProblemError('malformed-http') : undefined;
}

/** A request that is no HTTP, or does not arrive, never reaches Koa; it gets its problem, id and log line nonetheless. */
function writtenRefusal(log: Log, problem: ProblemError, method: string): string {
  const { status } = problem.entry;
  const requestId = randomUUID();
  const body = JSON.stringify(problemDetails(problem, requestId));
  log.request({ requestId, method, route: 'unmatched', status, durationMs: 0, problem: problem.slug });
  const allow = problem.allowed === undefined ? '' : `Allow: ${problem.allowed.join(', ')}\r\n`;
  return (
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\nContent-Type: application/problem+json\r\nX-Request-Id: ${requestId}\r\n${allow}` +
    `Cache-Control: no-store\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
  );
}
