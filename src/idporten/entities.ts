// What this room keeps. A door of its own: whoever opens the store needs none of the rest.
import { eidOnce } from './eid/once.js';
import { logins } from './logins/login.js';
import { artifacts, revokedTokens, sealedArtifacts } from './provider/artifacts.js';

export { artifacts, eidOnce, logins, revokedTokens, sealedArtifacts };

/** All that this room keeps. */
export const entities = [logins, artifacts, revokedTokens, eidOnce] as const;
