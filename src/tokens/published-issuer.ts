import type { PublicJwk } from './signing-keys.js';
import type { TrustedIssuer } from './trusted-issuer.js';

/** What an issuer says of itself (RFC 8414 §2); only what exists is named. */
export type AuthorizationServerMetadata = {
  readonly issuer: string;
  readonly jwks_uri: string;
  readonly grant_types_supported?: readonly string[];
  readonly subject_types_supported?: readonly string[];
};

/** An issuer of our own, as it is trusted here and as it is published. */
export interface PublishedIssuer {
  readonly trusted: TrustedIssuer;
  /** Path of the issuer below the origin, such as `/maskinporten/`. */
  readonly path: string;
  readonly metadata: AuthorizationServerMetadata;
  /** The document of its public keys (RFC 7517 §5). */
  jwks(): { readonly keys: readonly PublicJwk[] };
}
