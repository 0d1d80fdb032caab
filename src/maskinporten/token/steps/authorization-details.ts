import { toInstant } from '#domain';
import type { JsonObject } from '../json-object.js';
import type { DetailsHandler, TokenParts } from '../parts.js';
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
  parts: Pick<TokenParts, 'authorizationDetails' | 'clock' | 'store' | 'judge'>,
): FoundDetails | TokenFault | Promise<FoundDetails | TokenFault> {
  if (asked === undefined) return {};
  const by = { clientId: client.id, consumer: grant.consumer, now: toInstant(parts.clock()), isAlone: asked.length === 1 };
  return detailsFor(asked, by, parts);
}

async function detailsFor(
  asked: readonly JsonObject[],
  by: Parameters<DetailsHandler>[1],
  parts: Parameters<DetailsHandler>[2] & Pick<TokenParts, 'authorizationDetails'>,
): Promise<FoundDetails | TokenFault> {
  const details: JsonObject[] = [];
  for (const one of asked) {
    const answer = await parts.authorizationDetails.get(one['type'] as string)?.(one, by, parts);
    if (answer === undefined) return new TokenFault('MP-301');
    if (answer instanceof TokenFault) return answer;
    details.push(answer);
  }
  return { details };
}
