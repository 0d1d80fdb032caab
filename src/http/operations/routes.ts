import Router from '@koa/router';
import { catalogue, type ProblemSlug } from '#problem';
import type { Api } from '../api.js';
import { routed } from '../routed.js';
import { exactPaths, type RequestState } from '../state.js';
import type { Readiness } from './readiness.js';

/** Liveness, readiness, also as OPA tells it (`/health`), and the catalogue of problems. */
export function operationsApi(readiness: () => Promise<Readiness>): Api {
  const router = new Router<RequestState>(exactPaths);
  router.get('/health/live', (ctx) => {
    ctx.state.route = '/health/live';
    ctx.body = { live: true };
  });
  router.get('/health/ready', async (ctx) => {
    ctx.state.route = '/health/ready';
    const state = await readiness();
    ctx.status = state.ready ? 200 : 503;
    ctx.body = state;
  });
  router.get('/health', async (ctx) => {
    ctx.state.route = '/health';
    const { ready } = await readiness();
    ctx.status = ready ? 200 : 500;
    ctx.body = ready ? {} : { error: 'not ready; /health/ready tells why' };
  });
  router.get('/problems/:slug', async (ctx, next) => {
    ctx.state.route = '/problems/{slug}';
    const slug = ctx.params['slug'] as string;
    if (!Object.hasOwn(catalogue, slug)) return next();
    const { status, title, remedy } = catalogue[slug as ProblemSlug];
    ctx.body = { type: `/problems/${slug}`, status, title, remedy };
  });
  return { mounts: [''], handler: routed(router) };
}
