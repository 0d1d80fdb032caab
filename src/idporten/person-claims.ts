import { createHash, randomUUID } from 'node:crypto';
import { type Orgnr, type PersonNumber, present } from '#domain';
import { type OrganisationClaim, organisationClaim } from '#maskinporten';

/** The claims of an ID-porten access token, but for the times. */
export interface PersonClaims {
  readonly iss: string;
  /** Absent: for nobody in particular. One audience stands as a text. */
  readonly aud?: string | readonly string[];
  readonly sub: string;
  /** Absent: the client is not told whose it is. */
  readonly pid?: PersonNumber;
  readonly acr: string;
  readonly scope: string;
  readonly client_id: string;
  readonly client_amr: string;
  readonly token_type: 'Bearer' | 'DPoP';
  readonly consumer?: OrganisationClaim;
  readonly supplier?: OrganisationClaim;
  readonly delegation_source?: string;
  /** The key that whoever shows it must prove to have (RFC 9449 §6). */
  readonly cnf?: { readonly jkt: string };
  readonly jti: string;
}

/** What personClaims is told; `scopes` are `openid profile` and `jti` is random if left out. */
export interface PersonClaimsOptions {
  readonly issuer: string;
  readonly audience: string | readonly string[];
  readonly pid: PersonNumber;
  readonly clientId: string;
  readonly acr: string;
  /** What the client knows the person by; the default is a hash that whoever knows the pid can make, for tokens that have it beside. */
  readonly subject?: string;
  readonly scopes?: readonly string[];
  readonly jti?: string;
  /** The default is `private_key_jwt`. */
  readonly clientAmr?: string;
  readonly consumer?: Orgnr;
  readonly supplier?: Orgnr | null;
  readonly delegationSource?: string | null;
  /** Whether the pid is left out. */
  readonly pseudonymous?: boolean;
  /** The thumbprint of the key that the token is bound to. */
  readonly jkt?: string | undefined;
}

/** Claims as in ID-porten's access tokens; `sub` differs from client to client (pairwise, OpenID Connect Core 1.0 §8.1). */
export function personClaims(options: PersonClaimsOptions): PersonClaims {
  const { issuer, audience, pid, clientId, acr, scopes = ['openid', 'profile'], jti = randomUUID() } = options;
  const { clientAmr = 'private_key_jwt', consumer, supplier, delegationSource, pseudonymous = false, jkt } = options;
  return present({
    iss: issuer,
    aud: typeof audience === 'string' || audience.length > 1 ? audience : audience[0],
    sub: options.subject ?? openSubject(issuer, clientId, pid),
    pid: pseudonymous ? undefined : pid,
    acr,
    scope: scopes.join(' '),
    client_id: clientId,
    client_amr: clientAmr,
    token_type: jkt === undefined ? ('Bearer' as const) : ('DPoP' as const),
    consumer: consumer && organisationClaim(consumer),
    supplier: supplier ? organisationClaim(supplier) : undefined,
    delegation_source: delegationSource ?? undefined,
    cnf: jkt === undefined ? undefined : { jkt },
    jti,
  });
}

/** Not secret: whoever has the token reads the pid beside it. */
function openSubject(issuer: string, clientId: string, pid: PersonNumber): string {
  return createHash('sha256')
    .update(JSON.stringify([issuer, clientId, pid]))
    .digest('base64url');
}
