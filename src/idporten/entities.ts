// What this room keeps. A door of its own: whoever opens the store needs none of the rest.
import { logins } from './logins/login.js';

export { logins };

/** All that this room keeps. */
export const entities = [logins] as const;
