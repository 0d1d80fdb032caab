import { createHash, randomUUID } from 'node:crypto';
import type { Orgnr, PersonNumber } from '#domain';

/** An organisation as Maskinporten writes it: ISO 6523 with ICD 0192, Enhetsregisteret. */
export interface OrganisationClaim {
  readonly authority: 'iso6523-actorid-upis';
  readonly ID: string;
}

/** The claims of a Maskinporten access token, but for the times, which come with the signature. */
export interface MachineClaims {
  readonly iss: string;
  readonly aud: string;
  readonly scope: string;
  readonly client_id: string;
  readonly client_amr: 'private_key_jwt';
  readonly token_type: 'Bearer';
  readonly consumer: OrganisationClaim;
  readonly supplier?: OrganisationClaim;
  readonly delegation_source?: string;
  readonly jti: string;
}

/** The claims of an ID-porten access token, but for the times. */
export interface PersonClaims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly pid: PersonNumber;
  readonly acr: string;
  readonly scope: string;
  readonly client_id: string;
  readonly client_amr: 'private_key_jwt';
  readonly token_type: 'Bearer';
  readonly jti: string;
}

/** What machineClaims is told; `jti` is random if left out. */
export interface MachineClaimsOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly client: { readonly id: string; readonly orgnr: Orgnr; readonly supplierOrgnr?: Orgnr };
  readonly scopes: readonly string[];
  readonly jti?: string;
}

/** What personClaims is told; `scopes` are `openid profile` and `jti` is random if left out. */
export interface PersonClaimsOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly pid: PersonNumber;
  readonly clientId: string;
  readonly acr: string;
  readonly scopes?: readonly string[];
  readonly jti?: string;
}

/** Claims as in Maskinporten's access tokens. With a supplier it is a delegation, told as Altinn's test environment does. */
export function machineClaims(options: MachineClaimsOptions): MachineClaims {
  const { issuer, audience, client, scopes, jti = randomUUID() } = options;
  return {
    iss: issuer,
    aud: audience,
    scope: scopes.join(' '),
    client_id: client.id,
    client_amr: 'private_key_jwt',
    token_type: 'Bearer',
    consumer: organisation(client.orgnr),
    ...(client.supplierOrgnr === undefined
      ? {}
      : { supplier: organisation(client.supplierOrgnr), delegation_source: 'https://tt02.altinn.no/' }),
    jti,
  };
}

/** Claims as in ID-porten's access tokens; `sub` differs from client to client (pairwise, OpenID Connect Core 1.0 §8.1). */
export function personClaims(options: PersonClaimsOptions): PersonClaims {
  const { issuer, audience, pid, clientId, acr, scopes = ['openid', 'profile'], jti = randomUUID() } = options;
  return {
    iss: issuer,
    aud: audience,
    // Not secret: whoever has the token reads the pid beside it.
    sub: createHash('sha256')
      .update(JSON.stringify([issuer, clientId, pid]))
      .digest('base64url'),
    pid,
    acr,
    scope: scopes.join(' '),
    client_id: clientId,
    client_amr: 'private_key_jwt',
    token_type: 'Bearer',
    jti,
  };
}

function organisation(orgnr: Orgnr): OrganisationClaim {
  return { authority: 'iso6523-actorid-upis', ID: `0192:${orgnr}` };
}
