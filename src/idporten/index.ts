// The ID-porten side: who it is as an issuer, what stands in the access tokens of persons who have logged in; who has logged in when, and how surely
// (logins/); how people can be reached, and whether they may be (krr/). Who may ask is decided in policies/idporten.
// The signing is #tokens', clients and scopes are #maskinporten's.
// http, cli, demo and the gateway may call; it knows #maskinporten, #access and what is below.
export {
  type AskedOfPerson,
  type AskedScopes,
  type Authorization,
  type AuthorizationCaller,
  type AuthorizationEvent,
  type AuthorizationFilter,
  type AuthorizationParts,
  type AuthorizationRequest,
  type AuthorizationView,
  authorizationId,
  authorizationOf,
  type DescribedAsk,
  describeAsk,
  type GivenConsent,
  type GivenScope,
  type GivenScopeView,
  type Giving,
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
  listOwnHistory,
  listRevokedTokens,
  type TokenTerms,
  withdrawAuthorization,
} from './authorizations/index.js';
export type { EidSettings } from './eid/settings.js';
export { type FoundPersons, pagesOf, TEST_AMR, type TestPerson, TestPersons } from './eid/test-persons.js';
export { UpstreamEid, type UpstreamLogin, type UpstreamParts } from './eid/upstream.js';
export { idportenIssuer, idportenName } from './issuer.js';
export { type Channel, LANGUAGES, type Language, type RegisterImport } from './krr/contact.js';
export { type ContactImport, importContacts } from './krr/import-contacts.js';
export { putMailboxProvider, type RegisterStatus, readRegisterStatus, showContact } from './krr/keep-register.js';
export { lookUpContacts } from './krr/look-up.js';
export { changeOwnLanguage, readOwnContact } from './krr/own-contact.js';
export type { ContactQuestion, ToldChannel, ToldContact } from './krr/tell-contacts.js';
export { askLevel, type LevelAnswer, type LevelQuestion } from './logins/ask-level.js';
export { type Blocking, blockPerson, isBlocked, unblockPerson } from './logins/block-person.js';
export type { Login, LoginService } from './logins/login.js';
export { hasEverLoggedIn, hasLoggedIn, highestSince, loginsOf } from './logins/read-logins.js';
export { type LoginHistory, type NewLogin, recordLogin } from './logins/record-login.js';
export { refusingBlocked } from './logins/refuse-blocked.js';
export type { IdportenParts } from './parts.js';
export { type PersonClaims, type PersonClaimsOptions, personClaims } from './person-claims.js';
export { CITIZENS_PATH, SYSTEM_USERS_PATH } from './provider/citizens-client.js';
export type { IdportenEndpoint, LoggedInPerson } from './provider/idporten-provider.js';
export { ACR_VALUES, strengthOf } from './provider/levels.js';
export type {
  AskedConsent,
  AskedLogin,
  ConsentStep,
  EidStep,
  LoginOutcome,
  ProviderPage,
  ShowPage,
  StepExchange,
} from './provider/ports.js';
export type { IdportenSettings } from './settings.js';
