import { ProblemError } from '#problem';
import type { Builtins } from '../builtins/builtin.js';
import { EXPORTED_FUNCTIONS, IMPORTS, type Module, WebAssembly } from './abi.js';

/** A module that is compiled once, with all that an instance of it starts from. */
export interface CompiledModule {
  readonly module: Module;
  /** The bundle's data as JSON text. */
  readonly data: Uint8Array;
  readonly maxMemoryBytes: number;
  readonly builtins: Builtins;
  /** Nanoseconds since 1970. */
  readonly clock: () => bigint;
}

/** The wall clock of this machine, in nanoseconds since 1970. */
export const systemClock = (): bigint => BigInt(Date.now()) * 1_000_000n;

/**
 * Compiles a policy module and checks that it imports and exports what OPA's ABI says.
 * @throws ProblemError `bundle-invalid` naming what is not there or not known
 */
export async function compileModule(bytes: Uint8Array, setting: Omit<CompiledModule, 'module'>): Promise<CompiledModule> {
  let module: Module;
  try {
    module = await WebAssembly.compile(bytes);
  } catch (cause) {
    throw new ProblemError('bundle-invalid', { detail: 'the policy.wasm is no WebAssembly module', cause });
  }
  const unknown = WebAssembly.Module.imports(module).filter((wanted) => wanted.module !== 'env' || !IMPORTS.includes(wanted.name));
  const unknownNames = unknown.map((wanted) => `${wanted.module}.${wanted.name}`);
  if (unknown.length > 0) throw refusal('imports what no policy needs', unknownNames);
  const kinds = new Map(WebAssembly.Module.exports(module).map((given) => [given.name, given.kind]));
  const missing = EXPORTED_FUNCTIONS.filter((name) => kinds.get(name) !== 'function');
  if (kinds.get('opa_wasm_abi_version') !== 'global') throw refusal('has no ABI version', ['opa_wasm_abi_version']);
  if (kinds.get('opa_wasm_abi_minor_version') !== 'global') throw refusal('has no ABI version', ['opa_wasm_abi_minor_version']);
  if (missing.length > 0) throw refusal('lacks functions of ABI 1.2', missing);
  return { module, ...setting };
}

function refusal(what: string, names: readonly string[]): ProblemError {
  return new ProblemError('bundle-invalid', { detail: `the policy.wasm ${what}: ${names.join(', ')}` });
}
