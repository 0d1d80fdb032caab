// See before you ship: what would be answered otherwise if another bundle judged. Over all current grants, over the decisions that were logged, and beside
// the active bundle on live questions (shadow); and what has to be known of that before a bundle is activated.
// Every answer is made by ../ask/judge-access.ts, as in a request; nothing here changes one. Persons are named to the operator alone.
export { approveComparison, type ComparisonName, demandComparison } from './approval.js';
export type { Approval, KeptComparison } from './approval-entity.js';
export {
  type Candidate,
  type ComparisonOptions,
  compareDecisions,
  compareGrants,
  type LoggedQuestion,
} from './compare-bundles.js';
export type { Difference } from './difference.js';
export { readShadow, type ShadowView, setShadow } from './read-shadow.js';
export { Shadows } from './shadow.js';
export type { Comparison, Counted, Totals } from './tally.js';
