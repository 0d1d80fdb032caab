// What was: the events of an organisation, and who had what at a moment in the past, read from the events.
// Each organisation reads lists of its own, and of a shared document its own part: what others do neither shows nor costs anything.
// The door of #access hands it on; the folders beside it import its files.
export type { OrganisationEvent } from './event-parts.js';
export { type EventFilter, listEvents } from './list-events.js';
export { checkPast, listHoldersAt } from './past-grants.js';
export { type HistoryRange, readHistory, verifyHistory } from './whole-history.js';
