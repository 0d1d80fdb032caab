import { createSecretKey } from 'node:crypto';
import { compareNumbers, isArray, RegoNumber, RegoObject, type Term } from '../terms/index.js';
import { type Builtin, BuiltinError, type Builtins, type Evaluation } from './builtin.js';
import { fromBase64Url } from './bytes.js';
import { fromJson, objectFromJson } from './from-json.js';
import { writeGoJson } from './go-json.js';
import { ALGORITHMS, isSigned, jwksOf, signatureOf, type TokenKey, tokenKeysOf } from './jwt-keys.js';
import { objectAt, textAt } from './operands.js';

/** `io.jwt.*`: tokens in the compact form of a JWS (RFC 7515, RFC 7519). */
export const jwtBuiltins: Builtins = {
  'io.jwt.decode': (args) => decode(textAt(args, 0)),
  'io.jwt.decode_verify': (args, evaluation) => decodeVerify(textAt(args, 0), constraintsOf(objectAt(args, 1), evaluation)),
  'io.jwt.encode_sign': ([headers = null, payload = null, key = null]) =>
    encodeSign(writeGoJson(headers), writeGoJson(payload), writeGoJson(key)),
  'io.jwt.encode_sign_raw': (args) => encodeSign(textAt(args, 0), textAt(args, 1), textAt(args, 2)),
  ...Object.fromEntries([...ALGORITHMS].map((alg) => [`io.jwt.verify_${alg.toLowerCase()}`, verifying(alg)])),
};

/** A token taken apart; nothing of it is decoded yet. */
interface Parts {
  readonly header: string;
  readonly payload: string;
  readonly signature: string;
}

function partsOf(token: string): Parts {
  const [header, payload, signature, ...more] = token.split('.');
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0)
    throw new BuiltinError('an encoded JWT has 3 sections');
  return { header, payload, signature };
}

function plain(part: string): string {
  return fromBase64Url(part).toString('utf8');
}

function headerOf({ header }: Parts): RegoObject {
  const decoded = objectFromJson(plain(header));
  if (decoded.has('enc')) throw new BuiltinError('the JWT is a JWE object, which is not supported');
  return decoded;
}

