import type { AdminRequest } from '#access';
import { toInstant } from '#domain';
import { type Asking, NOBODYS } from '#systembruker';
import type { AdminExchange } from '../../admin-api.js';
import type { DescribedApi } from '../../described-api.js';
import { forParty, partyOf, type Telling } from '../user-wire.js';
import type { components } from './wire.gen.js';

/** The handlers of a part of the API. */
export type Handlers = DescribedApi<AdminRequest>['handlers'];
/** A request as a handler takes it. */
export type Ask<Body = undefined, Query = { readonly token?: string }> = AdminExchange<Body, Query>;
/** A form of the API by its name in openapi.yaml. */
export type Wire<Name extends keyof components['schemas']> = components['schemas'][Name];

/** The same where the path names the business twice, as Altinn's does. */
export function forPartyTwice(ask: Pick<Ask, 'request' | 'params'>): Asking {
  const asking = forParty(ask);
  return asking.orgnr === partyOf(ask.params['orgno']) ? asking : { ...asking, orgnr: NOBODYS };
}

/** Which request, change request, or system user. */
export function idIn({ params }: Pick<Ask, 'params'>): string {
  const { requestId, agentRequestId, changeId, systemUserId, fromId } = params;
  return requestId ?? agentRequestId ?? changeId ?? systemUserId ?? fromId ?? '';
}

/** What requests are told by. */
export function telling(origin: string, { access }: Pick<Ask, 'access'>): Telling {
  return { origin, at: toInstant(access.clock()) };
}
