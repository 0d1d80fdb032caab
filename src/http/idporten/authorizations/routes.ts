import { parsePersonNumber } from '#domain';
import {
  type AuthorizationFilter,
  type AuthorizationRequest,
  idportenName,
  listAuthorizations,
  listLogins,
  listRevokedTokens,
  withdrawAuthorization,
} from '#idporten';
import type { Side } from '#maskinporten';
import type { RateLimit } from '#serving';
import type { Caller } from '#tokens';
import type { Api } from '../../api.js';
import { adminRequest, callerName } from '../../callers.js';
import { type ApiParts, type DescribedApi, describedApi, type Exchange } from '../../described-api.js';
import { LINK_CURSOR, pageOut, rangeOf } from '../../linked-pages.js';
import type { Reply } from '../../state.js';
import { sound } from '../../wire-parts.js';
import type { operations } from './wire.gen.js';
import { authorizationOut, filterIn, loginOut, type Wire } from './wire.js';

type Query<Id extends keyof operations> = NonNullable<operations[Id]['parameters']['query']>;
type Ask<Body = undefined, Sent = unknown> = Exchange<AuthorizationRequest, Body, Sent>;

const BASE = '/idporten';

/** What persons have given clients, for organisations and for the persons' clients (idporten-authorizations-v1). @param lookUps how many look-ups of persons a caller may make in a minute */
export function authorizationsApi(parts: ApiParts, side: Side, lookUps: RateLimit): Api {
  const issuer = idportenName(side.origin);
  const { handler } = describedApi<AuthorizationRequest>(parts, {
    here: import.meta.url,
    handlers: { ...listHandlers(side, lookUps), ...otherHandlers },
    cursor: LINK_CURSOR,
    open(caller, requestId, access) {
      const request = adminRequest(caller, requestId, access);
      const { caller: asking } = request;
      const who = asking.kind === 'anonymous' ? undefined : callerName(asking);
      return { request: asking.kind === 'person' ? { ...request, caller: ownClient(asking, caller, issuer) } : request, who };
    },
  });
  // The rest of what lies there is the OpenID provider's.
  const paths = ['clients', 'api-provider', 'authorizations', 'revokelist', 'logg', 'openapi.json'];
  return { mounts: paths.map((path) => `${BASE}/${path}`), handler };
}

/** What another issuer calls its clients says nothing here. */
function ownClient<T extends { readonly clientId: string }>(person: T, caller: Caller | undefined, issuer: string): Omit<T, 'clientId'> {
  const { clientId, ...rest } = person;
  return caller?.issuer === issuer ? { ...rest, clientId } : rest;
}

type Filters = Query<'listOwnOfClients'>;

function listHandlers(side: Side, lookUps: RateLimit): DescribedApi<AuthorizationRequest>['handlers'] {
  const own =
    (by: AuthorizationFilter['by']) =>
    ({ ctx, access, request, query }: Ask<undefined, Filters>): Promise<Reply> =>
      listed(ctx, listAuthorizations({ ...access, side }, request, filterIn(by, query), rangeOf(query)));
  const lookedUp =
    (by: AuthorizationFilter['by']) =>
    async ({ ctx, access, request, query, body }: Ask<Wire<'PersonQuestion'>, Filters>): Promise<Reply> => {
      const person = sound('/pid', parsePersonNumber(body.pid));
      if (request.caller.kind === 'machine') await lookUps.use(callerName(request.caller));
      return listed(ctx, listAuthorizations({ ...access, side }, request, filterIn(by, query), rangeOf(query), person));
    };
  return {
    listOwnOfClients: own('client'),
    listOwnOfScopes: own('owner'),
    lookUpOfClients: lookedUp('client'),
    lookUpOfScopes: lookedUp('owner'),
  };
}

async function listed(ctx: Ask['ctx'], found: ReturnType<typeof listAuthorizations>): Promise<Reply> {
  const { items, next } = await found;
  return pageOut(ctx, next, items.map(authorizationOut));
}

const otherHandlers: DescribedApi<AuthorizationRequest>['handlers'] = {
  async withdrawAuthorization({ access, request, params }: Ask): Promise<Reply> {
    await withdrawAuthorization(access, request, params['authorization_id'] ?? '');
    return { status: 204 };
  },
  async listLogins({ access, request, query }: Ask<undefined, Query<'listLogins'>>): Promise<Reply> {
    const { items } = await listLogins(access, request, { limit: query.maxhits ?? 100 });
    return { status: 200, body: items.map(loginOut) };
  },
  async listRevoked({ ctx, access, query }: Ask<undefined, Query<'listRevoked'>>): Promise<Reply> {
    const { items, next } = await listRevokedTokens(access, query.client_id, rangeOf(query));
    const body: Wire<'RevocationList'> = {
      created: access.clock(),
      revoked_access_tokens: items.map(({ jti, revoked, expiresAt }) => ({
        access_token_id: jti,
        revoked: Date.parse(revoked),
        expires: Date.parse(expiresAt),
      })),
    };
    return pageOut(ctx, next, body);
  },
};
