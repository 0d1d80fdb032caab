// What this room keeps. A door of its own: whoever opens the store needs none of the rest.
import { authorizations, givenGrants, sealedAuthorizations } from './authorizations/authorization.js';
import { eidOnce } from './eid/once.js';
import { contacts, mailboxProviders, registerImports, sealedContacts } from './krr/contact.js';
import { blockedPersons } from './logins/blocked.js';
import { logins } from './logins/login.js';
import { artifacts, revokedTokens, sealedArtifacts } from './provider/artifacts.js';

export {
  artifacts,
  authorizations,
  blockedPersons,
  contacts,
  eidOnce,
  givenGrants,
  logins,
  mailboxProviders,
  registerImports,
  revokedTokens,
  sealedContacts,
};

/** Where this room keeps something sealed. */
export const sealedInIdporten = [sealedArtifacts, sealedAuthorizations, sealedContacts] as const;

/** What its use cases work with, by the names of the collections. */
export const KEPT = { logins, blockedPersons, contacts, mailboxProviders, registerImports, authorizations, givenGrants };

/** All that this room keeps. */
export const entities = [...Object.values(KEPT), artifacts, revokedTokens, eidOnce];
