import { type JsonObject, jsonObjectIn } from '../json-object.js';
import type { TokenParts } from '../parts.js';
import { malformed, type TokenFault } from '../token-fault.js';
import { type Claims, claimsOf } from './claims.js';

/** Maskinporten's algorithms. */
export const ALGORITHMS = ['RS256', 'RS384', 'RS512'] as const;
/** One of them. */
export type AssertionAlgorithm = (typeof ALGORITHMS)[number];

/** What the assertion says of its signature; one of `kid` and `x5c`, or neither. */
export interface Header {
  readonly alg: AssertionAlgorithm;
  readonly kid?: string;
  /** As it was sent: its shape is judged when it is known that it counts. */
  readonly x5c?: unknown;
}

/** An assertion that has been read. Nothing of it is believed before its signature is verified. */
export interface Assertion {
  readonly header: Header;
  readonly claims: Claims;
}

/** A key that the assertion itself brings or points to is never used (threats 31, 33), and nobody should think that it was. */
const OTHER_KEYS = ['jwk', 'jku', 'x5u'];
/** Extensions of JWS, and a JWT in a JWT: none is known. */
const UNKNOWN = ['crit', 'b64', 'cty'];
const SIGNED_JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Whether it is a signed JWT (RFC 7515 §7.1) with a header and claims that can be a grant. */
export function readAssertion(
  { assertion }: { readonly assertion: string },
  { limits }: Pick<TokenParts, 'limits'>,
): Assertion | TokenFault {
  if (!SIGNED_JWT.test(assertion)) return malformed('assertion must be a signed JWT of three parts in base64url');
  const [first = '', second = '', signature = ''] = assertion.split('.');
  if (Buffer.from(signature, 'base64url').toString('base64url') !== signature) return malformed('the signature is not base64url');
  const header = jsonObjectIn(first);
  if (typeof header === 'string') return malformed(`the header ${header}`);
  const read = headerOf(header);
  if (typeof read === 'string') return malformed(read);
  const body = jsonObjectIn(second);
  if (typeof body === 'string') return malformed(`the set of claims ${body}`);
  const claims = claimsOf(body, limits.unknownClaims);
  return typeof claims === 'string' ? malformed(claims) : { header: read, claims };
}

function headerOf(header: JsonObject): Header | string {
  const { alg, kid, x5c } = header;
  const known = ALGORITHMS.find((one) => one === alg);
  if (known === undefined) return `the header alg must be one of ${ALGORITHMS.join(', ')}`;
  const unknown = UNKNOWN.find((name) => Object.hasOwn(header, name));
  if (unknown !== undefined) return `the header ${unknown} is not known here`;
  const other = OTHER_KEYS.find((name) => Object.hasOwn(header, name));
  if (other !== undefined) return `the header ${other} is not taken: name a registered key by kid, or send x5c`;
  const hasKid = Object.hasOwn(header, 'kid');
  const hasChain = Object.hasOwn(header, 'x5c');
  if (hasKid && hasChain) return 'the header has both kid and x5c, and must have one of them';
  if (hasChain) return { alg: known, x5c };
  if (!hasKid) return { alg: known };
  return typeof kid === 'string' && kid !== '' ? { alg: known, kid } : 'the header kid must be a text';
}
