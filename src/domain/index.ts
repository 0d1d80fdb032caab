// The nouns of the service as immutable types, with a parser for each kind of text that becomes one.
// Pure: no clock, no I/O, no policy. What is allowed is decided in policies/, what is kept in #storage.
// Every room but #problem may call it.

export { ADMIN_ROLES, type Administrators, type AdminRole, type RoleAssignment } from './administrators.js';
export {
  type BundleRef,
  type BundleRevision,
  compareRevisions,
  type PolicyBinding,
  type PolicyBundle,
  type PolicyKey,
  parseBundleRevision,
  parseKeyId,
} from './bundles.js';
export { Fault, isFault } from './fault.js';
export { decodedAddress, parseFreeText, parseReason, parseWebAddress, type TextRule } from './free-text.js';
export {
  type GrantOrigin,
  type GrantTerms,
  givesThat,
  grantOf,
  joined,
  keptGrantOf,
  withGrant,
  withMovedGrant,
  withoutGrant,
} from './grant-changes.js';
export {
  type BrukerId,
  ended,
  type Grant,
  type GrantDocument,
  type GrantSource,
  parseBrukerId,
  type Withdrawal,
} from './grants.js';
export {
  type AppId,
  type Kommunenummer,
  type Orgnr,
  parseAppId,
  parseKommunenummer,
  parseOrgnr,
  parseRole,
  parseUuid,
  uuidOf,
} from './identifiers.js';
export { DAY_MS, type Day, dayOf, type Instant, monthsBefore, parseDay, parsePeriodEnd, parsePeriodStart, toInstant } from './instant.js';
export { listText } from './list-text.js';
export { maskedJson } from './masked-json.js';
export { holdsPersonNumber, maskPersonNumbers } from './numbers-in-text.js';
export { isSynthetic, type PersonNumber, parsePersonNumber, withCheckDigits } from './person-number.js';
export { type Present, present } from './present.js';
export {
  type Activation,
  type Application,
  type ApplicationState,
  type ClientLimits,
  DEFAULT_ROLE,
  type LocalizedText,
  type Logo,
  type Organisation,
  type OrganisationSettings,
  type PendingSettings,
  type Seats,
} from './registry.js';
export { type SecurityLevel, securityLevelOf } from './security-level.js';
