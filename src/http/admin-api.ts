import type { AdminRequest } from '#access';
import { present } from '#domain';
import type { Api, ApiHandler } from './api.js';
import { adminRequest, callerName } from './callers.js';
import { type ApiParts, type DescribedApi, describedApi, type Exchange } from './described-api.js';
import type { CursorParameter } from './wire-parts.js';

/** A request to administer. */
export type AdminExchange<Body, Query> = Exchange<AdminRequest, Body, Query>;

/**
 * A described API whose callers administer.
 * @param here `import.meta.url` of a file beside the `openapi.yaml`
 * @param leaves and cursor: see DescribedApi
 */
export function adminApi(
  here: string,
  parts: ApiParts,
  handlers: DescribedApi<AdminRequest>['handlers'],
  leaves: NonNullable<DescribedApi<AdminRequest>['leaves']>,
  cursor?: CursorParameter,
): Api & { readonly handler: ApiHandler } {
  return describedApi<AdminRequest>(parts, {
    here,
    handlers,
    leaves,
    ...present({ cursor }),
    open(caller, requestId, access) {
      const request = adminRequest(caller, requestId, access);
      return { request, who: request.caller.kind === 'anonymous' ? undefined : callerName(request.caller) };
    },
  });
}
