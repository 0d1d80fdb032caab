// What was: an organisation's events, and who had what at a moment in the past, from the events. Each organisation reads its own part only.
export type { OrganisationEvent } from './event-parts.js';
export { type EventFilter, listEvents } from './list-events.js';
export { checkPast, listHoldersAt } from './past-grants.js';
