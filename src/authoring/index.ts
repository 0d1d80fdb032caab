// What a policy author works with: a folder of Rego, checked, tested in OPA and in the engine, built into a bundle.
// OPA compiles; what the compiled module does otherwise is found here, in the syntax tree that OPA writes (lint/).
// Not here: what is printed for people (#cli), signatures and the engine (#policy), where bundles are kept (#access).
// #cli calls it and main tells it where OPA and the template are; it knows #policy, #domain and #problem, and no store.
export { type Building, buildBundle, revisionAt } from './build.js';
export { checkPolicy, SCHEMA_FILE, SEARCH } from './check-policy.js';
export { openPolicyFolder, type PolicyFolder } from './folder.js';
export type { Finding } from './lint/lint.js';
export type { Location } from './lint/syntax.js';
export { folderMetadata, type PolicyMetadata, policyMetadata } from './manifest.js';
export { newPolicyFolder, type Shipped } from './new-folder.js';
export { findOpa, type Opa, type OpaPlaces } from './opa.js';
export { type BundleKey, type KeyPair, makeKeyPair, readPrivateKey, readPublicKey, type Signing, signTarball } from './sign.js';
export { isPassed, type TestedCase, type TestReport, testPolicy, type Verdict } from './test-policy.js';
