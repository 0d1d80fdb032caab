import { randomUUID } from 'node:crypto';
import { type Orgnr, present } from '#domain';

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

/** What machineClaims is told; `jti` is random if left out. */
export interface MachineClaimsOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly client: { readonly id: string; readonly orgnr: Orgnr; readonly supplierOrgnr?: Orgnr };
  readonly scopes: readonly string[];
  readonly jti?: string;
}

/** Claims as in Maskinporten's access tokens. With a supplier it is a delegation, told as Altinn's test environment does. */
export function machineClaims(options: MachineClaimsOptions): MachineClaims {
  const { issuer, audience, client, scopes, jti = randomUUID() } = options;
  const supplier = client.supplierOrgnr;
  return present({
    iss: issuer,
    aud: audience,
    scope: scopes.join(' '),
    client_id: client.id,
    client_amr: 'private_key_jwt' as const,
    token_type: 'Bearer' as const,
    consumer: organisation(client.orgnr),
    supplier: supplier === undefined ? undefined : organisation(supplier),
    delegation_source: supplier === undefined ? undefined : 'https://tt02.altinn.no/',
    jti,
  });
}

function organisation(orgnr: Orgnr): OrganisationClaim {
  return { authority: 'iso6523-actorid-upis', ID: `0192:${orgnr}` };
}
