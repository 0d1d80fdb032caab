import { hash } from 'node:crypto';
import type { SenderStanding, TokenParts } from '../parts.js';
import type { Assertion } from './assertion.js';

const ADMITTED = {};
/** The limit remembers senders: none takes more than a line of it. */
const MOST_PLAIN = 200;

/**
 * Lets the limit of refusals count the attempt. Client and key together: whoever knows only the client id, which stands in each of its tokens, does not use up
 * what the client itself may do. What is refused while the sender only says who it is, or shows what has been used, never counts against whoever it says to be.
 */
export function admit(standing: SenderStanding) {
  return ({ header, claims }: Assertion, parts: Pick<TokenParts, 'admit'>): object | Promise<object> => {
    const sender = JSON.stringify([claims.iss, header.kid, header.x5c]);
    const admitted = parts.admit(sender.length <= MOST_PLAIN ? sender : hash('sha256', sender, 'base64url'), standing);
    return admitted instanceof Promise ? admitted.then(() => ADMITTED) : ADMITTED;
  };
}
