// What becomes of scopes, clients, accesses and delegations when an organisation ends: it goes on in the one that it is merged into, or ends with it.
// #access leads the way (closeOrganisation), under the leave that it has asked for: an Ending is what it hands out then.
// Not here: that nothing counts any more from the moment of the end. That is the rules' to say (policies/maskinporten).
import type { EndingSide } from '#access';
import { endAll } from './end-all.js';
import { goesOn } from './go-on.js';

/** This side's part in the end of an organisation. */
export const maskinportenEnding: EndingSide = { goesOn, end: endAll };
