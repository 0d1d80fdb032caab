import { createHash, type KeyObject } from 'node:crypto';
import type { JWK } from 'jose';
import { present } from '#domain';
import { ProblemError } from '#problem';
import { isDataFile, readStructured } from './document.js';
import type { BundleFiles } from './read-bundle.js';
import { canonicalText, UnfitText } from './structured-json.js';

/** The algorithms that a bundle may be signed with (RFC 7518 §3.1): with a public key only, so that whoever verifies cannot sign. */
export const SIGNATURE_ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'] as const;

/** One of them. */
export type SignatureAlgorithm = (typeof SIGNATURE_ALGORITHMS)[number];

/** A public key that is registered for signatures of bundles. */
export interface VerificationKey {
  readonly kid: string;
  readonly algorithm: SignatureAlgorithm;
  /** The public key (RFC 7517). */
  readonly jwk: JWK;
  /** What it signs for, if it does not sign for all. */
  readonly scope?: string;
  /** The first moment at which it does not count any more, in ms since 1970. */
  readonly until?: number;
  readonly revoked?: boolean;
}

/** Whose signature is wanted. */
export interface SignatureDemand {
  readonly keys: readonly VerificationKey[];
  /** Takes this key only, whatever the token names. */
  readonly keyid?: string;
  /** What the bundle must be signed for; without it, what the key signs for. */
  readonly scope?: string;
}

/** Who signed a bundle. */
export interface Signer {
  readonly kid: string;
  readonly algorithm: SignatureAlgorithm;
  /** What it was signed for; absent if for nothing in particular. */
  readonly scope?: string;
  /** What the token says of whoever made it. */
  readonly issuer?: string;
}

/** A key that signs. */
export interface SigningKey {
  readonly kid: string;
  readonly algorithm: SignatureAlgorithm;
  readonly privateKey: KeyObject;
}

const FILE = '.signatures.json';
/** SHA-256 and what is no weaker (OPA's names), as node:crypto calls it. */
const HASHES: ReadonlyMap<string, string> = new Map([
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
  ['SHA-512-256', 'sha512-256'],
]);
/** A token says how it is signed and by which registered key; it brings none and points to none. */
const HEADERS = new Set(['alg', 'typ', 'kid']);
const MAX_FILE_BYTES = 1024 * 1024;

/**
 * Holds that a bundle's `.signatures.json` (OPA, "Signature Format") is signed by one of the keys and lists every file of the bundle once, with
 * the hash that it has. No key but these is looked at, whatever the token names.
 * @param now ms since 1970
 * @throws ProblemError `bundle-invalid` that says what is wrong
 */
export async function verifySignature(files: BundleFiles, demand: SignatureDemand, now: number): Promise<Signer> {
  const token = readToken(files);
  const { kid } = token;
  const key = usableKey(demand, kid, now);
  if (token.algorithm !== key.algorithm) throw invalid(`its token is not signed by ${key.algorithm}, as the key with this id does`);
  const { compactVerify, importJWK } = await import('jose');
  try {
    await compactVerify(token.text, await importJWK(key.jwk, key.algorithm), { algorithms: [key.algorithm] });
  } catch (cause) {
    throw invalid('its token is not signed by the key that it names', cause);
  }
  const { scope = '', issuer } = token.claims;
  const wanted = demand.scope ?? key.scope ?? '';
  if (scope !== wanted || (key.scope !== undefined && key.scope !== wanted)) throw invalid('it is signed for another scope');
  assertListed(files, token.claims.files);
  return { kid: key.kid, algorithm: key.algorithm, ...present({ scope: scope === '' ? undefined : scope, issuer }) };
}

/**
 * Signs a bundle: the content of its `.signatures.json`, as `opa sign` writes it.
 * @param now ms since 1970
 * @throws ProblemError `bundle-invalid` for a file that has no content to hash
 */
