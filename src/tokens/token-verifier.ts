import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, type JWTVerifyOptions, type JWTVerifyResult, jwtVerify } from 'jose';
import { ProblemError } from '#problem';
import { type Caller, callerOf, invalidToken, type TokenFault } from './caller.js';
import { type IssuerKey, IssuerKeys } from './issuer-keys.js';
import { OwnKeys } from './own-keys.js';
import type { PublishedIssuer } from './published-issuer.js';
import { type CheckedIssuer, checkIssuers, type TrustedIssuer } from './trusted-issuer.js';

/** No longer token is looked at, and none is issued. */
export const MOST_TOKEN_CHARACTERS = 16 * 1024;
const TOLERANCE_SECONDS = 10;
const DEFAULT_REMEMBERED = 10_000;
/** The last second that a Date can hold. */
const LAST_SECOND = 8_640_000_000_000;
const COMPACT_JWS = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** Tells who is behind an access token (RFC 9068 §4, Maskinporten's and ID-porten's rules for an API). */
export interface TokenVerifier {
  /**
   * The caller: at once if the token was verified before, is within its time and its key is still published; else by promise.
   * Faults always come by promise, never as a throw.
   * @throws ProblemError `token-invalid`, `token-expired` or `issuer-unavailable`; none quotes the token.
   */
  verify(token: string): Caller | Promise<Caller>;
  /**
   * The issuers whose keys could not be had at the last try, and whether older ones serve meanwhile. Keys that are due are fetched in the background,
   * so that whoever asks now and then hears of an issuer before its first token comes.
   */
  failingIssuers(): readonly FailingIssuer[];
}

/** An issuer whose keys cannot be had. */
export interface FailingIssuer {
  readonly issuer: string;
  /** False: its tokens are answered `issuer-unavailable`. */
  readonly hasOlderKeys: boolean;
}

/** What createTokenVerifier is made of. */
export interface TokenVerifierOptions {
  readonly issuers: readonly TrustedIssuer[];
  /** Our own, whose keys are not fetched. */
  readonly own?: readonly PublishedIssuer[];
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** For metadata and keys; the global one by default. */
  readonly fetch?: typeof globalThis.fetch;
  /** How many verified tokens are remembered, 10 000 by default; the oldest makes room. */
  readonly maxRemembered?: number;
  /** Hears of each failed fetch of keys, for the log. */
  readonly onFetchFailed?: (issuer: string, cause: unknown) => void;
}

interface Remembered {
  readonly caller: Caller;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly key: IssuerKey;
  readonly keys: IssuerKeys | OwnKeys;
}

interface Source {
  readonly issuer: CheckedIssuer;
  readonly keys: IssuerKeys | OwnKeys;
}

/**
 * A verifier for the access tokens of these issuers. Nothing is fetched before the first token of an issuer comes, or failingIssuers is asked.
 * @throws ProblemError `config-invalid` if an issuer is not usable; TypeError if `maxRemembered` is no whole number from 0.
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const {
    issuers,
    own = [],
    clock,
    fetch = globalThis.fetch,
    maxRemembered = DEFAULT_REMEMBERED,
    onFetchFailed = () => undefined,
  } = options;
  if (!Number.isSafeInteger(maxRemembered) || maxRemembered < 0) throw new TypeError('maxRemembered is not a whole number from 0');
  const sources = new Map<string, Source>();
  const ours = new Map(own.map((one) => [one.trusted.issuer, one]));
  for (const [name, issuer] of checkIssuers([...own.map(({ trusted }) => trusted), ...issuers])) {
    const kept = ours.get(name);
    const keys = kept === undefined ? new IssuerKeys({ issuer, clock, fetch, onFetchFailed }) : new OwnKeys(kept, clock);
    sources.set(name, { issuer, keys });
  }
  const remembered = new Map<string, Remembered>();

  async function verifyAnew(token: string): Promise<Caller> {
    remembered.delete(token);
    const { source, algorithm, kid } = claimedOrigin(token, sources);
    const key = await source.keys.find(kid);
    if (key === undefined) throw invalidToken('key-unknown', 'The key (kid) is not one of the issuer’s.');
    const claims = await verifiedClaims(token, source.issuer, algorithm, key, clock());
    const caller = callerOf(claims, source.issuer);
    const fromMs = (Math.max(claims.nbf ?? 0, claims.iat ?? 0) - TOLERANCE_SECONDS) * 1000;
    const untilMs = caller.expiresAtMs + TOLERANCE_SECONDS * 1000;
    remembered.set(token, { caller, fromMs, untilMs, key, keys: source.keys });
    // A Map keeps the order of insertion: its first key is the oldest.
    if (remembered.size > maxRemembered) remembered.delete(remembered.keys().next().value as string);
    return caller;
  }

  return {
    verify(token) {
      const found = remembered.get(token);
      if (found === undefined) return verifyAnew(token);
      found.keys.refreshWhenOld();
      const now = clock();
      return now < found.untilMs && now >= found.fromMs && found.key.live ? found.caller : verifyAnew(token);
    },
    failingIssuers() {
      return [...sources].flatMap(([issuer, { keys }]) => {
        keys.refreshWhenOld();
        return keys.state === 'ok' ? [] : [{ issuer, hasOlderKeys: keys.state === 'stale' }];
      });
    },
  };
}

/** Where the token says it is from, as far as that is allowed; nothing of it is believed before the signature is verified. */
function claimedOrigin(token: string, sources: ReadonlyMap<string, Source>) {
  if (token.length > MOST_TOKEN_CHARACTERS)
    throw invalidToken('malformed', `The token is longer than ${MOST_TOKEN_CHARACTERS} characters.`);
  if (!COMPACT_JWS.test(token)) throw invalidToken('malformed', 'The token is not a signed JWT.');
  const { header, iss } = decoded(token);
  const source = typeof iss === 'string' ? sources.get(iss) : undefined;
  if (source === undefined) throw invalidToken('issuer-unknown', 'The issuer (iss) is not trusted here.');
  const algorithm = source.issuer.algorithms.find((allowed) => allowed === header.alg);
  if (algorithm === undefined) throw invalidToken('algorithm-not-allowed', 'The algorithm (alg) is not allowed for the issuer.');
  // RFC 7515 §4.1.11: extensions that must be understood, and none is.
  if (header.crit !== undefined) throw invalidToken('extension-unknown', 'The header has a critical extension (crit).');
  if (typeof header.kid !== 'string') throw invalidToken('key-unknown', 'The header names no key (kid).');
  return { source, algorithm, kid: header.kid };
}

