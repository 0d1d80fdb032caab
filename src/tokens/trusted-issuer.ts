import { type FieldFault, ProblemError } from '#problem';

/** The signature algorithms (RFC 7518 §3.1) that an issuer may be configured with: asymmetric ones only. */
export const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'] as const;

/** One of them. */
export type Algorithm = (typeof algorithms)[number];

/** Whose tokens they are shaped like: a Maskinporten token names an organisation, an ID-porten token a person. */
export type IssuerKind = 'maskinporten' | 'idporten';

/** An issuer whose access tokens are accepted. */
export interface TrustedIssuer {
  /** Compared with `iss` and with the metadata's `issuer` character by character; Maskinporten's ends in a slash. */
  readonly issuer: string;
  readonly kind: IssuerKind;
  /**
   * What `aud` must be or contain. Maskinporten puts `aud` into a token only if the client asked for a `resource`; without that
   * check a token meant for another API would open this one, so clients have to ask, and an issuer without audience is refused.
   */
  readonly audience?: string | undefined;
  /** At least one. */
  readonly algorithms: readonly Algorithm[];
  /** Where the keys are; absent means by discovery (RFC 8414 §3). */
  readonly jwksUri?: string | undefined;
}

/** A TrustedIssuer that has been checked. */
export interface CheckedIssuer extends TrustedIssuer {
  readonly audience: string;
}

/** All that keeps issuers from being trusted, by pointer (`/issuers/0/algorithms/1`); the detail goes on from the name of the place. */
export function issuerFaults(issuers: readonly TrustedIssuer[]): FieldFault[] {
  const names = new Set<string>();
  const faults: FieldFault[] = [];
  for (const [i, issuer] of issuers.entries()) {
    const fault = (field: string, detail: string): number => faults.push({ pointer: `/issuers/${i}/${field}`, detail });
    const url = secureUrl(issuer.issuer);
    if (url === undefined) fault('issuer', 'is not an https URL (http only on a loopback host)');
    else if (/[?#]/.test(issuer.issuer)) fault('issuer', 'has a query or a fragment (RFC 8414 §2)');
    if (names.has(issuer.issuer)) fault('issuer', 'is there twice');
    if (issuer.kind !== 'maskinporten' && issuer.kind !== 'idporten') fault('kind', 'is neither maskinporten nor idporten');
    if (typeof issuer.audience !== 'string' || issuer.audience === '') fault('audience', 'is missing');
    if (!Array.isArray(issuer.algorithms) || issuer.algorithms.length === 0) fault('algorithms', 'names no algorithm');
    else {
      for (const [j, algorithm] of issuer.algorithms.entries()) {
        if (!algorithms.includes(algorithm)) fault(`algorithms/${j}`, `is not one of ${algorithms.join(', ')}`);
      }
    }
    if (issuer.jwksUri !== undefined && secureUrl(issuer.jwksUri) === undefined) {
      fault('jwksUri', 'is not an https URL (http only on a loopback host)');
    }
    names.add(issuer.issuer);
  }
  return faults;
}

/**
 * The same issuers, by name, each with an audience.
 * @throws ProblemError `config-invalid` that names every fault at once, as issuerFaults does
 */
export function checkIssuers(issuers: readonly TrustedIssuer[]): ReadonlyMap<string, CheckedIssuer> {
  const faults = issuerFaults(issuers);
  if (faults.length > 0) throw new ProblemError('config-invalid', { detail: 'The trusted issuers are not usable.', at: faults });
  return new Map(
    issuers.map((issuer) => [
      issuer.issuer,
      Object.freeze({ ...issuer, algorithms: [...issuer.algorithms], audience: issuer.audience ?? '' }),
    ]),
  );
}

/** The URL if it is https, or http on a loopback host, and without user name and password. */
export function secureUrl(text: unknown): URL | undefined {
  if (typeof text !== 'string' || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return undefined;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)) ? url : undefined;
}

/** Whether the host is this machine by its name or address; no name is looked up. */
export function isLoopback(url: URL): boolean {
  // The URL parser has already turned 0x7f.1, 2130706433 and the like into dotted decimals.
  return url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(url.hostname);
}
