// The systembruker side: services and packages that rights are about (resources/), vendors' systems (register/), requests, their answers and the system users that they
// become (users/), whom agents act for (agents/), what vendors are told (telling/), tokens and decisions (acting/). Who may do what is decided in policies/systembruker.
// http, cli, demo and the gateway may call; it knows #maskinporten, #access and what is below.
export { decideActing } from './acting/decide.js';
export { SYSTEM_USER_DETAILS, systemUserDetails } from './acting/details.js';
export { systemUserKinds } from './acting/kinds.js';
export { findSystemUser, type SystemUserAsked, type SystemUserFound } from './acting/token.js';
export { type LastUses, lastUsesOf } from './acting/uses.js';
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
  SystemUserUse,
  Texts,
  Webhook,
} from './nouns.js';
export { RESOURCE_TYPES } from './nouns.js';
export type { SystembrukerParts } from './parts.js';
export type { SystembrukerSettings } from './settings.js';
