// The heart: one use case per file, over the store, the person vault and the policy engine.
// A question loads documents and asks the policy. A change asks tilgang/admin first (administer/authorize.ts), whoever makes it: a person, a
// machine or the operator; a refusal is recorded. Every change is written with its event.
// http, cli, demo and the gateway may call; it knows no wire form.

export {
  type AdminCaller,
  type AdministratorView,
  type AdminRequest,
  type AssignmentTerms,
  type Attempt,
  actorOf,
  appointAdministrator,
  changeAdministrator,
  changeSettings,
  checkPrecondition,
  confirmSettings,
  leaveToAppoint,
  listAdministrators,
  listOwnOrganisations,
  operatorRequest,
  ownOrganisation,
  type Precondition,
  readAdministrator,
  readOrganisation,
  readSettings,
  recordRefusal,
  rejectSettings,
  removeAdministrator,
  type SettingsView,
} from './administer/index.js';
export type { RuleRef } from './ask/explain-access.js';
export type { GrantView } from './ask/grant-views.js';
export type { AccessCaller } from './ask/may-ask.js';
export type { ExplainedReason } from './ask/reason-texts.js';
export { type SearchAnswer, type SearchQuestion, searchOrganisations } from './ask/search-organisations.js';
export { type TriedDecision, type TriedGrant, tryDecision } from './ask/try-decision.js';
export {
  type ExplainedDecision,
  type WhyAnswer,
  type WhyQuestion,
  whyForKonsument,
  whyForTilbyder,
} from './ask/why-access.js';
export {
  type Action,
  type ActionQuestion,
  type AskedPage,
  Asking,
  askDocument,
  assertMayAsk,
  type Decided,
  decide,
  type Entity,
  type Evaluation,
  evaluate,
  evaluateAll,
  type Found,
  type Item,
  type JudgedKinds,
  judgedKinds,
  MayNotAsk,
  type Outcome,
  openBundles,
  type PagePlace,
  pageOf,
  RESOURCE,
  type ResourceQuestion,
  type RoomAsker,
  type RoomDecision,
  type RoomKinds,
  type RoomSearch,
  type Semantic,
  type SubjectQuestion,
  SYSTEM_USER,
  searchActions,
  searchResources,
  searchSubjects,
} from './authzen/index.js';
export {
  activateBundle,
  type BindingView,
  type BundleFinding,
  type BundleLoader,
  type BundlePlace,
  type BundleStatus,
  type BundleView,
  deactivateBundle,
  examineBundles,
  followSources,
  type KeyOwner,
  type KeyTerms,
  type KeyView,
  LoadedBundles,
  leaveToPush,
  listBundles,
  listPolicyKeys,
  listPolicySources,
  type OwnBundles,
  type OwnRules,
  type PushOutcome,
  pushBundle,
  putPolicyKey,
  readBinding,
  readBundleBytes,
  readBundleOf,
  readBundleStatus,
  readStandard,
  reportBundles,
  revokePolicyKey,
  rollBackBundle,
  type SourceState,
  type StandardPort,
  standardContent,
  trustBundle,
} from './bundles/index.js';
export { claims, underClaim } from './claims.js';
export {
  type Approval,
  approveComparison,
  type Candidate,
  type Comparison,
  type ComparisonName,
  type ComparisonOptions,
  type Counted,
  compareDecisions,
  compareGrants,
  type Difference,
  demandComparison,
  type KeptComparison,
  type LoggedQuestion,
  readShadow,
  Shadows,
  type ShadowView,
  setShadow,
  type Totals,
} from './comparison/index.js';
export { type Condition, conditionsOf } from './conditions.js';
export {
  type ExportedGrant,
  exportGrants,
  type ImportFault,
  type ImportLine,
  type ImportOptions,
  type ImportReport,
  type ImportRow,
  importForOrganisation,
  importGrants,
  lineFields,
  memoized,
  OPERATOR_BATCH_LINES,
  type OrganisationImport,
  type OrganisationImportReport,
  writeLines,
} from './files/index.js';
export {
  changeGrant,
  type GiveOutcome,
  type GrantOrder,
  giveGrant,
  giveGrants,
  leaveToGive,
  readGrant,
  withdrawGrant,
} from './grants/index.js';
export {
  checkPast,
  type EventFilter,
  type HistoryRange,
  listEvents,
  listHoldersAt,
  type OrganisationEvent,
  readHistory,
  verifyHistory,
} from './history/index.js';
export { assertKnownAnswers } from './known-answers.js';
export { type PageOf, type PageRange, pickedFrom, pickedPage } from './pages.js';
export {
  type AccessParts,
  activations,
  administrators,
  applications,
  entities,
  everyOf,
  grantDocuments,
  type Installation,
  organisations,
  partsFor,
  seatIndex,
  type Where,
} from './parts.js';
export {
  listEndingGrants,
  listGrants,
  lookUpPerson,
  lookUpPersonAt,
  type PersonView,
  removePerson,
  type UnusedGrant,
  unusedGrants,
} from './people/index.js';
export { keysInForce, openVaultOf, type PersonSecrets, personSecrets, recordedSecrets } from './person-secrets.js';
export { assertAlike, declarationsOf, Presence, type ProcessName, processes, type RunningProcess, runningProcesses } from './processes.js';
export { asRefusal, wasRefused } from './refused.js';
export {
  type ApplicationTerms,
  type ApplicationView,
  type Closing,
  type ClosingReport,
  changeApplication,
  closeOrganisation,
  createApplication,
  type Ending,
  type EndingSide,
  importOrganisations,
  type KonsumentView,
  leaveToRegister,
  listApplications,
  listKonsumenter,
  listOffers,
  listOrganisations,
  type OfferFilter,
  type OfferView,
  readApplication,
  readLogo,
  readOffer,
  registerApplication,
  registerOrganisation,
  retireApplication,
  setActivation,
  setLogo,
} from './registry/index.js';
export { freeSeat, type SeatRow } from './registry/seats.js';
export { repeated } from './repeated.js';
export {
  assertSchema,
  type Migration,
  migrations,
  type Program,
  readSchema,
  type StoreSchema,
  schemaOf,
  settleSchema,
  storeSchemas,
} from './schema.js';
export {
  type RotationOutcome,
  type RotationTerms,
  readSecrets,
  rotateSecrets,
  type SealedPlace,
  type SecretsView,
  sealedPlaces,
} from './secrets/index.js';
export type { Quotas } from './settings.js';
export { type StoreKind, settleStoreKind, storeKindOf, storeKinds } from './store-kind.js';
export { inTurns } from './turns.js';
export { NotedUses } from './uses/note-uses.js';
export type { AccessUses, NotedUse, UseKind } from './uses/use-kind.js';
