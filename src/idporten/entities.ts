// What this room keeps. A door of its own: whoever opens the store needs none of the rest.
import { logins } from './logins/login.js';
import { artifacts, revokedTokens, sealedArtifacts } from './provider/artifacts.js';

export { artifacts, logins, revokedTokens, sealedArtifacts };

/** All that this room keeps. */
export const entities = [logins, artifacts, revokedTokens] as const;
