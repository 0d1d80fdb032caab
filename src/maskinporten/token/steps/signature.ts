import { verify } from 'node:crypto';
import { TokenFault } from '../token-fault.js';
import type { Assertion, AssertionAlgorithm } from './assertion.js';
import type { FoundKey } from './certificate.js';

/** RFC 7518 §3.3; the padding is PKCS #1 v1.5, which Node takes for RSA keys. */
const HASHES = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' } as const satisfies Record<AssertionAlgorithm, string>;

/** Whether the assertion was signed with the key. From here on its claims are the client's own. In the thread pool: a long key takes a while. */
export function checkSignature({
  assertion,
  header,
  key,
}: Assertion & FoundKey & { readonly assertion: string }): Promise<object | TokenFault> {
  const end = assertion.lastIndexOf('.');
  const signature = Buffer.from(assertion.slice(end + 1), 'base64url');
  return new Promise((resolve) => {
    verify(HASHES[header.alg], Buffer.from(assertion.slice(0, end)), key, signature, (error, isRight) => {
      resolve(error === null && isRight ? {} : new TokenFault('MP-124'));
    });
  });
}
