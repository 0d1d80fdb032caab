// The nouns of the service as immutable types, with a parser for each kind of text that becomes one.
// Pure: no clock, no I/O, no policy. What is allowed is decided in policies/, what is kept in #storage.
// Every room but #problem may call it.

export { Fault, isFault } from './fault.js';
export type { BrukerId, Grant, GrantDocument, Withdrawal } from './grants.js';
export { type AppId, type Kommunenummer, type Orgnr, parseAppId, parseKommunenummer, parseOrgnr, parseRole } from './identifiers.js';
export { type Instant, parsePeriodEnd, parsePeriodStart, toInstant } from './instant.js';
export { type PersonNumber, parsePersonNumber } from './person-number.js';
export { type Activation, type Application, type ApplicationState, DEFAULT_ROLE, type Organisation } from './registry.js';
