import { isFault, parseFreeText, present } from '#domain';
import { ProblemError } from '#problem';
import { RegoNumber, RegoObject, type Term, writeJson } from '../terms/index.js';
import { readStructuredJson, UnfitText } from './structured-json.js';

/** What a bundle says of itself in its `.manifest` (OPA, "Bundle File Format"). */
export interface Manifest {
  /** Empty when the bundle was built without one. */
  readonly revision: string;
  /** Below which paths of the document it has policies and data; without slashes around them. */
  readonly roots: readonly string[];
  /** Entrypoints whose code is in /policy.wasm, in alphabetical order. */
  readonly entrypoints: readonly string[];
  /** What its maker wrote there, as JSON. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

const MAX_REVISION = 200;
const MAX_ROOTS = 100;
const MAX_ENTRYPOINTS = 500;

/**
 * Reads a `.manifest`.
 * @throws ProblemError `bundle-invalid` when it is no such JSON, names no entrypoint, points to another module than /policy.wasm, or its
 *   roots overlap or do not hold the entrypoints
 */
export function parseManifest(bytes: Uint8Array): Manifest {
  const manifest = parseObject(bytes);
  const roots = parseRoots(manifest.get('roots') ?? null);
  assertRegoVersions(manifest);
  const metadata = manifest.get('metadata') ?? RegoObject.of([]);
  if (!(metadata instanceof RegoObject)) throw invalid('its metadata are no object');
  const entrypoints = parseEntrypoints(manifest.get('wasm') ?? null);
  for (const entrypoint of entrypoints) {
    if (!roots.some((root) => isBelow(entrypoint, root)))
      throw invalid(`its roots do not hold the entrypoint ${JSON.stringify(entrypoint)}`);
  }
  return { revision: parseRevision(manifest.get('revision') ?? ''), roots, entrypoints, metadata: JSON.parse(writeJson(metadata)) };
}

function parseRevision(value: Term): string {
  if (value === '') return value;
  if (typeof value !== 'string') throw invalid('its revision is no text');
  const revision = parseFreeText(value, { maxCodePoints: MAX_REVISION });
  if (isFault(revision)) throw invalid(`its revision ${revision.detail}`);
  if (revision !== value) throw invalid('its revision has blanks around it');
  return revision;
}

function parseRoots(value: Term): readonly string[] {
  if (value === null) return [''];
  if (!Array.isArray(value) || value.length > MAX_ROOTS || value.some((root) => typeof root !== 'string')) {
    throw invalid(`its roots are no list of at most ${MAX_ROOTS} texts`);
  }
  const roots = (value as string[]).map((root) => root.replace(/^\/+|\/+$/g, ''));
  const isOverlapping = roots.some((one, i) => roots.some((other, j) => i !== j && isBelow(one, other)));
  if (isOverlapping) throw invalid('its roots overlap');
  return roots;
}

function isBelow(path: string, root: string): boolean {
  return root === '' || path === root || path.startsWith(`${root}/`);
}

/** The module is compiled already: what Rego it was is of no consequence, but what is written must be one there is. */
function assertRegoVersions(manifest: RegoObject): void {
  const isVersion = (value: Term): boolean => value instanceof RegoNumber && /^[01]$/.test(value.text);
  const version = manifest.get('rego_version') ?? null;
  if (version !== null && !isVersion(version)) throw invalid('its rego_version is neither 0 nor 1');
  const ofFiles = manifest.get('file_rego_versions') ?? null;
  if (ofFiles === null) return;
  if (!(ofFiles instanceof RegoObject) || ![...ofFiles.values()].every(isVersion))
    throw invalid('its file_rego_versions are no object of 0 and 1');
}

function parseEntrypoints(modules: Term): readonly string[] {
  if (!Array.isArray(modules) || modules.length === 0) throw invalid('it declares no entrypoint (`wasm`)');
  if (modules.length > MAX_ENTRYPOINTS) throw invalid(`it declares more than ${MAX_ENTRYPOINTS} entrypoints`);
  const entrypoints = modules.map((module: Term) => {
    const [entrypoint, path] = module instanceof RegoObject ? [module.get('entrypoint'), module.get('module')] : [];
    if (typeof entrypoint !== 'string' || entrypoint === '') throw invalid('an entry of `wasm` has no entrypoint');
    if (path !== '/policy.wasm' && path !== 'policy.wasm') throw invalid(`the module of ${JSON.stringify(entrypoint)} is not /policy.wasm`);
    return entrypoint;
  });
  if (new Set(entrypoints).size !== entrypoints.length) throw invalid('it declares an entrypoint twice');
  return entrypoints.toSorted();
}

function parseObject(bytes: Uint8Array): RegoObject {
  let value: Term;
  try {
    value = readStructuredJson(bytes);
  } catch (cause) {
    if (!(cause instanceof UnfitText)) throw cause;
    throw invalid(`it ${cause.message}`, cause);
  }
  if (!(value instanceof RegoObject)) throw invalid('it is no JSON object');
  return value;
}

function invalid(detail: string, cause?: unknown): ProblemError {
  return new ProblemError('bundle-invalid', { detail: `the .manifest is not usable: ${detail}`, ...present({ cause }) });
}
