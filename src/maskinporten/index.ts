// The Maskinporten side: who it is as an issuer, and what stands in the access tokens of machines.
// What it keeps is declared in entities.ts, what it signs with is in keys/. The cryptography is #tokens'.
// demo, the gateway and tests may call; it knows #tokens, #domain and what is below.
export { maskinportenIssuer, maskinportenName } from './issuer.js';
export {
  conditionsOfKeys,
  type IssuerKeyView,
  type IssuerRotation,
  LONGEST_TOKEN_SECONDS,
  listIssuerKeys,
  type NewKeyTerms,
  rotateIssuer,
  SigningRing,
  sealedIssuerSecrets,
  type TendingTerms,
  tendKeys,
} from './keys/index.js';
export { type ClientAmr, type MachineClaims, type MachineClaimsOptions, machineClaims, type OrganisationClaim } from './machine-claims.js';
export type { Client, ClientKey, Delegation, IntegrationType, OnBehalfOf, Scope, ScopeAccess, ScopeName } from './nouns.js';
export type { MaskinportenSettings } from './settings.js';
export {
  type AuthorizationDetails,
  type CertificateJudge,
  type DetailsHandler,
  type FaultEntry,
  type FaultName,
  type Form,
  faultCatalogue,
  type IssuedToken,
  isFaultName,
  issueToken,
  noCertificates,
  type PageText,
  type TokenEndpoint,
  TokenFault,
  type TokenLimits,
  type TokenParts,
} from './token/index.js';
