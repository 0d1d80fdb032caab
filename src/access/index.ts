// The heart: one use case per file, over the store, the person vault and the policy engine.
// A question loads documents and asks the policy. A change of a tilbyder or a konsument asks tilgang/admin first (authorize.ts), and a
// refusal is recorded; what register.ts, import-grants.ts, import-organisations.ts and close-organisation.ts do is the operator's own.
// Every change is written with its event. http, cli, demo and the gateway may call; it knows no wire form.

export { type AdminCaller, type AdminRequest, operatorRequest } from './administer/authorize.js';
export { type GiveOutcome, type GrantOrder, giveGrants } from './administer/give-grants.js';
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
} from './administer/keep-administrators.js';
export { changeGrant, type GrantTerms, giveGrant, readGrant, withdrawKeptGrant } from './administer/keep-grant.js';
export { changeSettings, readOrganisation, readSettings, type SettingsView } from './administer/keep-settings.js';
export type { Precondition } from './administer/precondition.js';
export { withdrawGrant } from './administer/withdraw-grant.js';
export type { GrantView } from './ask/held-roles.js';
export type { AccessCaller } from './ask/may-ask.js';
export { type SearchAnswer, type SearchQuestion, searchOrganisations } from './ask/search-organisations.js';
export { type TriedDecision, type TriedGrant, tryDecision } from './ask/try-decision.js';
export { type ExportedGrant, exportGrants } from './files/export-grants.js';
export {
  exportForOrganisation,
  importForOrganisation,
  type OrganisationImport,
  type OrganisationImportReport,
} from './files/import-for-organisation.js';
export { type ImportFault, type ImportOptions, type ImportReport, type ImportRow, importGrants } from './files/import-grants.js';
export { checkPast, type EventFilter, listEvents, listHoldersAt, type OrganisationEvent } from './history/history.js';
export type { PageOf, PageRange } from './pages.js';
export {
  type AccessParts,
  activations,
  administrators,
  applications,
  entities,
  grantDocuments,
  type Installation,
  organisations,
  partsFor,
} from './parts.js';
export { listEndingGrants, listGrants } from './people/list-grants.js';
export { lookUpPerson, lookUpPersonAt, type PersonView, removePerson } from './people/look-up-person.js';
export { openVaultOf, personSecrets } from './person-secrets.js';
export { asRefusal, wasRefused } from './refused.js';
export { type ClosingReport, closeOrganisation } from './registry/close-organisation.js';
export { importOrganisations } from './registry/import-organisations.js';
export { listOffers, type OfferFilter, type OfferView, readOffer, setActivation } from './registry/keep-activations.js';
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
} from './registry/keep-applications.js';
export { activateApplication, registerApplication, registerOrganisation } from './registry/register.js';
