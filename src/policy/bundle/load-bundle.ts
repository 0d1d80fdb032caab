import { ProblemError } from '#problem';
import type { Builtins } from '../builtins/builtin.js';
import { loadBuiltins } from '../builtins/load-builtins.js';
import { type CompiledModule, compileModule, systemClock } from '../wasm/compiled-module.js';
import { MissingBuiltins } from '../wasm/instance.js';
import { InstancePool } from '../wasm/instance-pool.js';
import type { Bundle } from './bundle.js';
import type { Manifest } from './manifest.js';
import { readBundle } from './read-bundle.js';

/** Most linear memory of an instance that answers in this thread, if nothing else is said. */
export const INLINE_MEMORY_BYTES = 64 * 1024 * 1024;

/** What instances of a bundle may use of the host. */
export interface BundleOptions {
  /** Most linear memory an instance may have, in bytes; at least one megabyte, 64 MiB if not given. */
  readonly maxMemoryBytes?: number;
  /** Further host built-ins by OPA's names, such as `time.now_ns`. A bundle that needs one that nobody provides is refused. */
  readonly builtins?: Builtins;
  /** The wall clock of `time.now_ns`, in nanoseconds since 1970; the system's if not given. It is read once in an evaluation. */
  readonly clock?: () => bigint;
}

/**
 * Loads an OPA bundle (gzipped tarball of `opa build -t wasm`): unpacks, checks, compiles and starts it, once.
 * @throws ProblemError `bundle-invalid`, whose detail names what is wrong: the tarball, the manifest, the data, the ABI version,
 *   an entrypoint that the module lacks, built-ins that nobody provides
 * @throws TypeError for a maxMemoryBytes that is no whole number of at least one megabyte
 */
export async function loadBundle(tarball: Uint8Array, options: BundleOptions = {}): Promise<Bundle & Pick<Manifest, 'metadata'>> {
  const maxMemoryBytes = options.maxMemoryBytes ?? INLINE_MEMORY_BYTES;
  if (!Number.isSafeInteger(maxMemoryBytes) || maxMemoryBytes < 2 ** 20 || maxMemoryBytes > 2 ** 32) {
    throw new TypeError('maxMemoryBytes is a whole number from 1048576 to 4294967296');
  }
  const { revision, manifest, document, module } = await readBundle(tarball);
  const compiled = await compileModule(module, {
    data: document,
    maxMemoryBytes,
    builtins: options.builtins ?? {},
    clock: options.clock ?? systemClock,
  });
  const pool = await startPool(compiled);
  return { revision, metadata: manifest.metadata, ...askedInline(pool, entrypointIds(pool, manifest.entrypoints)) };
}

/** What a bundle is asked through that runs in this thread. @param ids of its entrypoints, by name */
export function askedInline(
  pool: InstancePool,
  ids: ReadonlyMap<string, number>,
): Pick<Bundle, 'entrypoints' | 'evaluate' | 'evaluateMany' | 'evaluateToJson'> {
  const idOf = (entrypoint: string): number => {
    const id = ids.get(entrypoint);
    if (id === undefined) throw new TypeError(`the bundle has no entrypoint ${JSON.stringify(entrypoint)}`);
    return id;
  };
  return {
    entrypoints: [...ids.keys()],
    evaluate: (entrypoint, input) => pool.evaluate(idOf(entrypoint), input),
    evaluateMany: (entrypoint, inputs) => {
      const id = idOf(entrypoint);
      return inputs.map((input) => {
        try {
          return pool.evaluate(id, input);
        } catch (error) {
          if (error instanceof ProblemError) return error;
          throw error;
        }
      });
    },
    evaluateToJson: (entrypoint, input) => pool.evaluateToJson(idOf(entrypoint), input),
  };
}

/** The host's built-ins are loaded for a bundle that needs more than it was given. */
async function startPool(compiled: CompiledModule): Promise<InstancePool> {
  try {
    return new InstancePool(compiled);
  } catch (error) {
    if (!(error instanceof MissingBuiltins)) throw error;
    const { ownBuiltins } = await loadBuiltins();
    return new InstancePool({ ...compiled, builtins: { ...ownBuiltins, ...compiled.builtins } });
  }
}

/** The module's ids of the manifest's entrypoints. @throws ProblemError `bundle-invalid` if it lacks one */
export function entrypointIds({ entrypoints }: Pick<InstancePool, 'entrypoints'>, named: readonly string[]): ReadonlyMap<string, number> {
  return new Map(
    named.map((entrypoint) => {
      const id = entrypoints.get(entrypoint);
      if (id !== undefined) return [entrypoint, id];
      throw new ProblemError('bundle-invalid', { detail: `the module lacks the entrypoint ${JSON.stringify(entrypoint)} of the manifest` });
    }),
  );
}