function decode(token: string): Term {
  // A token in a token is shorter than that.
  for (let text = token; ; ) {
    const parts = partsOf(text);
    const header = headerOf(parts);
    const payload = plain(parts.payload);
    const content = header.get('cty');
    if (content !== undefined && typeof content !== 'string') throw new BuiltinError('cty: must be a string');
    if (content !== 'JWT') return [header, objectFromJson(payload), fromBase64Url(parts.signature).toString('hex')];
    text = payload.replace(/^["']+|["']+$/g, '');
  }
}

interface Header {
  readonly alg: string;
  readonly kid: string;
  readonly cty: string;
  readonly isValid: boolean;
}

const KNOWN = ['alg', 'kid', 'typ', 'cty', 'crit'];

function readHeader(header: RegoObject): Header {
  const [alg, kid, , cty] = KNOWN.slice(0, 4).map((name) => {
    const value = header.get(name) ?? '';
    if (typeof value !== 'string') throw new BuiltinError(`${name}: must be a string`);
    return value;
  });
  const critical = criticalOf(header.get('crit'));
  const isUnderstood = !critical.some((name) => !KNOWN.includes(name) && header.has(name));
  return { alg: alg ?? '', kid: kid ?? '', cty: cty ?? '', isValid: alg !== '' && isUnderstood };
}

function criticalOf(crit: Term | undefined): string[] {
  if (crit === undefined) return [];
  if (!isArray(crit)) throw new BuiltinError('crit: must be a list');
  const odd = crit.findIndex((name) => typeof name !== 'string');
  const names = (odd < 0 ? crit : crit.slice(0, odd)) as string[];
  if (names.length === 0) throw new BuiltinError('crit: must be a nonempty list of strings');
  return names;
}

function verifying(alg: string): Builtin {
  return (args) => {
    const [token, keyText] = [textAt(args, 0), textAt(args, 1)];
    const parts = partsOf(token);
    const text = `${parts.header}.${parts.payload}`;
    if (alg.startsWith('HS')) {
      const secret = { key: createSecretKey(Buffer.from(keyText)), alg: '', kid: '' };
      return isSigned(secret, alg, text, fromBase64Url(parts.signature), { isLoose: true });
    }
    const keys = tokenKeysOf(keyText);
    const signature = fromBase64Url(parts.signature);
    const header = readHeader(headerOf(parts));
    return candidates(keys, header).some((key) => isSigned(key, alg, text, signature, { isLoose: true }));
  };
}

/** The key that the token names, else all that do not say to be for something else. */
function candidates(keys: readonly TokenKey[], { kid, alg }: Header): readonly TokenKey[] {
  const named = kid === '' ? undefined : keys.find((key) => key.kid === kid);
  return named === undefined ? keys.filter((key) => key.alg === '' || key.alg === alg) : [named];
}

interface Constraints {
  readonly keys: readonly TokenKey[];
  readonly alg: string;
  readonly iss: string;
  readonly aud: string;
  /** Nanoseconds since 1970, as a double. */
  readonly time: number;
}

const CONSTRAINTS = ['cert', 'secret', 'alg', 'iss', 'aud', 'time'];

function constraintsOf(given: RegoObject, { nowNs }: Evaluation): Constraints {
  const unknown = given.keys().find((name) => typeof name !== 'string' || !CONSTRAINTS.includes(name));
  if (unknown !== undefined) throw new BuiltinError('unknown token validation constraint');
  const text = (name: string): string => {
    const value = given.get(name) ?? '';
    if (typeof value !== 'string') throw new BuiltinError(`${name} constraint: must be a string`);
    return value;
  };
  const [secret, hasCertificate] = [text('secret'), given.has('cert')];
  const certificates = hasCertificate ? tokenKeysOf(text('cert')) : [];
  if (hasCertificate === (secret !== '')) throw new BuiltinError('one key constraint is needed: cert or secret');
  const time = given.get('time') ?? RegoNumber.of(nowNs);
  if (!(time instanceof RegoNumber) || !Number.isFinite(time.double) || time.double < 0)
    throw new BuiltinError('time constraint: must be a number, not negative');
  const keys = hasCertificate ? certificates : [{ key: createSecretKey(Buffer.from(secret)), alg: '', kid: '' }];
  return { keys, alg: text('alg'), iss: text('iss'), aud: text('aud'), time: time.double };
}

const UNVERIFIED: Term = [false, RegoObject.of([]), RegoObject.of([])];

function decodeVerify(token: string, constraints: Constraints): Term {
  for (let text = token; ; ) {
    const parts = partsOf(text);
    const decoded = headerOf(parts);
    const header = readHeader(decoded);
    if (!header.isValid || (constraints.alg !== '' && constraints.alg !== header.alg)) return UNVERIFIED;
    const [signed, signature] = [`${parts.header}.${parts.payload}`, fromBase64Url(parts.signature)];
    if (!candidates(constraints.keys, header).some((key) => isSigned(key, header.alg, signed, signature, { isLoose: false })))
      return UNVERIFIED;
    const payload = plain(parts.payload);
    if (header.cty.toUpperCase() !== 'JWT') {
      const claims = objectFromJson(payload);
      return meets(claims, constraints) ? [true, decoded, claims] : UNVERIFIED;
    }
    text = payload;
  }
}

/** Issuer, audience and times (RFC 7519 §4.1). */
function meets(claims: RegoObject, { iss, aud, time }: Constraints): boolean {
  if (iss !== '' && claims.get('iss') !== iss) return false;
  const audience = claims.get('aud');
  if (audience === undefined ? aud !== '' : !(isArray(audience) ? audience : [audience]).includes(aud)) return false;
  const now = RegoNumber.of(time / 1_000_000_000);
  const expires = numericClaim(claims, 'exp');
  if (expires !== undefined && compareNumbers(now, expires) >= 0) return false;
  const begins = numericClaim(claims, 'nbf');
  return begins === undefined || compareNumbers(now, begins) >= 0;
}

function numericClaim(claims: RegoObject, name: string): RegoNumber | undefined {
  const value = claims.get(name);
  if (value !== undefined && !(value instanceof RegoNumber)) throw new BuiltinError(`${name} value must be a number`);
  return value;
}

function encodeSign(headers: string, payload: string, jwk: string): string {
  const [key] = jwksOf(jwk);
  if (key === undefined) throw new BuiltinError('no keys in the JWK set');
  const parsed = fromJson(headers);
  const alg = parsed instanceof RegoObject ? parsed.get('alg') : undefined;
  if (!(parsed instanceof RegoObject) || typeof alg !== 'string' || !ALGORITHMS.has(alg))
    throw new BuiltinError("missing or unknown 'alg' header");
  const typ = parsed.get('typ');
  // The type that says nothing is that of a JWT.
  if (typeof typ !== 'string' || typ === 'JWT') fromJson(payload);
  const signed = [headers, payload].map((part) => Buffer.from(part).toString('base64url')).join('.');
  return `${signed}.${signatureOf(key, alg, signed).toString('base64url')}`;
}
