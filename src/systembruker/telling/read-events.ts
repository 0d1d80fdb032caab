import type { DirectedRange, EventPage, Store } from '#storage';
import { SYSTEM_USERS_PARTY, systemParty } from '../entities.js';
import type { SystemId } from '../nouns.js';

/** The events of a system's requests and system users, for whoever tells its vendor, or has leave to read them. */
export function eventsOfSystem({ events }: Store, systemId: SystemId, range: DirectedRange): Promise<EventPage> {
  return events.concerning(systemParty(systemId), range);
}

/** The events of all requests and system users, for whoever tells vendors. */
export function eventsOfAll({ events }: Store, range: DirectedRange): Promise<EventPage> {
  return events.concerning(SYSTEM_USERS_PARTY, range);
}
