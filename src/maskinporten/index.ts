// The Maskinporten side: who it is as an issuer, and what stands in the access tokens of machines.
// It keeps nothing yet: scopes, accesses, clients and the token endpoint have their place here. The signing is #tokens'.
// demo, the gateway and tests may call; it knows #tokens, #domain and what is below.
export { maskinportenIssuer, maskinportenName } from './issuer.js';
export { type ClientAmr, type MachineClaims, type MachineClaimsOptions, machineClaims, type OrganisationClaim } from './machine-claims.js';
export type { Client, ClientKey, Delegation, IntegrationType, OnBehalfOf, Scope, ScopeAccess, ScopeName } from './nouns.js';
export {
  type AuthorizationDetails,
  type CertificateJudge,
  type CertificateOptions,
  type DetailsHandler,
  type FaultEntry,
  type FaultName,
  type Form,
  faultCatalogue,
  type IssuedToken,
  isFaultName,
  issueToken,
  type PageText,
  type TokenEndpoint,
  TokenFault,
  type TokenLimits,
  type TokenParts,
  type TokenSigner,
  tokenCertificates,
} from './token/index.js';
