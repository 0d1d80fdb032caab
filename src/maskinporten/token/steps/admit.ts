import { hash } from 'node:crypto';
import type { TokenParts } from '../parts.js';
import type { Assertion } from './assertion.js';

/**
 * Lets the sender's limit of refusals count the attempt, before it costs a reading or a signature. Client and key together: whoever knows only the client id,
 * which stands in each of its tokens, does not use up what the client itself may do.
 */
export function admit({ header, claims }: Assertion, parts: Pick<TokenParts, 'admit'>): object | Promise<object> {
  const sender = JSON.stringify([claims.iss, header.kid, header.x5c]);
  const admitted = parts.admit(sender.length <= MOST_PLAIN ? sender : hash('sha256', sender, 'base64url'));
  return admitted instanceof Promise ? admitted.then(() => ADMITTED) : ADMITTED;
}

const ADMITTED = {};
/** The limit remembers senders: none takes more than a line of it. */
const MOST_PLAIN = 200;
