import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';
import { Fault, holdsPersonNumber, type Instant, isFault, toInstant } from '#domain';
import { invalid, ProblemError } from '#problem';
import type { ClientKey } from '../nouns.js';
import { parseKid } from './kid.js';
import { rsaWeakness } from './rsa-weakness.js';

/** A public key that has been found fit. */
export interface SoundKey extends Pick<ClientKey, 'kid' | 'alg' | 'jwk'> {
  /** When the certificate ends that it is bound to, if it is bound to one. */
  readonly certifiedUntil?: Instant;
}

const ALGORITHMS = ['RS256', 'RS384', 'RS512'];
/** RFC 7518 §6.3.2, §6.4.1. */
const PRIVATE = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const BASE64URL = /^[A-Za-z0-9_-]+$/;
const LEAKED = 'send the public half only, and make a new pair: this one has left its place';
const MOST_CERTIFICATES = 5;
const MOST_CERTIFICATE_CHARACTERS = 8192;

/**
 * The public key of a JWK (RFC 7517) as it is kept: of its members only those that are needed, so nothing private is.
 * @param at pointer to it
 * @param now a certificate that is over locks nobody in
 * @throws ProblemError `invalid-request`; it says nothing of the values
 */
export function publicKeyOf(sent: Readonly<Record<string, unknown>>, at: string, now: Instant): SoundKey {
  const { kty, use, kid, alg = 'RS256', n, e, x5c } = sent;
  const secret = PRIVATE.find((name) => Object.hasOwn(sent, name));
  if (secret !== undefined) throw invalid(`${at}/${secret}`, `makes it a private key: ${LEAKED}`);
  if (kty !== 'RSA') throw invalid(`${at}/kty`, 'must be RSA');
  if (use !== 'sig') throw invalid(`${at}/use`, 'must be there and be sig');
  if (typeof alg !== 'string' || !ALGORITHMS.includes(alg)) throw invalid(`${at}/alg`, `must be one of ${ALGORITHMS.join(', ')}`);
  for (const [name, value] of [
    ['n', n],
    ['e', e],
  ] as const) {
    if (typeof value !== 'string' || value.length > 1400 || !BASE64URL.test(value))
      throw invalid(`${at}/${name}`, 'must be there, in base64url without padding');
  }
  const [modulus, exponent] = [n, e].map((text) => Buffer.from(text as string, 'base64url')) as [Buffer, Buffer];
  const weakness = rsaWeakness(modulus, exponent);
  if (weakness !== undefined) throw invalid(`${at}/${weakness[0]}`, weakness[1]);
  const rsa = { kty, n: trimmed(modulus), e: trimmed(exponent) };
  const id = parseKid(kid === undefined ? thumbprint(rsa) : typeof kid === 'string' ? kid : '');
  if (isFault(id)) throw invalid(`${at}/kid`, id.detail);
  const jwk = { ...rsa, use, kid: id, alg };
  if (x5c === undefined) return { kid: id, alg: alg as ClientKey['alg'], jwk };
  const leaf = leafOf(x5c, rsa, `${at}/x5c`, now);
  return { kid: id, alg: alg as ClientKey['alg'], jwk: { ...jwk, x5c }, certifiedUntil: toInstant(Date.parse(leaf.validTo)) };
}

/**
 * The same of a text: a JWK, or a certificate or public key in PEM (RFC 7468 §5, §13), which locks nobody to a certificate.
 * @throws ProblemError `invalid-request`
 */
export function publicKeyInText(text: string, now: Instant): SoundKey {
  const trimmedText = text.trim();
  if (/PRIVATE KEY/.test(trimmedText)) throw new ProblemError('invalid-request', { detail: `The body is a private key: ${LEAKED}.` });
  if (trimmedText.startsWith('{')) return publicKeyOf(jwkIn(trimmedText), '', now);
  const key = pemKey(trimmedText);
  if (isFault(key)) throw new ProblemError('invalid-request', { detail: `The body ${key.detail}.` });
  return publicKeyOf({ ...key.export({ format: 'jwk' }), use: 'sig' }, '', now);
}

function jwkIn(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // The parser's own message quotes the body.
    throw new ProblemError('malformed-json');
  }
}

function pemKey(text: string): KeyObject | Fault {
  const [, label] = /^-----BEGIN (CERTIFICATE|PUBLIC KEY|RSA PUBLIC KEY)-----[A-Za-z0-9+/=\s]+-----END \1-----$/.exec(text) ?? [];
  if (label === undefined) return new Fault('must be one certificate or one public key in PEM, or a JWK');
  try {
    const key = label === 'CERTIFICATE' ? new X509Certificate(text).publicKey : createPublicKey(text);
    return key.asymmetricKeyType === 'rsa' ? key : new Fault('holds no RSA key');
  } catch {
    return new Fault('cannot be read as what its first line says');
  }
}

/** The certificate of the key itself, first in its chain (RFC 7517 §4.7). */
function leafOf(x5c: unknown, rsa: Readonly<Record<'n' | 'e', string>>, at: string, now: Instant): X509Certificate {
  if (!Array.isArray(x5c) || x5c.length === 0 || x5c.length > MOST_CERTIFICATES) {
    throw invalid(at, `must be an array of 1 to ${MOST_CERTIFICATES} certificates, the key's own first`);
  }
  const chain = x5c.map((der: unknown, i) => {
    const certificate = certificateIn(der);
    if (isFault(certificate)) throw invalid(`${at}/${i}`, certificate.detail);
    return certificate;
  });
  const [leaf] = chain as [X509Certificate];
  const key = leaf.publicKey.asymmetricKeyType === 'rsa' ? leaf.publicKey.export({ format: 'jwk' }) : {};
  if (key.n !== rsa.n || key.e !== rsa.e) throw invalid(`${at}/0`, 'is the certificate of another key than n and e');
  if (!(Date.parse(leaf.validTo) > Date.parse(now))) throw invalid(`${at}/0`, 'is over');
  return leaf;
}

function certificateIn(der: unknown): X509Certificate | Fault {
  if (typeof der !== 'string' || der.length > MOST_CERTIFICATE_CHARACTERS || !/^[A-Za-z0-9+/]+={0,2}$/.test(der)) {
    return new Fault(`must be DER in base64, of ${MOST_CERTIFICATE_CHARACTERS} characters at most`);
  }
  try {
    const certificate = new X509Certificate(Buffer.from(der, 'base64'));
    return holdsPersonNumber(certificate.subject) ? new Fault('is of a person: send the one of the organisation') : certificate;
  } catch {
    return new Fault('is no certificate');
  }
}

/** RFC 7518 §6.3.1: without zeros before it, so that one key is one text. */
function trimmed(bytes: Buffer): string {
  const from = bytes.findIndex((byte) => byte !== 0);
  return bytes.subarray(from).toString('base64url');
}

/** RFC 7638. */
function thumbprint({ e, kty, n }: { readonly e: string; readonly kty: string; readonly n: string }): string {
  return createHash('sha256').update(JSON.stringify({ e, kty, n })).digest('base64url');
}
