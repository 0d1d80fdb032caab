import type { JwkSet } from './signing-key.js';
import type { TrustedIssuer } from './trusted-issuer.js';

/** What an issuer says of itself (RFC 8414 §2); only what exists is named. */
export interface AuthorizationServerMetadata {
  readonly issuer: string;
  readonly jwks_uri: string;
  readonly [member: string]: string | boolean | readonly string[];
}

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
