// The heart: one use case per file, over the store, the person vault and the policy engine.
// A question loads documents and asks the policy; a change is the operator's own, and is written with its event.
// http, cli, demo and the gateway may call; it knows no wire form.

export { type ExportedGrant, exportGrants } from './export-grants.js';
export { type GiveOutcome, type GrantOrder, giveGrants } from './give-grants.js';
export { type ImportFault, type ImportOptions, type ImportReport, type ImportRow, importGrants } from './import-grants.js';
export { type AccessParts, activations, applications, entities, grantDocuments, organisations } from './parts.js';
export { activateApplication, registerApplication, registerOrganisation } from './register.js';
export { type AccessCaller, type SearchAnswer, type SearchQuestion, searchOrganisations } from './search-organisations.js';
export { withdrawGrant } from './withdraw-grant.js';
