// What this room keeps. A door of its own: whoever opens the store needs none of the rest.
import { authorizations, givenGrants, sealedAuthorizations } from './authorizations/authorization.js';
import { logins } from './logins/login.js';

export { authorizations, givenGrants, logins, sealedAuthorizations };

/** All that this room keeps. */
export const entities = [logins, authorizations, givenGrants] as const;
