import type Router from '@koa/router';
import { ProblemError } from '#problem';
import { isAnswered } from './answer.js';
import type { ApiHandler } from './api.js';
import type { RequestState } from './state.js';

/** A router as the handler of an API: a path that it knows by another method is told which methods it takes. */
export function routed(router: Router<RequestState>): ApiHandler {
  const ask = router.routes();
  return async (ctx, next) => {
    let isKnown = true;
    await ask(ctx as never, async () => {
      isKnown = false;
    });
    if (isKnown || isAnswered(ctx)) return;
    const allowed = [...new Set(router.match(ctx.path, ctx.method).path.flatMap(({ methods }) => methods))];
    if (allowed.length > 0 && !allowed.includes(ctx.method)) throw new ProblemError('method-not-allowed', { allowed });
    await next();
  };
}
