// Access tokens: verifying those of the issuers we trust, and the demo issuer's own keys, claims and metadata.
// All cryptography is jose's; what is decided here is which issuer, algorithm, key and claim counts.
// What a caller may do is not decided here: scopes are handed on as they came, the rules are in policies/.
// A token, a person number and a cause that holds either never leave this room in an error.
// #http, #gateway and the demo may call it.

export type { Caller, MachineCaller, PersonCaller } from './caller.js';
export { type MachineClaims, machineClaims, type PersonClaims, personClaims } from './claims.js';
export { type AuthorizationServerMetadata, issuerMetadata } from './issuer-metadata.js';
export { tokenSettings } from './settings.js';
export { openSigningKeys, type PublicJwk, type SigningKeys } from './signing-keys.js';
export { createTokenVerifier, type TokenVerifier, type TokenVerifierOptions } from './token-verifier.js';
export { type Algorithm, algorithms, type CheckedIssuer, checkIssuers, type IssuerKind, type TrustedIssuer } from './trusted-issuer.js';
