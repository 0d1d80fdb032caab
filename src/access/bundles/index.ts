// The applications' own policy bundles: pushed, kept, activated, taken back; the keys that sign them; and how they are made ready to judge.
// Bytes are written first, then the bundle that names them, then the binding that every decision reads: what is broken off in between is nothing.
// What such a bundle may say at all is settled in ../ask/judge-access.ts; how it is compiled and held apart, in #policy.
export { activateBundle, deactivateBundle, rollBackBundle, trustBundle } from './activate.js';
export type { SourceState } from './entities.js';
export { type BundleFinding, examineBundles } from './examine.js';
export { type KeyOwner, type KeyTerms, type KeyView, listPolicyKeys, putPolicyKey, revokePolicyKey } from './keys.js';
export type { BundlePlace } from './leave.js';
export { LoadedBundles } from './own-bundles.js';
export type { BundleFault, BundleLoader, OwnBundles, OwnRules } from './own-rules.js';
export { leaveToPush, type PushOutcome, pushBundle } from './push.js';
export { type BindingView, type BundleState, type BundleView, listBundles, readBinding, readBundleBytes, readBundleOf } from './read.js';
export { reportBundles } from './report.js';
export { followSources, listPolicySources, type SourceOptions } from './sources.js';
export { readStandard, type StandardPort, standardContent } from './standard.js';
export { type BundleStatus, readBundleStatus } from './status.js';
