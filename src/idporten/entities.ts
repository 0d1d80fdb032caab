// What this room keeps. A door of its own: whoever opens the store needs none of the rest.
import { authorizations, givenGrants, sealedAuthorizations } from './authorizations/authorization.js';
import { contacts, mailboxProviders, registerImports, sealedContacts } from './krr/contact.js';
import { blockedPersons } from './logins/blocked.js';
import { logins } from './logins/login.js';

export { authorizations, blockedPersons, contacts, givenGrants, logins, mailboxProviders, registerImports, sealedAuthorizations, sealedContacts };

/** All that this room keeps. */
export const entities = [logins, blockedPersons, contacts, mailboxProviders, registerImports, authorizations, givenGrants] as const;
