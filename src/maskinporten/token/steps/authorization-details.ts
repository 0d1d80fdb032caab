import { toInstant } from '#domain';
import type { JsonObject } from '../json-object.js';
import type { AuthorizationDetails, DetailsHandler, TokenParts } from '../parts.js';
import { TokenFault } from '../token-fault.js';
import type { Assertion } from './assertion.js';
import type { FoundClient } from './client.js';
import type { Grant } from './scopes.js';

/** What stands in the token, if anything was asked for. */
export interface FoundDetails {
  readonly details?: readonly JsonObject[];
}

/** What the token says of the authorization details that were asked for (RFC 9396); each type has its handler. */
export function answerDetails(
  { claims: { authorizationDetails: asked }, client, grant }: Assertion & FoundClient & { readonly grant: Grant },
  { authorizationDetails: handlers, clock }: Pick<TokenParts, 'authorizationDetails' | 'clock'>,
): FoundDetails | TokenFault | Promise<FoundDetails | TokenFault> {
  if (asked === undefined) return {};
  return detailsFor(asked, handlers, { clientId: client.id, consumer: grant.consumer, now: toInstant(clock()) });
}

async function detailsFor(
  asked: readonly JsonObject[],
  handlers: AuthorizationDetails,
  by: Parameters<DetailsHandler>[1],
): Promise<FoundDetails | TokenFault> {
  const details: JsonObject[] = [];
  for (const one of asked) {
    const answer = await handlers.get(one['type'] as string)?.(one, by);
    if (answer === undefined) return new TokenFault('MP-301');
    if (answer instanceof TokenFault) return answer;
    details.push(answer);
  }
  return { details };
}
