import {
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { isArray, RegoObject, type Term } from '../terms/index.js';
import { BuiltinError } from './builtin.js';
import { fromBase64Url } from './bytes.js';
import { fromJson } from './from-json.js';
import { compiledOnce } from './once-compiled.js';
import { pemBlock } from './pem.js';
import { parseCertificates } from './x509-certificate.js';

/** A key that a token is verified or signed with. */
export interface TokenKey {
  /** Absent for the public key of a certificate that is of no known kind. */
  readonly key: KeyObject | undefined;
  /** Empty if the key does not say. */
  readonly alg: string;
  readonly kid: string;
}

/** The algorithms of tokens that OPA knows (RFC 7518 §3.1, RFC 8037). */
export const ALGORITHMS: ReadonlySet<string> = new Set(
  ['RS', 'PS', 'ES', 'HS'].flatMap((family) => ['256', '384', '512'].map((bits) => `${family}${bits}`)).concat('EdDSA'),
);

/** The keys in a certificate or public key in PEM, or in a JWK or a set of them. @throws BuiltinError for what is none of these */
export const tokenKeysOf = compiledOnce(100, (text): readonly TokenKey[] => {
  const block = pemBlock(text);
  if (block === undefined) return jwksOf(text).flatMap((key) => (key.alg === '' || ALGORITHMS.has(key.alg) ? [key] : []));
  if (block.rest !== '') throw new BuiltinError('extra data after a PEM block');
  if (block.type === 'PUBLIC KEY') return [{ key: publicKey(block.der), alg: '', kid: '' }];
  if (block.type !== 'CERTIFICATE') throw new BuiltinError('neither a certificate nor a public key');
  const [certificate, ...others] = parseCertificates(block.der);
  if (certificate === undefined || others.length > 0) throw new BuiltinError('no certificate');
  return [{ key: certificate.publicKey === undefined ? undefined : publicKey(certificate.rawPublicKey), alg: '', kid: '' }];
});

function publicKey(der: Buffer): KeyObject {
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch (cause) {
    throw new BuiltinError('no public key', { cause });
  }
}

/** The keys in a JWK or a set of them, a hundred at most. @throws BuiltinError unless every one is a key */
export function jwksOf(text: string): TokenKey[] {
  const term = fromJson(text);
  if (!(term instanceof RegoObject)) throw new BuiltinError('no JWK');
  const keys = term.get('keys') ?? [term];
  if (!isArray(keys) || keys.length > 100) throw new BuiltinError('no set of JWKs, or one of more than 100');
  return keys.map(keyOfJwk);
}

function keyOfJwk(jwk: Term): TokenKey {
  if (!(jwk instanceof RegoObject)) throw new BuiltinError('no JWK');
  const fields: Record<string, string> = {};
  for (const [name, value] of jwk) if (typeof name === 'string' && typeof value === 'string') fields[name] = value;
  for (const name of ['alg', 'kid', 'use', 'kty']) if (jwk.has(name) && typeof jwk.get(name) !== 'string') throw new BuiltinError('no JWK');
  for (const name of ['key_ops', 'x5c']) if (jwk.has(name) && !isArray(jwk.get(name))) throw new BuiltinError('no JWK');
  if (jwk.has('alg') && !OTHER_ALGORITHMS.test(fields['alg'] ?? '') && !ALGORITHMS.has(fields['alg'] ?? ''))
    throw new BuiltinError('no JWK');
  return { key: keyObject(fields), alg: fields['alg'] ?? '', kid: fields['kid'] ?? '' };
}

/** What else a key may be for; such a key is passed over (RFC 7518 §4.1, RFC 8812, RFC 9864). */
const OTHER_ALGORITHMS =
  /^(?:none|ES256K|Ed25519|RSA1_5|RSA-OAEP(?:-256|-384|-512)?|A(?:128|192|256)(?:GCM)?KW|dir|ECDH-ES(?:\+A(?:128|192|256)KW)?|PBES2-HS(?:256\+A128|384\+A192|512\+A256)KW|A(?:128|192|256)GCM|A(?:128CBC-HS256|192CBC-HS384|256CBC-HS512))$/;

const MEMBERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['RSA', ['n', 'e']],
  ['EC', ['crv', 'x', 'y']],
  ['OKP', ['crv', 'x']],
  ['oct', ['k']],
]);

function keyObject(jwk: Readonly<Record<string, string>>): KeyObject {
  const members = MEMBERS.get(jwk['kty'] ?? '');
  if (members === undefined || members.some((member) => jwk[member] === undefined)) throw new BuiltinError('no JWK of a known kind');
  if (jwk['kty'] === 'oct') return createSecretKey(secretOf(jwk['k'] ?? ''));
  try {
    return jwk['d'] === undefined
      ? createPublicKey({ key: { ...jwk }, format: 'jwk' })
      : createPrivateKey({ key: { ...jwk }, format: 'jwk' });
  } catch (cause) {
    throw new BuiltinError('no JWK', { cause });
  }
}

