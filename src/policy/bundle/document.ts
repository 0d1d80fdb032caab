import { present } from '#domain';
import { ProblemError } from '#problem';
import { RegoObject, type Term } from '../terms/index.js';
import { canonicalText, readStructuredJson, UnfitText } from './structured-json.js';
import { readStructuredYaml } from './structured-yaml.js';

/** Whether it is a data file: its folder says where its content stands in the document. */
export function isDataFile(path: string): boolean {
  return /(?:^|\/)data\.(?:json|ya?ml)$/.test(path);
}

/** What a file of a bundle holds that is hashed by its content, not by its bytes. @throws UnfitText */
export function readStructured(path: string, bytes: Uint8Array): Term {
  return /\.ya?ml$/.test(path) ? readStructuredYaml(bytes) : readStructuredJson(bytes);
}

/**
 * The data document of a bundle as JSON: every data file put at its folder, merged.
 * @param roots the paths, without slashes around them, below which the bundle may have data
 * @throws ProblemError `bundle-invalid` for a file that holds no object where one is needed, data that stand twice, or outside the roots
 */
export function dataDocument(files: ReadonlyMap<string, Uint8Array>, roots: readonly string[]): Buffer {
  const root: Branch = new Map();
  for (const path of [...files.keys()].filter(isDataFile).sort()) {
    const folders = path.split('/').slice(0, -1);
    const value = contentOf(path, files.get(path) as Uint8Array);
    if (folders.length === 0 && !(value instanceof RegoObject)) throw invalid(path, 'is no JSON object');
    put(root, path, folders, value);
  }
  const document = grown(root);
  assertWithinRoots(document, [], roots);
  return Buffer.from(canonicalText(document));
}

/** The document while it grows. */
type Branch = Map<string, Term | Branch>;

function contentOf(path: string, bytes: Uint8Array): Term {
  try {
    return readStructured(path, bytes);
  } catch (cause) {
    if (!(cause instanceof UnfitText)) throw cause;
    throw invalid(path, cause.message, cause);
  }
}

/** Puts a value below a branch; where both are objects they are merged. */
function put(branch: Branch, path: string, [first, ...rest]: readonly string[], value: Term): void {
  if (first === undefined) {
    for (const [key, one] of value as RegoObject) put(branch, path, [key as string], one);
    return;
  }
  const there = branch.get(first);
  if (there === undefined && rest.length === 0) {
    branch.set(first, value);
    return;
  }
  const next = there instanceof RegoObject ? new Map(there as Iterable<[string, Term]>) : (there ?? new Map());
  if (!(next instanceof Map) || (rest.length === 0 && !(value instanceof RegoObject)))
    throw invalid(path, 'says what another data file says already');
  branch.set(first, next);
  put(next, path, rest, value);
}

function grown(branch: Branch): RegoObject {
  return RegoObject.of(Array.from(branch, ([key, one]) => [key, one instanceof Map ? grown(one) : one] as const));
}

function assertWithinRoots(value: Term, path: readonly string[], roots: readonly string[]): void {
  const own = path.join('/');
  if (roots.some((root) => root === '' || root === own || own.startsWith(`${root}/`))) return;
  const leadsToRoot = path.length === 0 || roots.some((root) => root.startsWith(`${own}/`));
  if (!(value instanceof RegoObject) || !leadsToRoot) {
    throw new ProblemError('bundle-invalid', { detail: `the data at ${JSON.stringify(`/${own}`)} lie outside the roots of the .manifest` });
  }
  for (const [key, one] of value) assertWithinRoots(one, [...path, key as string], roots);
}

function invalid(path: string, what: string, cause?: unknown): ProblemError {
  return new ProblemError('bundle-invalid', { detail: `the file ${JSON.stringify(path)} ${what}`, ...present({ cause }) });
}
