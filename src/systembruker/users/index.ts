// Requests, their answers, and the system users that they become.
// One document through a whole life: each use case reads it, asks leave, and writes it once at the revision that was read (docs/decisions/0079).
// openRequest and openChange tell what there is and what stands in the way; describeSystemUsers gives the words. What may be given: delegation.ts.
export {
  approveRequest,
  escalateRequest,
  type Opened,
  openRequest,
  readReceivedRequest,
  rejectRequest,
} from './answer.js';
export { askForSystemUser, type SentRequest, withdrawRequest } from './ask.js';
export {
  type AskedChange,
  approveChange,
  askForChange,
  type OpenedChange,
  openChange,
  readReceivedChange,
  rejectChange,
  type SentChange,
  withdrawChange,
} from './changes.js';
export { assertGivable, type DelegationFault, type DelegationReason, delegationFaults, NotGivable } from './delegation.js';
export { type Described, describeSystemUsers } from './describe.js';
export { listHistoryForCustomer, listHistoryForVendor, type SystemUserEvent } from './history.js';
export {
  activateSystemUser,
  type Choice,
  changeSystemUser,
  createSystemUser,
  deactivateSystemUser,
  deleteSystemUser,
  faultsOfChoice,
  giveBackSystemUser,
  moveSystemUser,
} from './keep.js';
export {
  findSystemUser,
  listChanges,
  listPending,
  listPendingChanges,
  listRequests,
  listSystemUsers,
  listSystemUsersOfSystem,
  readChange,
  readChangeByName,
  readRequest,
  readRequestByName,
  readSystemUser,
  type VendorsName,
} from './lists.js';
export { RequestEndings } from './request-endings.js';
export type { Difference } from './rights.js';
export { type ChangeView, NOBODYS, type RequestPlace, type SystemUserView, statusAt } from './standing.js';
