// The applications' own policy bundles: pushed, kept, activated, taken back; the keys that sign them; and how they are made ready to judge.
export { activateBundle, deactivateBundle, rollBackBundle, trustBundle } from './activate.js';
export { type KeyOwner, type KeyTerms, type KeyView, listPolicyKeys, putPolicyKey, revokePolicyKey } from './keys.js';
export type { BundlePlace } from './leave.js';
export { type BundleFault, type BundleLoader, OwnBundles, type OwnRules } from './own-bundles.js';
export { leaveToPush, type PushOutcome, pushBundle } from './push.js';
export { type BindingView, type BundleState, type BundleView, listBundles, readBinding, readBundleBytes, readBundleOf } from './read.js';
export { type BundleStatus, readBundleStatus } from './status.js';
