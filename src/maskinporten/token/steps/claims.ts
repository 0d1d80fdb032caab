import { isFault, type Orgnr, type PersonNumber, parseOrgnr, parsePersonNumber, present } from '#domain';
import type { JsonObject } from '../json-object.js';
import type { TokenLimits } from '../parts.js';

/** The claims of an assertion, each of its kind. Whether they hold is for the checks that follow. */
export interface Claims {
  readonly iss: string;
  /** Whatever it is: an audience of another kind is a wrong one. */
  readonly aud: unknown;
  /** Each once, in their order. */
  readonly scopes: readonly string[];
  readonly iat: number;
  readonly exp: number;
  readonly nbf?: number;
  readonly jti?: string;
  readonly resource: readonly string[];
  readonly pid?: PersonNumber;
  readonly consumerOrg?: Orgnr;
  readonly onBehalfOf?: string;
  readonly authorizationDetails?: readonly JsonObject[];
}

const KNOWN: ReadonlySet<string> = new Set([
  'iss',
  'aud',
  'scope',
  'iat',
  'exp',
  'nbf',
  'sub',
  'jti',
  'resource',
  'pid',
  'consumer_org',
  'iss_onbehalfof',
  'authorization_details',
]);

/** No text among the claims is longer: client ids, jti, addresses. */
const MAX_TEXT = 500;
/** The most that a token, which goes into a header, has room for. */
const MAX_SCOPES = 200;
const MAX_RESOURCES = 10;
const MAX_DETAILS = 10;
/** RFC 6749 §3.3, each apart from the next by one blank. */
const SCOPES = /^[!#-[\]-~]+(?: [!#-[\]-~]+)*$/;
/** The year 9999: later is no time. */
const LAST_SECOND = 253_402_300_799;

/** The claims of a grant (RFC 7523 §3), or which one is not as it must be and how. */
export function claimsOf(sent: JsonObject, unknownClaims: TokenLimits['unknownClaims']): Claims | string {
  if (unknownClaims === 'refuse' && Object.keys(sent).some((name) => !KNOWN.has(name)))
    return `there is a claim that is not known here; known are ${[...KNOWN].join(', ')}`;
  const faults = new Faults(sent);
  const claims = {
    iss: faults.text('iss') ?? '',
    scopes: faults.scopes(),
    iat: faults.time('iat') ?? 0,
    exp: faults.time('exp') ?? 0,
    nbf: faults.optional('nbf', () => faults.time('nbf')),
    jti: faults.optional('jti', () => faults.text('jti')),
    resource: faults.optional('resource', () => faults.resources()) ?? [],
    pid: faults.optional('pid', () => faults.pid()),
    consumerOrg: faults.optional('consumer_org', () => faults.orgnr('consumer_org')),
    onBehalfOf: faults.optional('iss_onbehalfof', () => faults.text('iss_onbehalfof')),
    authorizationDetails: faults.optional('authorization_details', () => faults.details()),
  };
  faults.optional('sub', () => faults.text('sub'));
  if (claims.consumerOrg !== undefined && claims.onBehalfOf !== undefined)
    faults.tell('the claims consumer_org and iss_onbehalfof exclude each other');
  return faults.first ?? { aud: sent['aud'], ...present(claims) };
}

/** Reads claims one by one and keeps the first fault. */
class Faults {
  readonly #sent: JsonObject;
  first: string | undefined;

  constructor(sent: JsonObject) {
    this.#sent = sent;
  }

  tell(fault: string): undefined {
    this.first ??= fault;
    return undefined;
  }

  optional<T>(name: string, read: () => T): T | undefined {
    return Object.hasOwn(this.#sent, name) ? read() : undefined;
  }

  text(name: string): string | undefined {
    const value = this.#sent[name];
    if (typeof value === 'string' && value !== '' && value.length <= MAX_TEXT && value.isWellFormed()) return value;
    return this.tell(`the claim ${name} must be a text of 1 to ${MAX_TEXT} characters`);
  }

  time(name: string): number | undefined {
    const value = this.#sent[name];
    if (typeof value === 'number' && value >= 0 && value <= LAST_SECOND) return value;
    return this.tell(`the claim ${name} must be a number of seconds since 1970`);
  }

  scopes(): readonly string[] {
    const value = this.#sent['scope'];
    if (typeof value !== 'string' || !SCOPES.test(value)) {
      this.tell('the claim scope must be a text of scopes, one blank between two of them');
      return [];
    }
    const names = [...new Set(value.split(' '))];
    if (names.length <= MAX_SCOPES) return names;
    this.tell(`the claim scope must have at most ${MAX_SCOPES} scopes`);
    return [];
  }

  /** RFC 8707 §2: absolute, without a fragment. */
  resources(): readonly string[] | undefined {
    const value = this.#sent['resource'];
    const isResource = (one: unknown): boolean =>
      typeof one === 'string' && one.length <= MAX_TEXT && /^[a-z][a-z0-9+.-]*:[!-"$-~]+$/i.test(one) && URL.canParse(one);
    if (Array.isArray(value) && value.length > 0 && value.length <= MAX_RESOURCES && value.every(isResource)) return value as string[];
    return this.tell(`the claim resource must be an array of 1 to ${MAX_RESOURCES} absolute URIs without a fragment`);
  }

  pid(): PersonNumber | undefined {
    const value = this.#sent['pid'];
    const pid = typeof value === 'string' ? parsePersonNumber(value) : undefined;
    return pid === undefined || isFault(pid)
      ? this.tell('the claim pid must be a national identity number or D-number of eleven digits')
      : pid;
  }

  orgnr(name: string): Orgnr | undefined {
    const value = this.#sent[name];
    const orgnr = typeof value === 'string' ? parseOrgnr(value) : undefined;
    return orgnr === undefined || isFault(orgnr) ? this.tell(`the claim ${name} must be an organisation number of nine digits`) : orgnr;
  }

  details(): readonly JsonObject[] | undefined {
    const value = this.#sent['authorization_details'];
    const isDetail = (one: unknown): boolean =>
      typeof one === 'object' && one !== null && typeof (one as { readonly type?: unknown }).type === 'string';
    if (Array.isArray(value) && value.length > 0 && value.length <= MAX_DETAILS && value.every(isDetail)) return value as JsonObject[];
    return this.tell(`the claim authorization_details must be an array of 1 to ${MAX_DETAILS} objects with a type (RFC 9396)`);
  }
}
