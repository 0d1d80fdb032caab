import { randomUUID } from 'node:crypto';
import { type Orgnr, present } from '#domain';

/** An organisation as Maskinporten writes it: ISO 6523 with ICD 0192, Enhetsregisteret. */
export interface OrganisationClaim {
  readonly authority: 'iso6523-actorid-upis';
  readonly ID: string;
}

/** How a client has shown who it is: by a registered key, or by an organisation certificate. */
export type ClientAmr = 'private_key_jwt' | 'virksomhetssertifikat';

/** The claims of a Maskinporten access token, but for the times, which come with the signature. */
export interface MachineClaims {
  readonly iss: string;
  /** Absent: for nobody in particular. One audience stands as a text. */
  readonly aud?: string | string[];
  readonly scope: string;
  readonly client_id: string;
  readonly client_amr: ClientAmr;
  readonly token_type: 'Bearer';
  readonly consumer: OrganisationClaim;
  readonly supplier?: OrganisationClaim;
  readonly delegation_source?: string;
  readonly jti: string;
}

/** What machineClaims is told; `jti` is random if left out. */
export interface MachineClaimsOptions {
  readonly issuer: string;
  readonly audience: string | readonly string[];
  readonly client: { readonly id: string; readonly orgnr: Orgnr; readonly supplierOrgnr?: Orgnr };
  /** The default is `private_key_jwt`. */
  readonly amr?: ClientAmr;
  /** By which a consumer has let a supplier act; the default, where there is a supplier, is Altinn's test environment, null none. */
  readonly delegationSource?: string | null;
  readonly scopes: readonly string[];
  readonly jti?: string;
}

const ALTINN_TEST = 'https://tt02.altinn.no/';

/** Claims as in Maskinporten's access tokens. With a supplier it is a delegation. */
export function machineClaims(options: MachineClaimsOptions): MachineClaims {
  const { issuer, audience, client, scopes, amr = 'private_key_jwt', delegationSource = ALTINN_TEST, jti = randomUUID() } = options;
  const supplier = client.supplierOrgnr;
  const isSupplied = supplier !== undefined;
  return present({
    iss: issuer,
    aud: audienceOf(audience),
    scope: scopes.join(' '),
    client_id: client.id,
    client_amr: amr,
    token_type: 'Bearer' as const,
    consumer: organisationClaim(client.orgnr),
    supplier: isSupplied ? organisationClaim(supplier) : undefined,
    delegation_source: isSupplied && delegationSource !== null ? delegationSource : undefined,
    jti,
  });
}

function audienceOf(audience: string | readonly string[]): string | string[] | undefined {
  if (typeof audience === 'string') return audience;
  return audience.length > 1 ? [...audience] : audience[0];
}

/** An organisation as a claim. */
export function organisationClaim(orgnr: Orgnr): OrganisationClaim {
  return { authority: 'iso6523-actorid-upis', ID: `0192:${orgnr}` };
}
