// Access as it is given: one grant at a time, or very many at once; read, changed, withdrawn. Here it is asked whether it may be, and written.
// Not here: what a document is afterwards (the algebra of grants in #domain), nor who may (policies/tilgang/admin).
// The door of #access hands it on; the folders beside it import its files.
export { changeDocument } from './change-document.js';
export { changeGrant } from './change-grant.js';
export { giveGrant, leaveToGive } from './give-grant.js';
export { type GiveOutcome, giveGrants, writeGrants } from './give-grants.js';
export type { GrantOrder } from './grant-order.js';
export type { GrantPlace } from './grant-place.js';
export { judgeOrders } from './judge-orders.js';
export { readGrant } from './read-grant.js';
export { withdrawGrant, withdrawUnder } from './withdraw-grant.js';