export async function signBundle(
  files: BundleFiles,
  { kid, algorithm, privateKey }: SigningKey,
  { scope, issuer, now }: { readonly scope?: string; readonly issuer?: string; readonly now: number },
): Promise<Buffer> {
  const listed = [...files.keys()]
    .filter((name) => name !== FILE)
    .sort()
    .map((name) => ({ name, hash: hashOf(name, files.get(name) as Uint8Array, 'sha256'), algorithm: 'SHA-256' }));
  const claims = { files: listed, keyid: kid, iat: Math.floor(now / 1000), ...present({ scope, iss: issuer }) };
  const { CompactSign } = await import('jose');
  const token = await new CompactSign(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader({ alg: algorithm, typ: 'JWT', kid })
    .sign(privateKey);
  return Buffer.from(`${JSON.stringify({ signatures: [token] }, undefined, 1)}\n`);
}

interface Token {
  readonly text: string;
  readonly algorithm: unknown;
  /** As the header says, else (as older makers wrote it) the claims; absent if neither does. */
  readonly kid: string | undefined;
  readonly claims: Claims;
}

interface Claims {
  readonly files: readonly ListedFile[];
  readonly scope?: string;
  readonly issuer?: string;
}

interface ListedFile {
  readonly name: string;
  readonly hash: string;
  readonly algorithm: string;
}

/** What the token says, before anybody knows whose it is. */
function readToken(files: BundleFiles): Token {
  const bytes = files.get(FILE);
  if (bytes === undefined) throw new ProblemError('bundle-invalid', { detail: `the bundle is not signed: it has no /${FILE}` });
  if (bytes.byteLength > MAX_FILE_BYTES) throw invalid(`it is larger than ${MAX_FILE_BYTES} bytes`);
  const { signatures, plugin = '_default' } = objectOf(Buffer.from(bytes).toString(), 'it');
  if (plugin !== '_default') throw invalid('it wants a plugin, of which there is none');
  if (!Array.isArray(signatures) || signatures.length !== 1 || typeof signatures[0] !== 'string')
    throw invalid('it has not exactly one token');
  const text = signatures[0];
  const parts = text.split('.');
  if (parts.length !== 3 || !parts.every((part) => /^[A-Za-z0-9_-]+$/.test(part))) throw invalid('its token is no compact JWS');
  const [header, payload] = parts.slice(0, 2).map((part) => Buffer.from(part, 'base64url').toString()) as [string, string];
  const { alg, kid, ...others } = objectOf(header, 'the header of its token');
  const strange = Object.keys(others).filter((name) => !HEADERS.has(name));
  if (strange.length > 0) throw invalid('the header of its token has more than alg, typ and kid: keys are registered, not brought along');
  const { files: listed, keyid, scope, iss } = objectOf(payload, 'the payload of its token');
  if (!Array.isArray(listed) || !listed.every(isListedFile)) throw invalid('its token lists no files with name, hash and algorithm');
  for (const claim of [kid, keyid, scope, iss])
    if (claim !== undefined && typeof claim !== 'string') throw invalid('a name in its token is no text');
  const texts = present({ scope: scope as string | undefined, issuer: iss as string | undefined });
  return { text, algorithm: alg, kid: (kid ?? keyid) as string | undefined, claims: { files: listed, ...texts } };
}

function objectOf(text: string, what: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(`${what} is no JSON`, cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(`${what} is no JSON object`);
  return value as Record<string, unknown>;
}

function isListedFile(value: unknown): value is ListedFile {
  const { name, hash, algorithm } = (value ?? {}) as Partial<Record<string, unknown>>;
  return typeof name === 'string' && typeof hash === 'string' && typeof algorithm === 'string';
}

/** The key that the demand or the token names, if it is a registered one that counts now. */
function usableKey({ keys, keyid }: SignatureDemand, named: string | undefined, now: number): VerificationKey {
  const kid = keyid ?? named;
  if (kid === undefined) throw invalid('its token names no key (kid)');
  const registered = keys.filter((key) => key.kid === kid);
  if (registered.length === 0) throw invalid('its token names a key (kid) that is not registered');
  const usable = registered.find(({ until = Infinity, revoked = false }) => !revoked && now < until);
  if (usable !== undefined) return usable;
  throw invalid(registered.some(({ revoked }) => revoked === true) ? 'its key is revoked' : 'its key is past its end date');
}

/** Every file but the list itself stands in it once, with its hash; and nothing else does. */
function assertListed(files: BundleFiles, listed: readonly ListedFile[]): void {
  const names = new Set<string>();
  for (const { name, hash, algorithm } of listed) {
    const path = name.replace(/^\//, '');
    const shown = JSON.stringify(path);
    if (names.has(path)) throw invalid(`it lists ${shown} twice`);
    names.add(path);
    const bytes = path === FILE ? undefined : files.get(path);
    if (bytes === undefined) throw invalid(`it lists ${shown}, which the bundle does not have`);
    const known = HASHES.get(algorithm);
    if (known === undefined) throw invalid(`it hashes ${shown} by an algorithm that is not one of ${[...HASHES.keys()].join(', ')}`);
    if (hashOf(path, bytes, known) !== hash.toLowerCase()) throw invalid(`the file ${shown} is not the one that was signed`);
  }
  const unlisted = [...files.keys()].find((path) => path !== FILE && !names.has(path));
  if (unlisted !== undefined) throw invalid(`it does not list the file ${JSON.stringify(unlisted)}`);
}

/** In lower-case hexadecimal: of the content in its one form for data and manifest, of the bytes for all else. */
function hashOf(path: string, bytes: Uint8Array, algorithm: string): string {
  const hashed = path === '.manifest' || isDataFile(path) ? contentText(path, bytes) : bytes;
  return createHash(algorithm).update(hashed).digest('hex');
}

function contentText(path: string, bytes: Uint8Array): string {
  try {
    return canonicalText(readStructured(path, bytes));
  } catch (cause) {
    if (!(cause instanceof UnfitText)) throw cause;
    throw new ProblemError('bundle-invalid', { detail: `the file ${JSON.stringify(path)} ${cause.message}`, cause });
  }
}

function invalid(detail: string, cause?: unknown): ProblemError {
  return new ProblemError('bundle-invalid', { detail: `the /${FILE} does not hold: ${detail}`, ...present({ cause }) });
}
