import { hash } from 'node:crypto';
import type { BrukerId, PersonNumber } from '#domain';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
const DIGITS = 11;

/**
 * How persons are named under a secret: HMAC-SHA-256 (RFC 2104 §2) of the number, base64url. Two one-shot hashes over blocks that are
 * prepared once cost half of createHmac, and each decision names a person.
 * @param secret at most 64 bytes
 */
export function createNaming(secret: Uint8Array): (person: PersonNumber) => BrukerId {
  if (secret.length > BLOCK_BYTES) throw new TypeError(`the secret has more than ${BLOCK_BYTES} bytes`);
  const inner = Buffer.alloc(BLOCK_BYTES + DIGITS);
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);
  inner.set(secret);
  outer.set(secret);
  for (let i = 0; i < BLOCK_BYTES; i += 1) {
    inner.writeUInt8(inner.readUInt8(i) ^ 0x36, i);
    outer.writeUInt8(outer.readUInt8(i) ^ 0x5c, i);
  }
  return (person) => {
    // Otherwise digits of the last one would stay.
    if (person.length !== DIGITS) throw new TypeError(`a person number has ${DIGITS} digits`);
    inner.write(person, BLOCK_BYTES, 'latin1');
    outer.write(hash('sha256', inner, 'binary'), BLOCK_BYTES, 'latin1');
    return hash('sha256', outer, 'base64url') as BrukerId;
  };
}
