// The Maskinporten side: who it is as an issuer, what stands in the access tokens of machines; scopes, who has them, who may act for whom; clients.
// administer/ asks leave (policies/maskinporten/admin), registry/ and clients/ have a use case for each thing that is kept. keys/ is what it signs with, token/ the token endpoint.
// http, cli, demo and the gateway may call; it knows #access and what is below.

export { type Act, type Asking, type JudgedObject, type Leave, leaveFor } from './administer/leave.js';
export {
  addOnBehalfOf,
  addScopes,
  CITIZENS_CLIENT,
  type ClientFilter,
  type ClientView,
  changeClient,
  changeOnBehalfOf,
  createClient,
  createFirstClient,
  createSharedClient,
  deactivateClient,
  deactivateSharedClient,
  type EndingKey,
  FIRST_SCOPES,
  type FirstClient,
  isClientSecret,
  KeyEndings,
  type KeyWarning,
  keysOf,
  listClients,
  listEndingKeys,
  listOnBehalfOf,
  listSharedAccesses,
  listSharedClients,
  loginClient,
  type MadeClient,
  MOST_KEYS,
  type NewClient,
  type OnBehalfOfTerms,
  type OnBehalfOfView,
  parseKid,
  publicKeyInText,
  publicKeyOf,
  putKey,
  readClient,
  readKey,
  readKeys,
  readOnBehalfOf,
  removeKey,
  removeKeys,
  removeOnBehalfOf,
  renewSecret,
  replaceKeys,
  type SentClient,
  type SharedClient,
  type SoundKey,
  type WholeClient,
} from './clients/index.js';
export { maskinportenEnding } from './ending/index.js';
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
export {
  type ClientAmr,
  type MachineClaims,
  type MachineClaimsOptions,
  machineClaims,
  type OrganisationClaim,
  organisationClaim,
} from './machine-claims.js';
export type {
  Client,
  ClientKey,
  Delegation,
  DelegationSource,
  IntegrationType,
  OnBehalfOf,
  Scope,
  ScopeAccess,
  ScopeName,
  ScopePrefix,
  ScopeTexts,
  SignedTerms,
} from './nouns.js';
export { clientRef, isClientKey, type MaskinportenParts, type Side, type SideParts, scopeRef, termsRef } from './parts.js';
export {
  type AccessPlace,
  type AccessView,
  grantAccess,
  listAccesses,
  listAccessesOfConsumer,
  listOwnAccesses,
  revokeAccess,
} from './registry/accesses.js';
export {
  type DelegationPlace,
  type DelegationView,
  giveDelegation,
  listDelegationSources,
  listDelegations,
  readDelegation,
  withdrawDelegation,
} from './registry/delegations.js';
export { lookUpOrganisation, namesOf } from './registry/organisations.js';
export { delegationSources, isOwnScope, ownScopes, ownSource, sourceIssuer } from './registry/own-scopes.js';
export { handOutPrefix, listAllPrefixes, listPrefixes, type PrefixView, withdrawPrefix } from './registry/prefixes.js';
export type { ScopeTerms } from './registry/scope-terms.js';
export {
  changeScope,
  createScope,
  deactivateScope,
  listPublicScopes,
  listScopes,
  type PublicFilter,
  readScope,
  type ScopeView,
} from './registry/scopes.js';
export {
  type AskingClient,
  type JudgedDocuments,
  type ScopesPlace,
  type ScopesToJudge,
  scopesToJudge,
} from './registry/scopes-to-judge.js';
export { readTerms, signTerms, type TermsView } from './registry/terms.js';
export type { MaskinportenSettings } from './settings.js';
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
  type SenderStanding,
  type TokenEndpoint,
  TokenFault,
  type TokenLimits,
  type TokenParts,
  type ToldDetails,
  tokenCertificates,
} from './token/index.js';
