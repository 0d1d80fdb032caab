import type { JWTPayload } from 'jose';
import { isFault, type Orgnr, type PersonNumber, parseFreeText, parseOrgnr, parsePersonNumber, present, type TextRule } from '#domain';
import { ProblemError } from '#problem';
import type { CheckedIssuer } from './trusted-issuer.js';

/** Whoever calls with a Maskinporten token. */
export interface MachineCaller {
  readonly kind: 'machine';
  readonly issuer: string;
  /** On whose behalf: the party that access is decided by. */
  readonly consumer: Orgnr;
  /** Who does it for the consumer, if another. */
  readonly supplier?: Orgnr;
  /** As the issuer knows the client; an application may let in only some (`clients.ids`). */
  readonly clientId: string;
  /** As granted, to be compared exactly. */
  readonly scopes: readonly string[];
  /** `exp` in milliseconds since the epoch, without the tolerance. */
  readonly expiresAtMs: number;
}

/** Whoever calls with an ID-porten token. */
export interface PersonCaller {
  readonly kind: 'person';
  readonly issuer: string;
  readonly pid: PersonNumber;
  readonly clientId: string;
  /** The level of the log-in, such as `idporten-loa-high`. */
  readonly acr?: string;
  readonly scopes: readonly string[];
  readonly expiresAtMs: number;
}

/** The party behind a verified token; immutable, since all requests with the token share it. */
export type Caller = MachineCaller | PersonCaller;

/**
 * Reads the claims of a token whose signature, issuer, audience and times have been verified.
 * @throws ProblemError `token-invalid` that names the claim, never its value.
 */
export function callerOf(claims: JWTPayload, issuer: CheckedIssuer): Caller {
  // Whoever has stolen it could show it here: what it is bound to is not asked for.
  if (claims['cnf'] !== undefined) throw wrongClaim('The claim cnf binds the token to a key: send one that is not bound (without DPoP).');
  const shared = {
    issuer: issuer.issuer,
    clientId: name(claims, 'client_id'),
    scopes: Object.freeze(scopesOf(claims, issuer)),
    expiresAtMs: (claims.exp as number) * 1000,
  };
  if (issuer.kind === 'maskinporten') {
    const consumer = organisation(claims, 'consumer');
    const supplier = claims['supplier'] === undefined ? undefined : organisation(claims, 'supplier');
    return Object.freeze(present({ kind: 'machine' as const, ...shared, consumer, supplier }));
  }
  const pid = parsePersonNumber(text(claims, 'pid'));
  if (isFault(pid)) throw wrongClaim(`The claim pid ${pid.detail}.`);
  const acr = claims['acr'] === undefined ? undefined : name(claims, 'acr');
  return Object.freeze(present({ kind: 'person' as const, ...shared, pid, acr }));
}

/** Why a token is refused, in one stable word. */
export type TokenFault =
  | 'malformed'
  | 'issuer-unknown'
  | 'algorithm-not-allowed'
  | 'extension-unknown'
  | 'key-unknown'
  | 'key-unfit'
  | 'signature-wrong'
  | 'audience-wrong'
  | 'expired'
  | 'not-yet-valid'
  /** By its issuer, before its time. */
  | 'ended'
  | 'claim-wrong';

/** The `token-invalid` of that reason and detail, which must not quote the token. */
export function invalidToken(reason: TokenFault, detail: string): ProblemError {
  return new ProblemError('token-invalid', { reason, detail });
}

function wrongClaim(detail: string): ProblemError {
  return invalidToken('claim-wrong', detail);
}

function text(claims: JWTPayload, name: string): string {
  const value = claims[name];
  if (typeof value !== 'string' || value === '') throw wrongClaim(`The claim ${name} is missing or not a text.`);
  return value;
}

const NAME: TextRule = { maxCodePoints: 200 };

/** A claim that is logged and judged by: nothing that a log, or a reader of it, would take for something else. */
function name(claims: JWTPayload, claim: string): string {
  const sent = text(claims, claim);
  const read = parseFreeText(sent, NAME);
  if (read !== sent) throw wrongClaim(`The claim ${claim} ${isFault(read) ? read.detail : 'has blanks around it'}.`);
  return sent;
}

/** RFC 8693 §4.2. A person's token may come without scope; a machine's means nothing without. */
function scopesOf(claims: JWTPayload, issuer: CheckedIssuer): string[] {
  if (claims['scope'] === undefined && issuer.kind === 'idporten') return [];
  return text(claims, 'scope')
    .split(' ')
    .filter((scope) => scope !== '');
}

/** ISO 6523 with ICD 0192, which is Enhetsregisteret. Foreign authorities and sub-units exist, but nothing here is granted to them. */
function organisation(claims: JWTPayload, name: 'consumer' | 'supplier'): Orgnr {
  const { authority, ID } = (claims[name] ?? {}) as { authority?: unknown; ID?: unknown };
  if (authority !== 'iso6523-actorid-upis') throw wrongClaim(`The claim ${name} is missing or of an authority that is not known here.`);
  if (typeof ID !== 'string' || !ID.startsWith('0192:')) throw wrongClaim(`The claim ${name} is not of Enhetsregisteret (0192).`);
  const orgnr = parseOrgnr(ID.slice('0192:'.length));
  if (isFault(orgnr)) throw wrongClaim(`The organisation number of the claim ${name} ${orgnr.detail}.`);
  return orgnr;
}
