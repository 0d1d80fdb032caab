import type { TokenParts } from '../parts.js';
import { malformed, TokenFault } from '../token-fault.js';
import type { Assertion } from './assertion.js';

/** How far clocks may be apart. */
export const SKEW_SECONDS = 10;

/** Whether the assertion is meant for now, and for no longer than an assertion may live: that is reckoned without a skew. */
export function checkTimes({ claims }: Assertion, { clock, limits }: Pick<TokenParts, 'clock' | 'limits'>): object | TokenFault {
  const { iat, exp, nbf = iat } = claims;
  const now = clock() / 1000;
  if (exp <= iat) return malformed('the claim exp must be after iat');
  if (exp - iat > limits.assertionSeconds) return new TokenFault('lifetime-too-long', { detail: `${limits.assertionSeconds}` });
  if (Math.max(iat, nbf) > now + SKEW_SECONDS) return new TokenFault('issued-later');
  return exp < now - SKEW_SECONDS ? new TokenFault('MP-130') : {};
}
