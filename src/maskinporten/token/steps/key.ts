import { importJWK } from 'jose';
import { toInstant } from '#domain';
import type { ClientKey } from '../../nouns.js';
import type { TokenParts } from '../parts.js';
import { malformed, TokenFault } from '../token-fault.js';
import type { Assertion } from './assertion.js';
import { certificateKey } from './certificate.js';
import type { FoundClient } from './client.js';

/** By what the signature is to be verified, and how the client has shown who it is. */
export interface FoundKey {
  readonly key: CryptoKey;
  readonly amr: 'private_key_jwt' | 'virksomhetssertifikat';
}

/** A registered key by its kid, or that of an organisation certificate, which only clients without registered keys may use. */
export function findKey(known: Assertion & FoundClient, parts: TokenParts): Promise<FoundKey | TokenFault> | TokenFault {
  const { header, client } = known;
  if (header.kid !== undefined) return registeredKey(known, header.kid, parts);
  if (client.keys.length > 0) return new TokenFault('registered-key-required');
  if (header.x5c === undefined) return malformed('the header must have kid or x5c');
  return certificateKey(header.x5c, known, parts);
}

async function registeredKey(
  { header, client, clientRevision }: Assertion & FoundClient,
  kid: string,
  { clock, certificates }: TokenParts,
): Promise<FoundKey | TokenFault> {
  const registered = client.keys.find((one) => one.kid === kid);
  if (registered === undefined) return new TokenFault('unknown-key');
  const now = clock();
  if (registered.until <= toInstant(now)) return new TokenFault('MP-121');
  // A key is for one algorithm (RFC 8725 §3.1).
  if (registered.alg !== header.alg) return new TokenFault('MP-124');
  const chain = registered.jwk['x5c'];
  if (chain !== undefined) {
    // The key is locked to its certificate: it ends with it.
    const judged = await certificates.judge(chain as readonly string[], now);
    if (judged instanceof TokenFault) return judged;
  }
  return { key: await imported(`${client.id} ${clientRevision}`, registered), amr: 'private_key_jwt' };
}

/** Making a key ready costs more than a request has to spend. A changed client is another one here. */
const ready = new Map<string, Promise<CryptoKey>>();
const MOST_READY = 10_000;

function imported(of: string, { kid, alg, jwk }: ClientKey): Promise<CryptoKey> {
  const name = `${of} ${kid}`;
  let key = ready.get(name);
  if (key === undefined) {
    // A Map keeps the order of insertion.
    if (ready.size >= MOST_READY) ready.delete(ready.keys().next().value as string);
    key = importJWK({ kty: 'RSA', n: jwk['n'] as string, e: jwk['e'] as string }, alg) as Promise<CryptoKey>;
    ready.set(name, key);
    key.catch(() => ready.delete(name));
  }
  return key;
}
