import Router from '@koa/router';
import type { IdportenEndpoint, UpstreamEid } from '#idporten';
import { ProblemError } from '#problem';
import { answer } from '../../answer.js';
import type { Api } from '../../api.js';
import type { ApiParts } from '../../described-api.js';
import { readForm } from '../../form-body.js';
import { type Pages, problemPage, wantsPage } from '../../pages/index.js';
import { routed } from '../../routed.js';
import { type Context, exactPaths, type RequestState } from '../../state.js';
import { ANSWER } from './upstream-step.js';

const BASE = '/idporten/eid';
/** No message of a provider is larger. */
const MAX_FORM_BYTES = 64 * 1024;

/** What the addresses are made of that the provider upstream knows us by. */
export interface UpstreamParts {
  readonly pages: Pages;
  readonly upstream: UpstreamEid;
}

/** Where the provider upstream sends persons back to, and where it says that one has logged out. */
export function eidApi(
  { limits }: Pick<ApiParts, 'limits'>,
  { pages, upstream }: UpstreamParts,
  endpoint: Pick<IdportenEndpoint, 'endSessionsOf'>,
): Api {
  const router = new Router<RequestState>(exactPaths);
  const bounds = { ...limits, maxBodyBytes: Math.min(limits.maxBodyBytes, MAX_FORM_BYTES) };
  router.get(`${BASE}/callback`, async (koa) => {
    const ctx = koa as Context;
    ctx.state.route = `${BASE}/callback`;
    ctx.state.writesProblem = (problem) => problemPage(pages, ctx, problem);
    const state = ctx.query['state'];
    const path = typeof state === 'string' && state !== '' ? await upstream.pathOf(state) : undefined;
    if (path === undefined) throw new ProblemError('not-found', { detail: 'No login is under way that this answers.' });
    const headers = { Location: `${path}${ANSWER}?${ctx.querystring}`, 'Referrer-Policy': 'no-referrer' };
    answer(ctx, { status: 303, headers });
  });
  router.post(`${BASE}/logout`, async (koa) => {
    const ctx = koa as Context;
    ctx.state.route = `${BASE}/logout`;
    const ended = await upstream.loggedOut((await readForm(ctx.req, bounds)).get('logout_token') ?? '');
    if (ended === 'refused') {
      const body = { error: 'invalid_request', error_description: 'logout_token is none of the provider, for us, of now, and new' };
      return answer(ctx, { status: 400, body });
    }
    if (ended !== undefined) await endpoint.endSessionsOf(ended);
    answer(ctx, { status: 200 });
  });
  const handler = routed(router);
  return {
    mounts: [BASE],
    handler(ctx, next) {
      if (wantsPage(ctx)) ctx.state.writesProblem = (problem) => problemPage(pages, ctx, problem);
      return handler(ctx, next);
    },
  };
}
