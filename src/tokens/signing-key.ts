import { createPrivateKey, generateKeyPair, type KeyObject, sign as signBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { calculateJwkThumbprint } from 'jose';

/** What our own issuers sign with (RFC 7518 §3.1). */
export const signingAlgorithms = ['RS256', 'ES256'] as const;

/** One of them. */
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

/** The public half of a signing key (RFC 7517); `kid` is its RFC 7638 thumbprint (SHA-256). */
export type PublicJwk = {
  readonly kid: string;
  readonly use: 'sig';
} & (
  | { readonly kty: 'RSA'; readonly alg: 'RS256'; readonly n: string; readonly e: string }
  | { readonly kty: 'EC'; readonly alg: 'ES256'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
);

/** A document of public keys (RFC 7517 §5). */
export interface JwkSet {
  readonly keys: readonly PublicJwk[];
}

/** Signs claims as compact JWTs. */
export interface TokenSigner {
  /** The claims with `iat` and `exp`; `now` in milliseconds since the epoch. */
  sign(claims: object, times: { readonly expiresInSeconds: number; readonly now: number }): Promise<string>;
}

/** A new key pair: what may be published, and the private half as the text of a JWK, which is sealed before it is kept anywhere. */
export interface NewSigningKey {
  readonly jwk: PublicJwk;
  readonly secret: string;
}

const generate = promisify(generateKeyPair);

/** Makes a key pair in the thread pool. With 4096 bits it takes some seconds. @param modulusBits of RSA */
export async function generateSigningKey(algorithm: SigningAlgorithm, modulusBits: number): Promise<NewSigningKey> {
  const { publicKey, privateKey } =
    algorithm === 'RS256' ? await generate('rsa', { modulusLength: modulusBits }) : await generate('ec', { namedCurve: 'P-256' });
  const members = publicKey.export({ format: 'jwk' });
  const kid = await calculateJwkThumbprint(members as Parameters<typeof calculateJwkThumbprint>[0], 'sha256');
  const jwk = { ...members, kid, use: 'sig', alg: algorithm } as PublicJwk;
  return { jwk, secret: JSON.stringify(privateKey.export({ format: 'jwk' })) };
}

/** The key, ready to sign. @param secret as generateSigningKey made it */
export function openSigningKey({ kid, alg }: PublicJwk, secret: string): TokenSigner {
  const key = createPrivateKey({ key: JSON.parse(secret) as Record<string, string>, format: 'jwk' });
  const head = Buffer.from(JSON.stringify({ alg, kid })).toString('base64url');
  const make = alg === 'RS256' ? (bytes: Buffer) => inTurn(() => longSignature(key, bytes)) : (bytes: Buffer) => shortSignature(key, bytes);
  return {
    async sign(claims, { expiresInSeconds, now }) {
      const iat = Math.floor(now / 1000);
      const payload = JSON.stringify({ ...claims, iat, exp: iat + expiresInSeconds });
      const signed = `${head}.${Buffer.from(payload).toString('base64url')}`;
      const made = make(Buffer.from(signed));
      return `${signed}.${(made instanceof Promise ? await made : made).toString('base64url')}`;
    },
  };
}

/** One core is left to the requests, and threads of the pool to the store, which flushes in it: a signature of 4096 bits takes milliseconds of one. */
const AT_ONCE = Math.max(1, availableParallelism() - 1);
let working = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (working < AT_ONCE) working += 1;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    // The next one takes the place over.
    if (next === undefined) working -= 1;
    else next();
  }
}

/** At once: some 40 µs, which is what a way through the thread pool costs. RFC 7518 §3.4: both numbers side by side, not as ASN.1. */
function shortSignature(key: KeyObject, bytes: Buffer): Buffer {
  return signBytes('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' });
}

/** In the thread pool: a signature of 4096 bits would hold every other request for milliseconds. By Node itself, which takes a third of the time that it takes by way of Web Crypto (0065). */
function longSignature(key: KeyObject, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    signBytes('sha256', bytes, key, (error, made) => (error === null ? resolve(made) : reject(error)));
  });
}