function secretOf(text: string): Buffer {
  const secret = fromBase64Url(text);
  if (secret.length === 0) throw new BuiltinError('an empty key');
  return secret;
}

const HASHES: ReadonlyMap<string, string> = new Map(['256', '384', '512'].map((bits) => [bits, `sha${bits}`]));
const { RSA_PKCS1_PSS_PADDING: PSS, RSA_PSS_SALTLEN_AUTO: ANY_SALT, RSA_PSS_SALTLEN_DIGEST: HASH_SALT } = constants;

function paddingOf(family: string, saltLength: number): { padding?: number; saltLength?: number } {
  return family === 'PS' ? { padding: PSS, saltLength } : {};
}

const KINDS: Readonly<Record<string, string>> = { RS: 'rsa', PS: 'rsa', ES: 'ec', Ed: 'ed25519' };
const COORDINATE_BYTES: Readonly<Record<string, number>> = { secp224r1: 28, prime256v1: 32, secp384r1: 48, secp521r1: 66 };

/** How much a key may differ from what its algorithm says. */
export interface Leniency {
  /** Salts of any length, signatures of ECDSA of any length: what io.jwt.verify_* take and io.jwt.decode_verify does not. */
  readonly isLoose: boolean;
}

/** Whether the key, or the public part of it, says that the text was signed so. An algorithm that the key is not for never did. */
export function isSigned({ key }: TokenKey, alg: string, text: string, signature: Buffer, { isLoose }: Leniency): boolean {
  const [family, hash] = [alg.slice(0, 2), HASHES.get(alg.slice(2))];
  if (key === undefined || (isLoose && key.type === 'private')) return false;
  if (family === 'HS' && hash !== undefined) return key.type === 'secret' && isMac(key, hash, text, signature);
  if ((alg !== 'EdDSA' && alg !== 'Ed25519' && hash === undefined) || key.asymmetricKeyType !== KINDS[family] || isShort(key)) return false;
  const bytes = family === 'ES' ? pairOf(key, signature, isLoose) : signature;
  if (bytes === undefined) return false;
  const options = { key, dsaEncoding: 'ieee-p1363' as const, ...paddingOf(family, isLoose ? ANY_SALT : HASH_SALT) };
  try {
    return verify(family === 'Ed' ? null : hash, Buffer.from(text), options, bytes);
  } catch {
    // A key that OpenSSL will not use has signed nothing.
    return false;
  }
}

/** The signature of a text. @throws BuiltinError if the key is none for that algorithm */
export function signatureOf({ key }: TokenKey, alg: string, text: string): Buffer {
  const [family, hash] = [alg.slice(0, 2), HASHES.get(alg.slice(2))];
  if (family === 'HS' && hash !== undefined && key?.type === 'secret') return createHmac(hash, key).update(text).digest();
  if (key?.type !== 'private' || key.asymmetricKeyType !== KINDS[family] || isShort(key))
    throw new BuiltinError('the key is none for this algorithm');
  const options = { key, dsaEncoding: 'ieee-p1363' as const, ...paddingOf(family, HASH_SALT) };
  try {
    return sign(family === 'Ed' ? null : hash, Buffer.from(text), options);
  } catch (cause) {
    throw new BuiltinError('the key cannot sign', { cause });
  }
}

/** Go does nothing with an RSA key of less than 1024 bits. */
function isShort(key: KeyObject): boolean {
  return (key.asymmetricKeyDetails?.modulusLength ?? 1024) < 1024;
}

function isMac(key: KeyObject, hash: string, text: string, signature: Buffer): boolean {
  const mac = createHmac(hash, key).update(text).digest();
  return mac.length === signature.length && timingSafeEqual(mac, signature);
}

/** The two numbers of a signature, as long as they must be; loosely, each half is a number of any length. */
function pairOf(key: KeyObject, signature: Buffer, isLoose: boolean): Buffer | undefined {
  const bytes = COORDINATE_BYTES[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 0;
  if (signature.length === 2 * bytes) return signature;
  if (!isLoose) return undefined;
  const half = Math.floor(signature.length / 2);
  const [r, s] = [signature.subarray(0, half), signature.subarray(half)].map((part) => part.toString('hex').replace(/^(?:00)+/, ''));
  if (r === undefined || s === undefined || Math.max(r.length, s.length) > 2 * bytes) return undefined;
  return Buffer.from(r.padStart(2 * bytes, '0') + s.padStart(2 * bytes, '0'), 'hex');
}
