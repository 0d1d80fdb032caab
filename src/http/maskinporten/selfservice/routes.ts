import type { Side } from '#maskinporten';
import { adminApi } from '../../admin-api.js';
import type { Api } from '../../api.js';
import type { ApiParts } from '../../described-api.js';
import { LINK_CURSOR } from '../../linked-pages.js';
import { accessHandlers, delegationHandlers } from './access-handlers.js';
import { onBehalfOfHandlers } from './behalf-handlers.js';
import { clientHandlers } from './client-handlers.js';
import { dataSharingHandlers } from './datasharing-handlers.js';
import { errorOf } from './error.js';
import { keyHandlers } from './key-handlers.js';
import { scopeHandlers, surroundingHandlers } from './scope-handlers.js';

const BASE = '/maskinporten/api/v1';
/** What the API had before it had a version in its path: they lead to the same. The description stands there, too. */
const OLD_PATHS = ['scopes', 'prefix', 'delegationsources', 'delegations', 'organizations', 'terms', 'clients', 'datasharing'];
const OLD_BASE = '/maskinporten';
/** What has a version of its own there. */
const OF_VERSION_2 = /^\/maskinporten\/api\/v2(\/clients\/[^/]+\/key)$/;

/** The self-service API of the Maskinporten side, maskinporten-selvbetjening-v1. */
export function selfServiceApi(parts: ApiParts, side: Side): Api {
  const handlers = {
    ...scopeHandlers(side),
    ...surroundingHandlers(side),
    ...accessHandlers(side),
    ...delegationHandlers(side),
    ...clientHandlers(side),
    ...keyHandlers(side, parts.limits),
    ...onBehalfOfHandlers(side),
    ...dataSharingHandlers(side),
  };
  const { handler } = adminApi(import.meta.url, parts, handlers, {}, LINK_CURSOR);
  const { clock } = parts.installation;
  return {
    mounts: [BASE, '/maskinporten/api/v2', ...OLD_PATHS.map((path) => `${OLD_BASE}/${path}`)],
    handler(ctx, next) {
      ctx.state.writesProblem = (problem) => errorOf(problem, ctx.state.requestId, clock());
      const [, newer] = OF_VERSION_2.exec(ctx.path) ?? [];
      if (newer !== undefined) ctx.path = BASE + newer;
      else if (!ctx.path.startsWith(`${BASE}/`)) ctx.path = BASE + ctx.path.slice(OLD_BASE.length);
      return handler(ctx, next);
    },
  };
}
