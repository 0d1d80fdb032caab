import type { JwkSet } from './signing-key.js';
import type { TrustedIssuer } from './trusted-issuer.js';

/** What an issuer says of itself (RFC 8414 §2); only what exists is named. */
export type AuthorizationServerMetadata = {
  readonly issuer: string;
  readonly jwks_uri: string;
  readonly token_endpoint?: string;
  readonly grant_types_supported?: readonly string[];
  readonly response_types_supported?: readonly string[];
  readonly token_endpoint_auth_methods_supported?: readonly string[];
  readonly token_endpoint_auth_signing_alg_values_supported?: readonly string[];
  readonly authorization_details_types_supported?: readonly string[];
  readonly subject_types_supported?: readonly string[];
};

/** The public keys of an issuer of our own, where they are kept. */
export interface OwnJwks {
  /** As they are known here; the same object while nothing has changed. */
  jwks(): JwkSet;
  /** Looks where they are kept: afterwards jwks() is as new as that. */
  look(): Promise<void>;
}

/** An issuer of our own, as it is trusted here and as it is published. */
export interface PublishedIssuer extends OwnJwks {
  readonly trusted: TrustedIssuer;
  /** Path of the issuer below the origin, such as `/maskinporten/`. */
  readonly path: string;
  readonly metadata: AuthorizationServerMetadata;
}
