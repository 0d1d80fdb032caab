import type { Side } from '#maskinporten';
import { adminApi } from '../../admin-api.js';
import type { Api } from '../../api.js';
import type { ApiParts } from '../../described-api.js';
import { accessHandlers, delegationHandlers } from './access-handlers.js';
import { errorOf } from './error.js';
import { scopeHandlers, surroundingHandlers } from './scope-handlers.js';

const BASE = '/maskinporten/api/v1';
/** What the API had before it had a version in its path: they lead to the same. The description stands there, too. */
const OLD_PATHS = ['scopes', 'prefix', 'delegationsources', 'delegations', 'organizations', 'terms', 'openapi.json'];
const OLD_BASE = '/maskinporten';

/** The self-service API of the Maskinporten side, maskinporten-selvbetjening-v1. */
export function selfServiceApi(parts: ApiParts, side: Side): Api {
  const handlers = {
    ...scopeHandlers(side),
    ...surroundingHandlers(side),
    ...accessHandlers(side),
    ...delegationHandlers(side),
  };
  const cursor = { parameter: 'cursor', told: 'what the header Link of the page before has' };
  const { handler } = adminApi(import.meta.url, parts, handlers, {}, cursor);
  if (typeof handler !== 'function') throw new TypeError('a described API is a function');
  const { clock } = parts.installation;
  return {
    mounts: [BASE, ...OLD_PATHS.map((path) => `${OLD_BASE}/${path}`)],
    handler(ctx, next) {
      ctx.state.writesProblem = (problem) => errorOf(problem, ctx.state.requestId, clock());
      if (!ctx.path.startsWith(`${BASE}/`)) ctx.path = BASE + ctx.path.slice(OLD_BASE.length);
      return handler(ctx, next);
    },
  };
}
