import { type KeyObject, verify } from 'node:crypto';
import { TokenFault } from '../token-fault.js';
import type { Assertion, AssertionAlgorithm } from './assertion.js';
import type { FoundKey } from './certificate.js';

/** RFC 7518 §3.3; the padding is PKCS #1 v1.5, which Node takes for RSA keys. */
const HASHES = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' } as const satisfies Record<AssertionAlgorithm, string>;

/** Whether the assertion was signed with the key. From here on its claims are the client's own. */
export function checkSignature({
  assertion,
  header,
  key,
}: Assertion & FoundKey & { readonly assertion: string }): object | TokenFault | Promise<object | TokenFault> {
  const end = assertion.lastIndexOf('.');
  const signature = Buffer.from(assertion.slice(end + 1), 'base64url');
  const signed = Buffer.from(assertion.slice(0, end));
  const hash = HASHES[header.alg];
  if (isQuick(key)) return outcomeOf(isVerified(hash, signed, key, signature));
  return new Promise((resolve) => {
    verify(hash, signed, key, signature, (error, isRight) => resolve(outcomeOf(error === null && isRight)));
  });
}

/** What cannot be verified is not right. */
function isVerified(hash: string, signed: Buffer, key: KeyObject, signature: Buffer): boolean {
  try {
    return verify(hash, signed, key, signature);
  } catch {
    return false;
  }
}

function outcomeOf(isRight: boolean): object | TokenFault {
  return isRight ? {} : new TokenFault('MP-124');
}

const MOST_QUICK_BITS = 4096;
const MOST_QUICK_EXPONENT = 65_537n;

/** Verified at once, in 30 to 100 µs: a way through the thread pool costs more. A longer key, or one with a large exponent, would hold up the others. */
function isQuick({ asymmetricKeyDetails }: KeyObject): boolean {
  const { modulusLength, publicExponent } = asymmetricKeyDetails ?? {};
  if (modulusLength === undefined || publicExponent === undefined) return false;
  return modulusLength <= MOST_QUICK_BITS && publicExponent <= MOST_QUICK_EXPONENT;
}
