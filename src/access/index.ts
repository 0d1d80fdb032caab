// The heart: one use case per file, over the store, the person vault and the policy engine.
// A question loads documents and asks the policy. A change of a tilbyder or a konsument asks tilgang/admin first (authorize.ts), and a
// refusal is recorded; what register.ts, import-grants.ts, import-organisations.ts and close-organisation.ts do is the operator's own.
// Every change is written with its event. http, cli, demo and the gateway may call; it knows no wire form.

export { type AdminCaller, type AdminRequest, wasRefused } from './authorize.js';
export { type ClosingReport, closeOrganisation } from './close-organisation.js';
export { type ExportedGrant, exportGrants } from './export-grants.js';
export { type GiveOutcome, type GrantOrder, giveGrants } from './give-grants.js';
export type { GrantView } from './held-roles.js';
export { checkPast, type EventFilter, listEvents, listHoldersAt, type OrganisationEvent } from './history.js';
export {
  exportForOrganisation,
  importForOrganisation,
  type OrganisationImport,
  type OrganisationImportReport,
} from './import-for-organisation.js';
export { type ImportFault, type ImportOptions, type ImportReport, type ImportRow, importGrants } from './import-grants.js';
export { importOrganisations } from './import-organisations.js';
export { listOffers, type OfferFilter, type OfferView, readOffer, setActivation } from './keep-activations.js';
export {
  type AdministratorView,
  type AssignmentTerms,
  appointAdministrator,
  appointByOperator,
  changeAdministrator,
  listAdministrators,
  organisationsOf,
  readAdministrator,
  removeAdministrator,
  removeByOperator,
} from './keep-administrators.js';
export {
  type ApplicationTerms,
  type ApplicationView,
  changeApplication,
  createApplication,
  type KonsumentView,
  listApplications,
  listKonsumenter,
  readApplication,
  readLogo,
  retireApplication,
  setLogo,
} from './keep-applications.js';
export { changeGrant, type GrantTerms, giveGrant, readGrant, withdrawKeptGrant } from './keep-grant.js';
export { changeSettings, readOrganisation, readSettings, type SettingsView } from './keep-settings.js';
export { listEndingGrants, listGrants } from './list-grants.js';
export { lookUpPerson, lookUpPersonAt, type PersonView, removePerson } from './look-up-person.js';
export type { PageOf, PageRange } from './pages.js';
export { type AccessParts, activations, administrators, applications, entities, grantDocuments, organisations } from './parts.js';
export type { Precondition } from './precondition.js';
export { activateApplication, registerApplication, registerOrganisation } from './register.js';
export { type AccessCaller, type SearchAnswer, type SearchQuestion, searchOrganisations } from './search-organisations.js';
export { type TriedDecision, type TriedGrant, tryDecision } from './try-decision.js';
export { withdrawGrant } from './withdraw-grant.js';
