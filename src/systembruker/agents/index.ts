// Whom agents act for: what clients have given an organisation (relations), and which of them its agents act for. Packages are joined by AND, and a relation that ends takes the
// client with it: policies/systembruker/agents says so, at each question anew.
// The door of #systembruker hands it on; telling/ and users/ know nothing of it.
export {
  addAgentClient,
  listAgentClients,
  listAgents,
  listAvailableClients,
  listClients,
  readAgentClient,
  removeAgentClient,
} from './clients.js';
export { importRelations, type RelationImportOptions } from './import-relations.js';
export { type GivenPackages, giveRelation, listRelations, type RelationView, withdrawRelation } from './relations.js';
export type { ClientReason, ClientStanding } from './standings.js';
