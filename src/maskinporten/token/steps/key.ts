import { createPublicKey, type KeyObject } from 'node:crypto';
import { toInstant } from '#domain';
import type { ClientKey } from '../../nouns.js';
import type { TokenParts } from '../parts.js';
import { malformed, TokenFault } from '../token-fault.js';
import type { Assertion } from './assertion.js';
import { certificateKey, type FoundKey } from './certificate.js';
import type { FoundClient } from './client.js';

/** A registered key by its kid, or that of an organisation certificate, which only clients without registered keys may use. */
export function findKey(known: Assertion & FoundClient, parts: TokenParts): FoundKey | TokenFault | Promise<FoundKey | TokenFault> {
  const { header, client } = known;
  if (header.kid !== undefined) return registeredKey(known, header.kid, parts);
  if (client.keys.length > 0) return new TokenFault('registered-key-required');
  if (header.x5c === undefined) return malformed('the header must have kid or x5c');
  return certificateKey(header.x5c, known, parts);
}

function registeredKey(
  known: Assertion & FoundClient,
  kid: string,
  parts: TokenParts,
): FoundKey | TokenFault | Promise<FoundKey | TokenFault> {
  const { header, client, clientRevision } = known;
  const registered = client.keys.find((one) => one.kid === kid);
  if (registered === undefined) return new TokenFault('unknown-key');
  if (registered.until <= toInstant(parts.clock())) return new TokenFault('MP-121');
  // A key is for one algorithm (RFC 8725 §3.1).
  if (registered.alg !== header.alg) return new TokenFault('MP-124');
  const amr = 'private_key_jwt';
  const chain = registered.jwk['x5c'];
  if (chain === undefined) return { key: readied(`${client.id} ${clientRevision}`, registered), amr };
  // Locked to its certificate: it is that one's key, and ends with it.
  return certificateKey(chain, known, parts).then((found) => (found instanceof TokenFault ? found : { ...found, amr }));
}

/** Making a key ready costs more than a request has to spend. A changed client is another one here. */
const ready = new Map<string, KeyObject>();
const MOST_READY = 10_000;

function readied(of: string, { kid, jwk }: ClientKey): KeyObject {
  const name = `${of} ${kid}`;
  let key = ready.get(name);
  if (key === undefined) {
    // A Map keeps the order of insertion.
    if (ready.size >= MOST_READY) ready.delete(ready.keys().next().value as string);
    key = createPublicKey({ key: { kty: 'RSA', n: jwk['n'] as string, e: jwk['e'] as string }, format: 'jwk' });
    ready.set(name, key);
  }
  return key;
}
