// The systembruker side: services and packages that rights are about (resources/), vendors' systems (register/), requests, their answers and the system users that they
// become (users/), whom agents act for (agents/), what vendors are told (telling/), tokens and decisions (acting/). Who may do what is decided in policies/systembruker.
// http, cli, demo and the gateway may call; it knows #maskinporten, #access and what is below.
export type { Asking, SystembrukerCaller } from './administer/caller.js';
export { type Act, type JudgedObject, type Leave, leaveFor, mayDo, type Verdict } from './administer/leave.js';
export {
  type FaultCode,
  type FaultOptions,
  type FieldCode,
  type FieldFault,
  faultCodes,
  fieldFault,
  SystembrukerFault,
} from './faults.js';
export type {
  AccessPackage,
  AgentClient,
  ChangeRequest,
  ClientRelation,
  Moment,
  PackageName,
  RequestStatus,
  Resource,
  ResourceId,
  ResourceType,
  Right,
  Rights,
  System,
  SystemId,
  SystemUser,
  Texts,
  Webhook,
} from './nouns.js';
export { RESOURCE_TYPES } from './nouns.js';
export type { SystembrukerParts, SystembrukerSide, SystembrukerSideParts } from './parts.js';
export type { SystembrukerSettings } from './settings.js';
