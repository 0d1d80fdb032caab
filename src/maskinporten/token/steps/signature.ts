import { compactVerify } from 'jose';
import { TokenFault } from '../token-fault.js';
import type { Assertion } from './assertion.js';
import type { FoundKey } from './certificate.js';

/** Whether the assertion was signed with the key. From here on its claims are the client's own. */
export async function checkSignature({
  assertion,
  header,
  key,
}: Assertion & FoundKey & { readonly assertion: string }): Promise<object | TokenFault> {
  try {
    await compactVerify(assertion, key, { algorithms: [header.alg] });
    return {};
  } catch {
    return new TokenFault('MP-124');
  }
}
