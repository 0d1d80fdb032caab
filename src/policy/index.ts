// The policy engine: Rego compiled to WebAssembly, evaluated in this process, from OPA bundles that are checked when they are loaded.
// What may be asked and answered is written in policies/; nothing here knows a role, a scope or an organisation.
// OPA's SDK (@open-policy-agent/opa-wasm) keeps a started module; what the module may call is ours (builtins/, or handed in).
// Not here: signatures, polling and decision logs. #decisions asks it, #gateway loads it; it calls #domain and #problem only.

export { type Builtin, BuiltinError, BuiltinHalt, type Builtins, builtinGroups, type Evaluation, ownBuiltins } from './builtins/index.js';
export type { Bundle } from './bundle/bundle.js';
export { type BundleOptions, loadBundle } from './bundle/load-bundle.js';
export { loadBundleFile, readBundleFile } from './bundle/load-bundle-file.js';
export { JsonText } from './json-text.js';
export { fetchOutside, type OutsideLimits, OutsideRefusal, type OutsideRequest, type Resolve } from './outside/fetch-outside.js';
export { type Outside, openOutside } from './outside/open-outside.js';
export { BUILD_FLAGS, revisionOfSources, sourceRevision } from './source-revision.js';
export { compareTerms, parseJson, RegoNumber, RegoObject, RegoSet, readRego, type Term, writeJson, writeRego } from './terms/index.js';
