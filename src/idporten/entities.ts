// What this room keeps. A door of its own: whoever opens the store needs none of the rest.
import { authorizations, givenGrants, sealedAuthorizations } from './authorizations/authorization.js';
import { eidOnce } from './eid/once.js';
import { logins } from './logins/login.js';
import { artifacts, revokedTokens, sealedArtifacts } from './provider/artifacts.js';

export { artifacts, authorizations, eidOnce, givenGrants, logins, revokedTokens, sealedArtifacts, sealedAuthorizations };

/** All that this room keeps. */
export const entities = [logins, authorizations, givenGrants, artifacts, revokedTokens, eidOnce] as const;
