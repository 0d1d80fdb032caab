import { createHash } from 'node:crypto';
import type { SenderStanding, TokenParts } from '../parts.js';
import type { Assertion } from './assertion.js';

/**
 * Lets the limit of refusals count the attempt. Client and key together: whoever knows only the client id, which stands in each of its tokens, does not use up
 * what the client itself may do. What is refused while the sender only says who it is, or shows what has been used, never counts against whoever it says to be.
 */
export function admit(standing: SenderStanding) {
  return async ({ header, claims }: Assertion, parts: Pick<TokenParts, 'admit'>): Promise<object> => {
    const sender = createHash('sha256')
      .update(JSON.stringify([claims.iss, header.kid, header.x5c]))
      .digest('base64url');
    const admitted = parts.admit(sender, standing);
    if (admitted instanceof Promise) await admitted;
    return {};
  };
}
