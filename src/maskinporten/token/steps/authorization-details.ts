import type { DetailsQuestion, TokenParts } from '../parts.js';
import { TokenFault } from '../token-fault.js';
import type { Assertion } from './assertion.js';
import type { FoundClient } from './client.js';

/** What is to be judged together with the scopes, if anything was asked for; a fault of it is told after theirs. */
export interface AskedDetails {
  readonly asked: DetailsQuestion | TokenFault | undefined;
}

/** What the authorization details that were asked for ask (RFC 9396); each type has its handler, and the first that is faulty stands for all. */
export function readDetails(
  { claims: { authorizationDetails: sent }, client }: Assertion & FoundClient,
  parts: Pick<TokenParts, 'authorizationDetails' | 'store'>,
): AskedDetails {
  if (sent === undefined) return { asked: undefined };
  const [first] = sent;
  const handler = parts.authorizationDetails.get(first?.['type'] as string);
  if (first === undefined || handler === undefined) return { asked: new TokenFault('MP-301') };
  return { asked: handler(first, { clientId: client.id, isAlone: sent.length === 1 }, parts) };
}
