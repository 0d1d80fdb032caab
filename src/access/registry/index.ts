// What there is to use and who takes part: applications, logos, activations, organisations.
// Tilbydere keep their applications and konsumenter their activations; organisations are the operator's.
// The door of #access hands it on; each use case asks leave first.
export { listOffers, type OfferFilter, type OfferView, readOffer, setActivation } from './activations.js';
export {
  type ApplicationTerms,
  type ApplicationView,
  changeApplication,
  createApplication,
  type KonsumentView,
  leaveToRegister,
  listApplications,
  listKonsumenter,
  readApplication,
  retireApplication,
} from './applications.js';
export { type Closing, type ClosingReport, closeOrganisation, type Ending, type EndingSide } from './close-organisation.js';
export { eachOf, rewritten } from './each.js';
export { importOrganisations } from './import-organisations.js';
export { readLogo, setLogo } from './logos.js';
export { listOrganisations, registerApplication, registerOrganisation } from './registrations.js';
