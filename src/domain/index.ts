// The nouns of the service as immutable types, with a parser for each kind of text that becomes one.
// Pure: no clock, no I/O, no policy. What is allowed is decided in policies/, what is kept in #storage.
// Every room but #problem may call it.
export { type Activation, type Application, type ApplicationState, type Organisation, DEFAULT_ROLE } from './registry.js';
export { type BrukerId, type Grant, type GrantDocument, type Withdrawal } from './grants.js';
export { type AppId, parseAppId, parseKommunenummer, parseOrgnr, type Kommunenummer, type Orgnr, parseRole } from './identifiers.js';
export { type Instant, parsePeriodEnd, parsePeriodStart, toInstant } from './instant.js';
export { parsePersonNumber, type PersonNumber } from './person-number.js';
export { Fault, isFault } from './fault.js';
