// What this room keeps. A door of its own: whoever opens the store needs none of the rest.
import { eidOnce } from './eid/once.js';
import { logins } from './logins/login.js';

export { eidOnce, logins };

/** All that this room keeps. */
export const entities = [eidOnce, logins] as const;
