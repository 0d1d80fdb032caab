import { KeyObject, verify } from 'node:crypto';
import { TokenFault } from '../token-fault.js';
import type { Assertion, AssertionAlgorithm } from './assertion.js';
import type { FoundKey } from './key.js';

const HASHES = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' } as const satisfies Record<AssertionAlgorithm, string>;

/**
 * Whether the assertion was signed with the key (RFC 7515 §5.2). From here on its claims are the client's own. In the thread pool, by Node itself: by way of
 * Web Crypto it takes twice as long (0065).
 */
export async function checkSignature({
  assertion,
  header,
  key,
}: Assertion & FoundKey & { readonly assertion: string }): Promise<object | TokenFault> {
  const end = assertion.lastIndexOf('.');
  const [signed, signature] = [Buffer.from(assertion.slice(0, end)), Buffer.from(assertion.slice(end + 1), 'base64url')];
  const isRight = await new Promise<boolean>((resolve) => {
    verify(HASHES[header.alg], signed, KeyObject.from(key), signature, (error, verified) => resolve(error === null && verified));
  });
  return isRight ? {} : new TokenFault('MP-124');
}
