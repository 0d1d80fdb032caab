// Asking leave, and what an organisation decides of itself: its administrators and its settings.
// Every change of the room goes through authorize here; who may what is said in policies/tilgang/admin.
// The door of #access hands it on; the folders beside it import its files.
export { type AdminCaller, type AdminRequest, actorOf, operatorRequest, ownOrganisation } from './act.js';
export {
  type AdministratorView,
  type AssignmentTerms,
  appointAdministrator,
  changeAdministrator,
  leaveToAppoint,
  listAdministrators,
  listOwnOrganisations,
  readAdministrator,
  removeAdministrator,
} from './administrators.js';
export { type Attempt, recordRefusal } from './authorize.js';
export { administeredBy } from './basis.js';
export { confirmSettings, rejectSettings } from './pending-settings.js';
export { checkPrecondition, type Precondition } from './precondition.js';
export { changeSettings, readOrganisation, readSettings, type SettingsView } from './settings.js';
export { type StandingIn, standingIn } from './standing-in.js';
