// What persons give clients by logging in: which scopes a log-in gives, which need a yes on a page (judge-scopes, give-consent), what stands of it and how it ends.
// One document for each person and client, so that withdrawing is one write that counts on every node at once; tokens remember its round.
// Who may have which scope is decided in policies/idporten/{login,introspection,authorizations}; the provider's access comes first in all.
// The room's door hands it out. The OpenID provider asks judgeScopes before a log-in goes on and when tokens are made anew, giveConsent at the end of every log-in.
export type { Authorization, GivenScope } from './authorization.js';
export { type AskedOfPerson, type GivenConsent, type Giving, giveConsent } from './give-consent.js';
export { type Introspected, type IntrospectionQuestion, judgeIntrospection } from './introspect.js';
export {
  type AskedScopes,
  type AuthorizationParts,
  authorizationId,
  judgeScopes,
  type LastingScope,
  type LoginFault,
  type LoginVerdict,
  type TokenTerms,
} from './judge-scopes.js';
export type { AuthorizationCaller, AuthorizationRequest } from './leave.js';
export {
  type AuthorizationFilter,
  type AuthorizationView,
  authorizationOf,
  type GivenScopeView,
  listAuthorizations,
  listLogins,
  listOwnAuthorizations,
} from './read-authorizations.js';
export { listRevokedTokens, withdrawAuthorization } from './withdraw.js';
