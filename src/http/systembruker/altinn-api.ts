import type { AdminRequest } from '#access';
import { adminApi } from '../admin-api.js';
import type { Api } from '../api.js';
import type { ApiParts, DescribedApi } from '../described-api.js';
import type { CursorParameter } from '../wire-parts.js';
import { altinnProblem } from './problem.js';

/** How Altinn's own lists go on. */
const TOKEN: CursorParameter = { parameter: 'token', told: '`links.next` of the page before' };

/**
 * A described API in which problems have Altinn's form.
 * @param here `import.meta.url` of a file beside the `openapi.yaml`
 * @param mounts paths below the origin that are its own: its base has several APIs, each with a description of its own (`x-served-at`)
 */
export function altinnApi(
  here: string,
  parts: ApiParts,
  handlers: DescribedApi<AdminRequest>['handlers'],
  mounts: readonly string[],
  cursor: CursorParameter = TOKEN,
): Api {
  const { handler } = adminApi(here, parts, handlers, {}, cursor);
  return {
    mounts,
    handler(ctx, next) {
      ctx.state.writesProblem = (problem) => altinnProblem(problem, ctx.state.requestId);
      return handler(ctx, next);
    },
  };
}
