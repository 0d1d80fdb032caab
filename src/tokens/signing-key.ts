import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint } from 'jose';
import { longSignature } from './long-signature.js';
import { signature } from './signature.js';

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

/** A key of an issuer, ready to sign. */
export interface OpenKey extends TokenSigner {
  readonly jwk: PublicJwk;
  /** The signature of a JWS signing input, in base64url. */
  signText(text: string): Promise<string>;
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
export function openSigningKey(jwk: PublicJwk, secret: string): OpenKey {
  const { kid, alg } = jwk;
  const key = createPrivateKey({ key: JSON.parse(secret) as Record<string, string>, format: 'jwk' });
  const head = Buffer.from(JSON.stringify({ alg, kid })).toString('base64url');
  const make = isQuick(key) ? signature : longSignature;
  const signText = async (text: string): Promise<string> => make({ key, text });
  return {
    jwk,
    signText,
    async sign(claims, { expiresInSeconds, now }) {
      const iat = Math.floor(now / 1000);
      const payload = JSON.stringify({ ...claims, iat, exp: iat + expiresInSeconds });
      const signed = `${head}.${Buffer.from(payload).toString('base64url')}`;
      return `${signed}.${await signText(signed)}`;
    },
  };
}

/** Of RSA; a demo's key is no longer. */
const MOST_QUICK_BITS = 2048;

/** Whether it signs in less than a millisecond: a way through another thread would cost as much. */
function isQuick({ asymmetricKeyDetails }: KeyObject): boolean {
  return (asymmetricKeyDetails?.modulusLength ?? 0) <= MOST_QUICK_BITS;
}
