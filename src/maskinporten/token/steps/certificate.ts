import type { KeyObject } from 'node:crypto';
import type { TokenParts } from '../parts.js';
import { TokenFault } from '../token-fault.js';
import type { FoundClient } from './client.js';

/** By what the signature is to be verified, and how the client has shown who it is. */
export interface FoundKey {
  readonly key: KeyObject;
  readonly amr: 'private_key_jwt' | 'virksomhetssertifikat';
}

/** The most that a chain has: its own, two issuers between, a root. */
const MAX_CERTIFICATES = 5;
const MAX_CHARACTERS = 16_384;

/** The key of the organisation certificate that was sent, if it is trusted and of the organisation that the client is kept by. */
export async function certificateKey(
  x5c: unknown,
  { client }: FoundClient,
  { certificates, clock }: Pick<TokenParts, 'certificates' | 'clock'>,
): Promise<FoundKey | TokenFault> {
  if (!isChain(x5c)) {
    return new TokenFault('MP-123', {
      detail: `it must be an array of 1 to ${MAX_CERTIFICATES} texts, each a certificate as DER in base64, leaf first`,
    });
  }
  const judged = await certificates.judge(x5c, clock());
  if (judged instanceof TokenFault) return judged;
  if (judged.orgnr !== (client.supplier ?? client.orgnr)) return new TokenFault('MP-122');
  return { key: judged.publicKey, amr: 'virksomhetssertifikat' };
}

function isChain(value: unknown): value is readonly string[] {
  const isCertificate = (one: unknown): boolean =>
    typeof one === 'string' && one !== '' && one.length <= MAX_CHARACTERS && Buffer.from(one, 'base64').toString('base64') === one;
  return Array.isArray(value) && value.length > 0 && value.length <= MAX_CERTIFICATES && value.every(isCertificate);
}
