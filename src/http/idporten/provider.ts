import type { IncomingMessage } from 'node:http';
import type { IdportenEndpoint } from '#idporten';
import { ProblemError } from '#problem';
import type { RateLimit } from '#serving';
import type { Api } from '../api.js';
import type { ApiParts } from '../described-api.js';
import { errorDescription } from '../error-description.js';
import { readForm } from '../form-body.js';
import { hasBody } from '../json-body.js';
import { type Pages, problemPage, wantsPage } from '../pages/index.js';
import { endsConnection } from '../rest-of-body.js';
import type { Context, Reply } from '../state.js';
import { attemptAt, clientAt, type LateAttempt } from './attempt.js';

const BASE = '/idporten';
/** No form of OpenID Connect is larger, whatever other APIs take. */
const MAX_FORM_BYTES = 64 * 1024;
/** Where persons are in their browsers: what goes wrong there they read. */
const OF_READERS = /^\/(authorize|interaction|logout)(\/|$)/;

/** Where clients show who they are. */
const OF_CLIENTS = /^\/(token|par)(\/|$)/;

/** Where somebody is sent who has to log in or to say yes: from then on the store remembers the request. */
const STEP = /\/idporten\/interaction\/[\w-]+$/;

/** As many as a Maskinporten grant may name. Each is judged for itself (RFC 8707 §2). */
const MOST_RESOURCES = 10;

/** What it answers with. */
export interface ProviderApiParts {
  readonly endpoint: IdportenEndpoint;
  readonly pages: Pages;
  /** How many logins may begin from one address. */
  readonly logins: RateLimit;
}

/** The OpenID provider of our ID-porten, below its issuer. What is none of its paths is left to others. */
export function providerApi(
  { limits, refusals }: Pick<ApiParts, 'limits' | 'refusals'>,
  { endpoint, pages, logins }: ProviderApiParts,
): Api {
  const bounds = { ...limits, maxBodyBytes: Math.min(limits.maxBodyBytes, MAX_FORM_BYTES) };
  const attempted = async (path: string, req: IncomingMessage, form?: URLSearchParams): Promise<LateAttempt | undefined> => {
    if (OF_CLIENTS.test(path)) return attemptAt(refusals, clientAt(req, form));
    return path === '/authorize' ? attemptAt(logins, `${req.socket.remoteAddress}`) : undefined;
  };
  return {
    mounts: [BASE],
    async handler(ctx, next) {
      const path = ctx.path.slice(BASE.length);
      const route = endpoint.routeOf(path);
      const { req, res, state } = ctx;
      const page = (problem: ProblemError): Reply => problemPage(pages, ctx, problem);
      if (route === undefined) {
        if (wantsPage(ctx)) state.writesProblem = page;
        return next();
      }
      state.route = `${BASE}${route}`;
      state.writesProblem = OF_READERS.test(path) ? page : writtenProblem;
      const allowed = allowedAt(path, req);
      if (!allowed.includes(ctx.method)) throw new ProblemError('method-not-allowed', { allowed });
      const form = req.method === 'POST' && hasBody(req) ? await readForm(req, bounds) : undefined;
      assertFewResources(form ?? new URLSearchParams(ctx.querystring));
      setHeaders(ctx);
      ctx.respond = false;
      const attempt = await attempted(path, req, form);
      try {
        await endpoint.answer({ req, res, path, form, isLate: attempt?.isLate ?? false });
      } finally {
        attempt?.end(res.statusCode === 401 || STEP.test(`${res.getHeader('Location') ?? ''}`));
      }
    },
  };
}

/** @throws ProblemError `invalid-request` */
function assertFewResources(sent: URLSearchParams): void {
  if (sent.getAll('resource').length <= MOST_RESOURCES) return;
  const detail = `must be sent at most ${MOST_RESOURCES} times`;
  throw new ProblemError('invalid-request', { detail: `resource ${detail}`, at: [{ pointer: '', parameter: 'resource', detail }] });
}

/** What is done at a path; a browser may ask first whether another page's script may (CORS). */
function allowedAt(path: string, { headers }: IncomingMessage): readonly string[] {
  const asked = headers.origin === undefined ? [] : ['OPTIONS'];
  if (OF_CLIENTS.test(path)) return ['POST', ...asked];
  if (/^\/(authorize|logout\/done)(\/|$)/.test(path)) return ['HEAD', 'GET'];
  return ['HEAD', 'GET', 'POST', ...(OF_READERS.test(path) ? [] : asked)];
}

/** Of what is not answered by our own answer(). The page of `form_post` is the provider's: it adds the hash of its script. */
function setHeaders({ res, state, req }: Context): void {
  res.setHeader('Content-Security-Policy', "default-src 'none'; script-src; base-uri 'none'; frame-ancestors 'none'");
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.setHeader('X-Request-Id', state.requestId);
  if (state.traceparent !== undefined) res.setHeader('Traceparent', state.traceparent);
  if (endsConnection(req)) res.setHeader('Connection', 'close');
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('Referrer-Policy', 'no-referrer');
}

/** RFC 6749 §5.2: what does not come as far as the provider, or fails beside it. */
function writtenProblem(problem: ProblemError): Reply {
  const { status, title } = problem.entry;
  const isBusy = status === 429 || status === 503;
  const error = isBusy ? 'temporarily_unavailable' : status >= 500 ? 'server_error' : 'invalid_request';
  const body = JSON.stringify({ error, error_description: errorDescription(problem.detail ?? title) });
  return { status, headers: { 'Cache-Control': 'no-store', 'Content-Type': 'application/json' }, body };
}
