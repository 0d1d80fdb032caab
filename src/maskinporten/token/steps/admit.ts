import { createHash } from 'node:crypto';
import type { TokenParts } from '../parts.js';
import type { Assertion } from './assertion.js';

/**
 * Lets the sender's limit of refusals count the attempt, before it costs a reading or a signature. Client and key together: whoever knows only the client id,
 * which stands in each of its tokens, does not use up what the client itself may do.
 */
export async function admit({ header, claims }: Assertion, parts: Pick<TokenParts, 'admit'>): Promise<object> {
  const admitted = parts.admit(
    createHash('sha256')
      .update(JSON.stringify([claims.iss, header.kid, header.x5c]))
      .digest('base64url'),
  );
  if (admitted instanceof Promise) await admitted;
  return {};
}
