import * as opaWasm from '@open-policy-agent/opa-wasm';
import type { Memory, PolicyExports } from './abi.js';

/** OPA's own keeper of a started module: the data in its memory, where its heap begins, its entrypoints. */
export interface LoadedPolicy {
  /** Address of the data. */
  readonly dataAddr: number;
  /** Everything below this address stays between questions. */
  readonly dataHeapPtr: number;
  /** Ids by name. */
  readonly entrypoints: Readonly<Record<string, number>>;
  /** Puts other data in place of `{}`. @throws a text for what is no JSON */
  setData(json: ArrayBuffer): void;
}

// Its declarations name the class, its module exports it by default only.
const { LoadedPolicy: Loaded } = (opaWasm as unknown as { readonly default: Sdk }).default;

interface Sdk {
  readonly LoadedPolicy: new (started: { readonly exports: PolicyExports }, memory: Memory, minorVersion: number) => LoadedPolicy;
}

/** Hands a started module to the SDK, with the bundle's data. @throws whatever the module or the SDK throws, texts among it */
export function loadedPolicy(exports: PolicyExports, memory: Memory, data: Uint8Array): LoadedPolicy {
  const policy = new Loaded({ exports }, memory, exports.opa_wasm_abi_minor_version.value);
  // Only an ArrayBuffer is taken for JSON text, and all of it.
  policy.setData(Uint8Array.from(data).buffer);
  return policy;
}
