// What becomes of scopes, clients, accesses and delegations when an organisation ends: it goes on in the one that it is merged into, or ends with it.
// #access leads the way (closeOrganisation), under the leave that it has asked for; here is what it calls.
import type { EndingSide } from '#access';
import type { MaskinportenParts } from '../parts.js';
import { endAll } from './end-all.js';
import { goesOn } from './go-on.js';

/** This side's part in the end of an organisation. */
export function maskinportenEnding(parts: MaskinportenParts): EndingSide {
  return {
    goesOn: (ending) => goesOn(parts, ending),
    end: (ending) => endAll(parts, ending),
  };
}