function decoded(token: string) {
  try {
    return { header: decodeProtectedHeader(token), iss: decodeJwt(token).iss };
  } catch {
    throw invalidToken('malformed', 'The token is not a signed JWT.');
  }
}

async function verifiedClaims(token: string, issuer: CheckedIssuer, algorithm: string, key: IssuerKey, now: number): Promise<JWTPayload> {
  try {
    const { payload } = await verifiedBySome(token, key, {
      algorithms: [algorithm],
      issuer: issuer.issuer,
      audience: issuer.audience,
      requiredClaims: ['exp'],
      clockTolerance: TOLERANCE_SECONDS,
      currentDate: new Date(now),
    });
    if (Math.abs(payload.exp as number) > LAST_SECOND) throw invalidToken('claim-wrong', 'The claim exp is not a time.');
    // jose leaves iat alone unless a greatest age is asked for.
    if ((payload.iat ?? 0) > now / 1000 + TOLERANCE_SECONDS) {
      throw invalidToken('not-yet-valid', 'The token is issued in the future (iat).');
    }
    return payload;
  } catch (error) {
    throw problemOf(error);
  }
}

/** Keys that share a kid (RFC 7517 §4.5 only asks for different ones) are tried one after another, those that fit `alg`, `kty` and `use`. */
async function verifiedBySome(token: string, key: IssuerKey, options: JWTVerifyOptions): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, key.select, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const candidate of error) {
      try {
        return await jwtVerify(token, candidate, options);
      } catch (fault) {
        if (!(fault instanceof errors.JWSSignatureVerificationFailed)) throw fault;
      }
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/** The problem of what jose throws. Its errors carry the claims, a person number among them: they never become a cause. */
function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof errors.JWTExpired) return new ProblemError('token-expired', { reason: 'expired' satisfies TokenFault });
  if (error instanceof errors.JWTClaimValidationFailed) return claimFault(error.claim, error.reason);
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return invalidToken('signature-wrong', 'The signature does not fit the token and the key (kid) of the issuer.');
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    return invalidToken('key-unfit', 'The key (kid) of the issuer is not for signatures with the algorithm (alg) of the token.');
  }
  if (error instanceof errors.JOSEError) return invalidToken('malformed', 'The token is not a signed JWT.');
  const unusable = { reason: 'key-unfit' satisfies TokenFault, detail: 'The key (kid) of the issuer cannot be used.', cause: error };
  return new ProblemError('token-invalid', unusable);
}

function claimFault(claim: string, reason: string): ProblemError {
  if (claim === 'aud' && reason === 'missing') return invalidToken('audience-wrong', 'The token has no audience (aud).');
  if (claim === 'aud') return invalidToken('audience-wrong', 'The audience (aud) is not this service.');
  if (claim === 'nbf' && reason === 'check_failed') return invalidToken('not-yet-valid', 'The token is not valid yet (nbf).');
  return invalidToken('claim-wrong', `The claim ${claim} is missing or not as it should be.`);
}
