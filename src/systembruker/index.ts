// The systembruker side: services and packages that rights are about (resources/), vendors' systems (register/), a business's own (own/), requests, their answers and the system users that they
// become (users/), whom agents act for (agents/), what vendors are told (telling/), tokens and decisions (acting/). Who may do what is decided in policies/systembruker.
// http, cli, demo and the gateway may call; it knows #maskinporten, #access and what is below.
export { SYSTEM_USER_DETAILS, systemUserDetails } from './acting/details.js';
export { systemUserKinds } from './acting/kinds.js';
export { lookUpSystemUser } from './acting/look-up.js';
export { systemUserOfClient } from './acting/token.js';
export { type LastUses, lastUsesOf } from './acting/uses.js';
export type { Asking } from './administer/caller.js';
export { listKept } from './administer/kept.js';
export { mayDo } from './administer/leave.js';
export {
  addAgentClient,
  type ClientStanding,
  giveRelation,
  importRelations,
  listAgentClients,
  listAgents,
  listAvailableClients,
  listClients,
  listRelations,
  type RelationView,
  readAgentClient,
  removeAgentClient,
  withdrawRelation,
} from './agents/index.js';
export { listChoosable, readChoosable } from './choosing/choosable.js';
export { systembrukerEnding } from './ending/index.js';
export {
  type FaultCode,
  type FieldCode,
  fieldFault,
  SystembrukerFault,
} from './faults.js';
export { packageIn, packageUrn, RESOURCE_URN } from './names.js';
export type {
  AccessPackage,
  AgentClient,
  ClientRelation,
  PackageName,
  RequestStatus,
  Resource,
  ResourceId,
  Right,
  Rights,
  System,
  SystemId,
  SystemUser,
  Texts,
  Webhook,
} from './nouns.js';
export { addOwnScopes, listOffered, makeOwnSystem, type OwnSystem, readOwnSystemUser } from './own/index.js';
export type { Receivers, SystembrukerParts, SystembrukerSide, SystembrukerSideParts } from './parts.js';
export {
  changePackages,
  changeRights,
  changeSystem,
  createSystem,
  deleteSystem,
  listOwnSystems,
  listSystemChanges,
  listVisibleSystems,
  readOwnSystem,
  readSystem,
  type SentRight,
  type SentSystem,
  type SystemChange,
  type SystemView,
} from './register/index.js';
export {
  importCatalogue,
  listPackages,
  listResources,
  type PackageTerms,
  putPackage,
  putResource,
  type ResourceTerms,
  type ResourceView,
  readPackage,
  readResource,
  removeResource,
  soundResource,
} from './resources/index.js';
export {
  Deliveries,
  listTold,
  putWebhook,
  readWebhook,
  removeWebhook,
  type TellingParts,
  type Told,
  toldBody,
  type WebhookView,
} from './telling/index.js';
export {
  activateSystemUser,
  approveChange,
  approveRequest,
  askForChange,
  askForSystemUser,
  type ChangeView,
  type Choice,
  changeSystemUser,
  createSystemUser,
  type DelegationFault,
  type DelegationReason,
  type Described,
  type Difference,
  deactivateSystemUser,
  deleteSystemUser,
  describeSystemUsers,
  escalateRequest,
  faultsOfChoice,
  findSystemUser,
  giveBackSystemUser,
  listChanges,
  listHistoryForCustomer,
  listHistoryForVendor,
  listPending,
  listPendingChanges,
  listRequests,
  listSystemUsers,
  listSystemUsersOfSystem,
  moveSystemUser,
  NOBODYS,
  NotGivable,
  openChange,
  openRequest,
  RequestEndings,
  readChange,
  readChangeByName,
  readReceivedChange,
  readReceivedRequest,
  readRequest,
  readRequestByName,
  readSystemUser,
  rejectChange,
  rejectRequest,
  type SentRequest,
  type SystemUserEvent,
  type SystemUserView,
  statusAt,
  type VendorsName,
  withdrawChange,
  withdrawRequest,
} from './users/index.js';
