// The heart: one use case per file, over the store, the person vault and the policy engine.
// It loads documents, asks the policy, and writes what the policy allowed; who may do what is decided in policies/.
// http, cli, demo and the gateway may call; it knows no wire form.
export { activateApplication, registerApplication, registerOrganisation } from './register.js';
export { exportGrants, type ExportedGrant } from './export-grants.js';
export { giveGrants, type GiveOutcome, type GrantOrder } from './give-grants.js';
export { type ImportFault, importGrants, type ImportOptions, type ImportReport, type ImportRow } from './import-grants.js';
export { type AccessParts, activations, applications, entities, grantDocuments, organisations } from './parts.js';
export { type AccessCaller, searchOrganisations, type SearchAnswer, type SearchQuestion } from './search-organisations.js';
export { withdrawGrant } from './withdraw-grant.js';
