// What becomes of systems, system users, services and relations when an organisation ends: they go on in the one that it is merged into, or end with it.
// #access leads the way (closeOrganisation), under the leave that it has asked for: an Ending is what it hands out then.
// Not here: that nothing counts any more from the moment of the end. That is the rules' to say (policies/systembruker).
import type { EndingSide } from '#access';
import { endAll } from './end-all.js';
import { goesOn } from './go-on.js';

/** This side's part in the end of an organisation. Its clients are those of #maskinporten, whose part comes first. */
export const systembrukerEnding: EndingSide = { goesOn, end: endAll };
