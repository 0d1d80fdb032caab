import { createPrivateKey, type KeyObject } from 'node:crypto';
import { BuiltinError } from './builtin.js';
import { bigOf } from './x509-algorithms.js';

/** A private key that Go knows too, as a JWK (RFC 7517): RSA, EC on a NIST curve, Ed25519, X25519. */
export interface PrivateKey {
  readonly jwk: Readonly<Record<string, string>>;
  readonly key: KeyObject;
}

const KINDS: ReadonlyMap<string, 'pkcs1' | 'pkcs8' | 'sec1'> = new Map([
  ['RSA PRIVATE KEY', 'pkcs1'],
  ['PRIVATE KEY', 'pkcs8'],
  ['EC PRIVATE KEY', 'sec1'],
]);

/** The key in a block of PEM of that type; `undefined` for a type that holds no key. @throws BuiltinError for a broken key */
export function privateKeyOf(type: string, der: Buffer): PrivateKey | undefined {
  const kind = KINDS.get(type);
  return kind === undefined ? undefined : readKey(der, kind);
}

/** The key, whichever of the three forms it has. */
export function anyPrivateKey(der: Buffer): PrivateKey {
  for (const kind of ['pkcs1', 'pkcs8', 'sec1'] as const) {
    try {
      return readKey(der, kind);
    } catch (cause) {
      if (!(cause instanceof BuiltinError)) throw cause;
    }
  }
  throw new BuiltinError('no private key');
}

function readKey(der: Buffer, type: 'pkcs1' | 'pkcs8' | 'sec1'): PrivateKey {
  try {
    const key = createPrivateKey({ key: der, format: 'der', type });
    const jwk = key.export({ format: 'jwk' }) as Record<string, string>;
    if (jwk['kty'] === 'OKP' ? jwk['crv'] === 'Ed25519' || jwk['crv'] === 'X25519' : jwk['crv'] !== 'secp256k1') return { jwk, key };
  } catch (cause) {
    throw new BuiltinError('no private key', { cause });
  }
  throw new BuiltinError('a private key of a kind that is not known');
}

/** A private key with the fields of Go's type for it. */
export function privateKeyValue({ jwk }: PrivateKey): unknown {
  const field = (name: string): Buffer => Buffer.from(jwk[name] ?? '', 'base64url');
  const whole = (name: string): bigint => bigOf(field(name));
  if (jwk['kty'] === 'EC') return { Curve: {}, X: whole('x'), Y: whole('y'), D: whole('d') };
  if (jwk['kty'] === 'OKP') return jwk['crv'] === 'Ed25519' ? Buffer.concat([field('d'), field('x')]).toString('base64') : {};
  return {
    N: whole('n'),
    E: whole('e'),
    D: whole('d'),
    Primes: [whole('p'), whole('q')],
    Precomputed: { Dp: whole('dp'), Dq: whole('dq'), Qinv: whole('qi'), CRTValues: [] },
  };
}
