// The ID-porten side: who it is as an issuer, what stands in the access tokens of persons who have logged in, and who has logged in when (logins/).
// The OpenID provider, consents and the contact register have their place here. The signing is #tokens', clients and scopes are #maskinporten's.
// http, cli, demo and the gateway may call; it knows #maskinporten, #access and what is below.
export {
  type AskedOfPerson,
  type AskedScopes,
  type Authorization,
  type AuthorizationCaller,
  type AuthorizationFilter,
  type AuthorizationParts,
  type AuthorizationRequest,
  type AuthorizationView,
  authorizationId,
  authorizationOf,
  endWithdrawn,
  type GivenConsent,
  type GivenScope,
  type GivenScopeView,
  type Giving,
  type GrantEnd,
  giveConsent,
  type Introspected,
  type IntrospectionQuestion,
  judgeIntrospection,
  judgeScopes,
  type LastingScope,
  type LoginFault,
  type LoginVerdict,
  listAuthorizations,
  listLogins,
  listOwnAuthorizations,
  type TokenTerms,
  withdrawAuthorization,
} from './authorizations/index.js';
export { type FoundPersons, pagesOf, TEST_AMR, type TestPerson, TestPersons } from './eid/test-persons.js';
export { UpstreamEid, type UpstreamLogin, type UpstreamParts } from './eid/upstream.js';
export { idportenIssuer, idportenName } from './issuer.js';
export type { Login, LoginService } from './logins/login.js';
export { hasEverLoggedIn, hasLoggedIn, highestSince, loginsOf } from './logins/read-logins.js';
export { type LoginHistory, type NewLogin, recordLogin } from './logins/record-login.js';
export type { IdportenParts } from './parts.js';
export { type PersonClaims, type PersonClaimsOptions, personClaims } from './person-claims.js';
export type { IdportenEndpoint } from './provider/idporten-provider.js';
export { ACR_VALUES, strengthOf } from './provider/levels.js';
export type { AskedLogin, EidStep, LoginOutcome, ProviderPage, ShowPage, StepExchange } from './provider/ports.js';
export type { IdportenSettings } from './settings.js';
