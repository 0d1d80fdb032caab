// The policy engine: Rego compiled to WebAssembly, evaluated in this process, from OPA bundles that are checked when they are loaded.
// What may be asked and answered is written in policies/; nothing here knows a role, a scope or an organisation.
// OPA's SDK (@open-policy-agent/opa-wasm) keeps a started module; what the module may call is ours (builtins/, or handed in).
// A bundle that somebody vouches for runs inline (loadBundle); any other one in threads with a deadline (openIsolation).
// Where bundles come from is looked at here too (sources/); what is done with them is not.
// Not here: decision logs. #decisions asks it, #gateway loads it; it calls #settings, #domain and #problem only.

export { type Builtin, BuiltinError, BuiltinHalt, type Builtins, type Evaluation } from './builtins/builtin.js';
export { loadBuiltins } from './builtins/load-builtins.js';
export type { Bundle } from './bundle/bundle.js';
export { type BundleOptions, loadBundle } from './bundle/load-bundle.js';
export { loadBundleFile, readBundleFile } from './bundle/load-bundle-file.js';
export type { Manifest } from './bundle/manifest.js';
export { type BundleContent, type BundleFiles, readBundle } from './bundle/read-bundle.js';
export {
  SIGNATURE_ALGORITHMS,
  type SignatureAlgorithm,
  type SignatureDemand,
  type Signer,
  type SigningKey,
  signBundle,
  type VerificationKey,
  verifySignature,
} from './bundle/signatures.js';
export { writeTarball } from './bundle/write-tarball.js';
export type { BundleFault, BundleStatus, Standing } from './isolated/bundle-status.js';
export { type IsolatedBundle, type IsolatedOptions, type Isolation, type IsolationOptions, openIsolation } from './isolated/isolation.js';
export type { InspectedBundle } from './isolated/open-in-thread.js';
export { JsonText } from './json-text.js';
export { loadOutside } from './outside/load-outside.js';
export type { Outside } from './outside/open-outside.js';
export { BUILD_FLAGS, BUNDLE_SOURCES, revisionOfSources, sourceRevision } from './source-revision.js';
export { lookInFolder } from './sources/folder-source.js';
export { askServer } from './sources/http-source.js';
export { backedOff, type Polling, poll } from './sources/poll.js';
export type { Finding, FoundBundle, LookAt, PolicySource } from './sources/source.js';
export { compareTerms, parseJson, RegoNumber, RegoObject, RegoSet, readRego, type Term, writeJson, writeRego } from './terms/index.js';
