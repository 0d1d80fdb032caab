import { ProblemError } from '#problem';
import { IMPORTS, type Memory, PAGE_BYTES, type PolicyExports, WebAssembly } from './abi.js';
import type { CompiledModule } from './compiled-module.js';

/** A module that runs. */
export interface StartedModule {
  readonly memory: Memory;
  readonly exports: PolicyExports;
}

const INITIAL_PAGES = 5;

/** Starts a module. @throws ProblemError `bundle-invalid` if its memory does not suffice */
export function startModule({ module, maxMemoryBytes }: Pick<CompiledModule, 'module' | 'maxMemoryBytes'>, imports: object): StartedModule {
  const maximum = Math.floor(maxMemoryBytes / PAGE_BYTES);
  // How much memory a module wants at its start is not told by the API, so it is offered more until it links.
  for (let initial = INITIAL_PAGES; ; initial = Math.min(initial * 2, maximum)) {
    const memory = new WebAssembly.Memory({ initial, maximum });
    try {
      const { exports } = new WebAssembly.Instance(module, { env: { memory, ...imports } });
      return { memory, exports: exports as PolicyExports };
    } catch (cause) {
      if (cause instanceof WebAssembly.LinkError && initial < maximum) continue;
      throw new ProblemError('bundle-invalid', { detail: `the module does not start within ${maxMemoryBytes} bytes of memory`, cause });
    }
  }
}

/** The module's ids of the built-ins that it calls. */
export function declaredBuiltins({ memory, exports }: StartedModule): Readonly<Record<string, number>> {
  const address = exports.opa_json_dump(exports.builtins());
  const bytes = Buffer.from(memory.buffer);
  return JSON.parse(bytes.toString('utf8', address, bytes.indexOf(0, address))) as Record<string, number>;
}

/** Names of the built-ins that a module calls; `undefined` for one that does not start, which its first instance tells. */
export function neededBuiltins(compiled: Pick<CompiledModule, 'module' | 'maxMemoryBytes'>): readonly string[] | undefined {
  const fail = (): never => {
    throw new Error('nothing is judged here');
  };
  const functions = IMPORTS.filter((name) => name !== 'memory').map((name) => [name, fail] as const);
  try {
    return Object.keys(declaredBuiltins(startModule(compiled, Object.fromEntries(functions))));
  } catch {
    return undefined;
  }
}
