// Grants, one at a time and many at once: given, read, changed, withdrawn. What a document is afterwards is said by the algebra of #domain; here it
// is asked whether it may be, and written.
export { changeDocument } from './change-document.js';
export { changeGrant } from './change-grant.js';
export { giveGrant } from './give-grant.js';
export { type GiveOutcome, giveGrants, writeGrants } from './give-grants.js';
export type { GrantOrder } from './grant-order.js';
export type { GrantPlace } from './grant-place.js';
export { judgeOrders } from './judge-orders.js';
export { readGrant } from './read-grant.js';
export { withdrawGrant, withdrawUnder } from './withdraw-grant.js';
