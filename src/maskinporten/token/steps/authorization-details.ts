import { toInstant } from '#domain';
import type { JsonObject } from '../json-object.js';
import type { TokenParts } from '../parts.js';
import { TokenFault } from '../token-fault.js';
import type { Assertion } from './assertion.js';
import type { FoundClient } from './client.js';
import type { Grant } from './scopes.js';

/** What the token says of the authorization details that were asked for (RFC 9396); each type has its handler. */
export async function answerDetails(
  { claims, client, grant }: Assertion & FoundClient & { readonly grant: Grant },
  { authorizationDetails: handlers, clock }: Pick<TokenParts, 'authorizationDetails' | 'clock'>,
): Promise<{ readonly details?: readonly JsonObject[] } | TokenFault> {
  const asked = claims.authorizationDetails;
  if (asked === undefined) return {};
  const by = { clientId: client.id, consumer: grant.consumer, now: toInstant(clock()) };
  const details: JsonObject[] = [];
  for (const one of asked) {
    const answer = await handlers.get(one['type'] as string)?.(one, by);
    if (answer === undefined) return new TokenFault('MP-301');
    if (answer instanceof TokenFault) return answer;
    details.push(answer);
  }
  return { details };
}
