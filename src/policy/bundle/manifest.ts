import { present } from '#domain';
import { ProblemError } from '#problem';

/** What the engine needs of a bundle's `.manifest`. */
export interface Manifest {
  /** Empty when the bundle was built without one. */
  readonly revision: string;
  /** Entrypoints whose code is in /policy.wasm. */
  readonly entrypoints: readonly string[];
}

/**
 * Reads `.manifest` (OPA, "Bundle File Format").
 * @throws ProblemError `bundle-invalid` when it is no such JSON, names no entrypoint, or points to another module than /policy.wasm
 */
export function parseManifest(bytes: Uint8Array): Manifest {
  const manifest = parseObject(bytes);
  const revision = manifest['revision'] ?? '';
  if (typeof revision !== 'string') throw invalid('its revision is no text');
  const modules = manifest['wasm'];
  if (!Array.isArray(modules) || modules.length === 0) throw invalid('it declares no entrypoint (`wasm`)');
  const entrypoints = modules.map((module: unknown) => {
    const { entrypoint, module: path } = (isObject(module) ? module : {}) as { entrypoint?: unknown; module?: unknown };
    if (typeof entrypoint !== 'string' || entrypoint === '') throw invalid('an entry of `wasm` has no entrypoint');
    if (path !== '/policy.wasm' && path !== 'policy.wasm') throw invalid(`the module of ${JSON.stringify(entrypoint)} is not /policy.wasm`);
    return entrypoint;
  });
  if (new Set(entrypoints).size !== entrypoints.length) throw invalid('it declares an entrypoint twice');
  return { revision, entrypoints: entrypoints.toSorted() };
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid('it is no JSON in UTF-8', cause);
  }
  if (!isObject(value)) throw invalid('it is no JSON object');
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(detail: string, cause?: unknown): ProblemError {
  return new ProblemError('bundle-invalid', {
    detail: `the .manifest is not usable: ${detail}`,
    ...present({ cause }),
  });
}
