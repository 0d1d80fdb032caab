import { createHash } from 'node:crypto';
import { ProblemError } from '#problem';
import { type Builtins, ownBuiltins } from '../builtins/index.js';
import { compileModule } from '../wasm/compiled-module.js';
import { InstancePool } from '../wasm/instance-pool.js';
import type { Bundle } from './bundle.js';
import { parseManifest } from './manifest.js';
import { readTarball } from './tarball.js';

const DEFAULT_MAX_MEMORY_BYTES = 64 * 1024 * 1024;

/** What instances of a bundle may use of the host. */
export interface BundleOptions {
  /** Most linear memory an instance may have, in bytes; at least one megabyte, 64 MiB if not given. */
  readonly maxMemoryBytes?: number;
  /** Further host built-ins by OPA's names, such as `time.now_ns`. A bundle that needs one that nobody provides is refused. */
  readonly builtins?: Builtins;
  /** The wall clock of `time.now_ns`, in nanoseconds since 1970; the system's if not given. It is read once in an evaluation. */
  readonly clock?: () => bigint;
}

const systemClock = (): bigint => BigInt(Date.now()) * 1_000_000n;

/**
 * Loads an OPA bundle (gzipped tarball of `opa build -t wasm`): unpacks, checks, compiles and starts it, once.
 * @throws ProblemError `bundle-invalid`, whose detail names what is wrong: the tarball, the manifest, the data, the ABI version,
 *   an entrypoint that the module lacks, built-ins that nobody provides
 * @throws TypeError for a maxMemoryBytes that is no whole number of at least one megabyte
 */
export async function loadBundle(tarball: Uint8Array, options: BundleOptions = {}): Promise<Bundle> {
  const maxMemoryBytes = options.maxMemoryBytes ?? DEFAULT_MAX_MEMORY_BYTES;
  if (!Number.isSafeInteger(maxMemoryBytes) || maxMemoryBytes < 2 ** 20 || maxMemoryBytes > 2 ** 32) {
    throw new TypeError('maxMemoryBytes is a whole number from 1048576 to 4294967296');
  }
  const files = await readTarball(tarball);
  const manifest = parseManifest(fileOf(files, '.manifest'));
  const data = files.get('data.json') ?? Buffer.from('{}');
  assertJsonObject(data);
  const module = await compileModule(fileOf(files, 'policy.wasm'), {
    data,
    maxMemoryBytes,
    builtins: { ...ownBuiltins, ...options.builtins },
    clock: options.clock ?? systemClock,
  });
  const pool = new InstancePool(module);
  const ids = new Map(manifest.entrypoints.map((entrypoint) => [entrypoint, idInModule(pool.entrypoints, entrypoint)]));
  const idOf = (entrypoint: string): number => {
    const id = ids.get(entrypoint);
    if (id === undefined) throw new TypeError(`the bundle has no entrypoint ${JSON.stringify(entrypoint)}`);
    return id;
  };
  return {
    revision: manifest.revision === '' ? `sha256:${createHash('sha256').update(tarball).digest('hex')}` : manifest.revision,
    entrypoints: manifest.entrypoints,
    evaluate: (entrypoint, input) => pool.evaluate(idOf(entrypoint), input),
    evaluateToJson: (entrypoint, input) => pool.evaluateToJson(idOf(entrypoint), input),
  };
}

function fileOf(files: ReadonlyMap<string, Buffer>, path: string): Buffer {
  const file = files.get(path);
  if (file === undefined) throw new ProblemError('bundle-invalid', { detail: `the bundle has no /${path}` });
  return file;
}

function idInModule(entrypoints: ReadonlyMap<string, number>, entrypoint: string): number {
  const id = entrypoints.get(entrypoint);
  if (id !== undefined) return id;
  throw new ProblemError('bundle-invalid', { detail: `the module lacks the entrypoint ${JSON.stringify(entrypoint)} of the manifest` });
}

// The bytes themselves go to the module, which keeps numbers beyond 2^53 exact; this is the check only.
function assertJsonObject(bytes: Uint8Array): void {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new ProblemError('bundle-invalid', { detail: 'the data.json is no JSON in UTF-8', cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ProblemError('bundle-invalid', { detail: 'the data.json is no JSON object' });
  }
}
