// Access tokens: verifying those of the issuers we trust, making and using keys to sign our own, and fetching one as a client does.
// Tokens of others are verified by jose; what is decided here is which issuer, algorithm, key and claim counts.
// What a caller may do is not decided here: scopes are handed on as they came, the rules are in policies/.
// A token, a person number and a cause that holds either never leave this room in an error.
// The issuer rooms say what our own issuers are; they, #http, the demo and the gateway may call it.

export type { Caller, MachineCaller, PersonCaller } from './caller.js';
export {
  type ClientKey,
  LEAST_KEY_BITS,
  makeClientKey,
  type PublicClientKey,
  privateClientKey,
  publicClientKey,
} from './client-key.js';
export type { AuthorizationServerMetadata, OwnJwks, PublishedIssuer } from './published-issuer.js';
export { unreachableIssuers } from './reach-issuer.js';
export {
  generateSigningKey,
  type JwkSet,
  type NewSigningKey,
  type OpenKey,
  openSigningKey,
  type PublicJwk,
  type SigningAlgorithm,
  signingAlgorithms,
  type TokenSigner,
} from './signing-key.js';
export { JWT_BEARER, requestToken, type TokenAnswer, type TokenRequest } from './token-request.js';
export {
  createTokenVerifier,
  type FailingIssuer,
  MOST_TOKEN_CHARACTERS,
  type TokenVerifier,
  type TokenVerifierOptions,
} from './token-verifier.js';
export {
  type Algorithm,
  algorithms,
  type CheckedIssuer,
  checkIssuers,
  type IssuerKind,
  secureUrl,
  type TrustedIssuer,
} from './trusted-issuer.js';
export { unverifiedClaim } from './unverified-claim.js';
