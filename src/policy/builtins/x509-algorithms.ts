import { createPublicKey, type KeyObject } from 'node:crypto';
import { Der, malformed, TAG } from './der.js';

/** A public key that Go knows, in the kinds that it has. */
export type PublicKey =
  | { readonly kind: 'rsa'; readonly n: bigint; readonly e: bigint }
  | { readonly kind: 'dsa'; readonly p: bigint; readonly q: bigint; readonly g: bigint; readonly y: bigint }
  | { readonly kind: 'ecdsa'; readonly curve: string; readonly x: bigint; readonly y: bigint }
  | { readonly kind: 'ed25519'; readonly bytes: Buffer };

/** Go's numbers of the kinds. */
export const KEY_NUMBERS = { rsa: 1, dsa: 2, ecdsa: 3, ed25519: 4 } as const;

const SIGNATURES: Readonly<Record<string, number>> = {
  '1.2.840.113549.1.1.4': 2,
  '1.2.840.113549.1.1.5': 3,
  '1.3.14.3.2.29': 3,
  '1.2.840.113549.1.1.11': 4,
  '1.2.840.113549.1.1.12': 5,
  '1.2.840.113549.1.1.13': 6,
  '1.2.840.10040.4.3': 7,
  '2.16.840.1.101.3.4.3.2': 8,
  '1.2.840.10045.4.1': 9,
  '1.2.840.10045.4.3.2': 10,
  '1.2.840.10045.4.3.3': 11,
  '1.2.840.10045.4.3.4': 12,
};

const PSS_HASHES: Readonly<Record<string, readonly [number, bigint]>> = {
  '2.16.840.1.101.3.4.2.1': [13, 32n],
  '2.16.840.1.101.3.4.2.2': [14, 48n],
  '2.16.840.1.101.3.4.2.3': [15, 64n],
};

/** Go's number of a signature algorithm, 0 for one that it does not know. */
export function signatureAlgorithmOf(identifier: Der): number {
  const oid = identifier.oid().join('.');
  const parameters = identifier.isEmpty ? undefined : identifier.any();
  if (oid === '1.3.101.112') return parameters === undefined ? 16 : 0;
  if (oid !== '1.2.840.113549.1.1.10') return SIGNATURES[oid] ?? 0;
  try {
    return parameters?.tag === TAG.sequence ? pssOf(new Der(parameters.content)) : 0;
  } catch {
    return 0;
  }
}

/** RFC 4055 §3.1: only where the hashes are one, and the salt is as long as it. */
function pssOf(parameters: Der): number {
  const hash = new Der(parameters.content(0xa0)).inside(TAG.sequence);
  const oid = hash.oid().join('.');
  const mask = new Der(parameters.content(0xa1)).inside(TAG.sequence);
  const isMgf1 = mask.oid().join('.') === '1.2.840.113549.1.1.8';
  const maskOid = mask.inside(TAG.sequence).oid().join('.');
  const salt = new Der(parameters.content(0xa2)).integer();
  const trailer = parameters.optional(0xa3);
  const [number, length] = PSS_HASHES[oid] ?? [0, 0n];
  const isPlain = isMgf1 && maskOid === oid && salt === length && (trailer === undefined || new Der(trailer).integer() === 1n);
  return isPlain ? number : 0;
}

const CURVES: Readonly<Record<string, readonly [string, number]>> = {
  '1.3.132.0.33': ['P-224', 28],
  '1.2.840.10045.3.1.7': ['P-256', 32],
  '1.3.132.0.34': ['P-384', 48],
  '1.3.132.0.35': ['P-521', 66],
};

/** The key in what stands in a SubjectPublicKeyInfo; `undefined` for a kind that Go does not know. @throws BuiltinError for a broken one */
export function publicKeyOf(info: Der): PublicKey | undefined {
  const algorithm = info.inside(TAG.sequence);
  const oid = algorithm.oid().join('.');
  const parameters = algorithm.isEmpty ? undefined : algorithm.any();
  const bits = info.bitString();
  switch (oid) {
    case '1.2.840.113549.1.1.1': {
      if (parameters?.whole.toString('hex') !== '0500') throw malformed();
      const inside = new Der(bits).inside(TAG.sequence);
      const [n, e] = [inside.integer(), inside.integer()];
      if (n <= 0n || e <= 0n || e >= 2n ** 63n) throw malformed();
      return { kind: 'rsa', n, e };
    }
    case '1.2.840.10040.4.1': {
      if (parameters?.tag !== TAG.sequence) throw malformed();
      const inside = new Der(parameters.content);
      const [p, q, g, y] = [inside.integer(), inside.integer(), inside.integer(), new Der(bits).integer()];
      if (p <= 0n || q <= 0n || g <= 0n || y <= 0n) throw malformed();
      return { kind: 'dsa', p, q, g, y };
    }
    case '1.2.840.10045.2.1':
      return ecdsaOf(parameters?.tag === TAG.oid ? new Der(parameters.whole).oid().join('.') : '', bits);
    case '1.3.101.112':
      if (parameters !== undefined || bits.length !== 32) throw malformed();
      return { kind: 'ed25519', bytes: bits };
    default:
      return undefined;
  }
}

function ecdsaOf(oid: string, point: Buffer): PublicKey {
  const [curve, bytes] = CURVES[oid] ?? ['', 0];
  if (bytes === 0 || point.length !== 1 + 2 * bytes || point[0] !== 4) throw malformed();
  const [x, y] = [point.subarray(1, 1 + bytes), point.subarray(1 + bytes)];
  // A point off its curve is no key, and OpenSSL says so.
  if (curve !== 'P-224') keyFrom({ kty: 'EC', crv: curve, x: x.toString('base64url'), y: y.toString('base64url') });
  return { kind: 'ecdsa', curve, x: bigOf(x), y: bigOf(y) };
}

/** The key that a JWK is. @throws BuiltinError for what is none */
function keyFrom(jwk: Readonly<Record<string, string>>): KeyObject {
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' });
  } catch {
    throw malformed();
  }
}

/** Bytes as a whole number. */
export function bigOf(bytes: Buffer): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`);
}
