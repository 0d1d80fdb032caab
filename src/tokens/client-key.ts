import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint, type JWK } from 'jose';
import { Fault, present } from '#domain';

/** What an RSA key of a client must have at least (RFC 7518 §3.3). */
export const LEAST_KEY_BITS = 2048;
const ALGORITHM = 'RS256';
const ALGORITHMS: ReadonlySet<string> = new Set(['RS256', 'RS384', 'RS512']);
const MOST_BITS = 16_384;

/** What of a client's key is registered (RFC 7517). */
export interface PublicClientKey {
  /** By which the client names it; unless it was given another, its RFC 7638 thumbprint, so that it follows from the key. */
  readonly kid: string;
  readonly bits: number;
  /** Public members only. */
  readonly jwk: JWK & { readonly kid: string; readonly alg: string; readonly use: 'sig' };
}

/** What a client signs with. */
export interface ClientKey extends PublicClientKey {
  readonly privateKey: KeyObject;
}

/** Makes the key pair of a client. @param kid as for privateClientKey @returns the private half too, in PEM (PKCS #8) */
export async function makeClientKey(bits: number, kid?: string): Promise<PublicClientKey & { readonly privatePem: string }> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: bits });
  const made = await published(publicKey, present({ kid }));
  // One in 64 thumbprints looks like an option of a command.
  if (kid === undefined && made.kid.startsWith('-')) return makeClientKey(bits);
  return { ...made, privatePem: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string };
}

/** The private key of a text, which is PEM without a passphrase or a JWK. @param kid if it goes by another name than its own */
export async function privateClientKey(text: string, kid?: string): Promise<ClientKey | Fault> {
  const read = keyIn(text, 'private');
  if (read instanceof Fault) return read;
  return { ...(await published(read.key, { ...read.named, ...present({ kid }) })), privateKey: read.key };
}

/** The public key of a text, PEM or JWK; of a private one its public half. @param kid as for privateClientKey */
export async function publicClientKey(text: string, kid?: string): Promise<PublicClientKey | Fault> {
  const read = keyIn(text, 'public');
  if (read instanceof Fault) return read;
  return published(read.key, { ...read.named, ...present({ kid }) });
}

/** What a JWK says of itself beside its numbers. */
interface Named {
  readonly kid?: string;
  readonly alg?: string;
}

function keyIn(text: string, which: 'private' | 'public'): { readonly key: KeyObject; readonly named: Named } | Fault {
  let key: KeyObject;
  let named: Named = {};
  try {
    if (text.trimStart().startsWith('{')) {
      const jwk = JSON.parse(text) as JWK;
      named = nameOf(jwk);
      key = which === 'private' ? createPrivateKey({ key: jwk, format: 'jwk' }) : createPublicKey({ key: jwk, format: 'jwk' });
    } else key = which === 'private' ? createPrivateKey(text) : createPublicKey(text);
  } catch {
    // What the parser says may quote the key.
    return new Fault(`must hold a ${which} key: PEM without a passphrase, or one JWK (\`tilgang client keys new\` makes one)`);
  }
  const { modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType !== 'rsa' || modulusLength < LEAST_KEY_BITS || modulusLength > MOST_BITS)
    return new Fault(`must hold an RSA key of ${LEAST_KEY_BITS} bits or more`);
  return { key, named };
}

function nameOf({ kid, alg }: JWK): Named {
  return present({ kid: typeof kid === 'string' && kid !== '' ? kid : undefined, alg: ALGORITHMS.has(alg ?? '') ? alg : undefined });
}

async function published(key: KeyObject, { kid, alg = ALGORITHM }: Named): Promise<PublicClientKey> {
  const { kty, n, e } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' }) as {
    kty: 'RSA';
    n: string;
    e: string;
  };
  const name = kid ?? (await calculateJwkThumbprint({ kty, n, e }, 'sha256'));
  return { kid: name, bits: key.asymmetricKeyDetails?.modulusLength ?? 0, jwk: { kty, use: 'sig', alg, kid: name, n, e } };
}
