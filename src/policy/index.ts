// The policy engine: Rego compiled to WebAssembly, evaluated in this process, from OPA bundles that are checked when they are loaded.
// What may be asked and answered is written in policies/; nothing here knows a role, a scope or an organisation.
// Not here: signatures, polling, decision logs and the host built-ins themselves (they are handed in).
// The rooms of the decisions (#access and its neighbours) may call it; it calls #problem only.

export type { Bundle } from './bundle/bundle.js';
export { type BundleOptions, loadBundle } from './bundle/load-bundle.js';
export { policySettings } from './settings.js';
export type { Builtin, Builtins } from './wasm/builtins.js';
