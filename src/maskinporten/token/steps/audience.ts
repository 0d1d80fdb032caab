import type { TokenParts } from '../parts.js';
import { TokenFault } from '../token-fault.js';
import type { Assertion } from './assertion.js';

/** Whether the assertion is for this issuer and nobody else: its name as one text (or alone in an array, which RFC 7519 §4.1.3 makes the same). */
export function checkAudience({ claims: { aud } }: Assertion, { issuer }: Pick<TokenParts, 'issuer'>): object | TokenFault {
  const only: unknown = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  return only === issuer.name ? {} : new TokenFault('MP-110');
}
