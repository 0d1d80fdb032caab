import { present } from '#domain';
import { ProblemError } from '#problem';
import { canonicalText, isJsonObject, type JsonTree, readJsonTree, UnfitText } from './json-tree.js';
import { readYamlTree } from './yaml-tree.js';

/** Whether it is a data file: its folder says where its content stands in the document. */
export function isDataFile(path: string): boolean {
  return /(?:^|\/)data\.(?:json|ya?ml)$/.test(path);
}

/** What a file of a bundle holds that is hashed by its content, not by its bytes. @throws UnfitText */
export function readStructured(path: string, bytes: Uint8Array): JsonTree {
  return /\.ya?ml$/.test(path) ? readYamlTree(bytes) : readJsonTree(bytes);
}

/**
 * The data document of a bundle as JSON: every data file put at its folder, merged.
 * @param roots the paths, without slashes around them, below which the bundle may have data
 * @throws ProblemError `bundle-invalid` for a file that holds no object where one is needed, data that stand twice, or outside the roots
 */
export function dataDocument(files: ReadonlyMap<string, Uint8Array>, roots: readonly string[]): Buffer {
  const document: Branch = new Map();
  for (const path of [...files.keys()].filter(isDataFile).sort()) {
    const folders = path.split('/').slice(0, -1);
    const value = contentOf(path, files.get(path) as Uint8Array);
    if (folders.length === 0 && !isJsonObject(value)) throw invalid(path, 'is no JSON object');
    put(document, path, folders, value);
  }
  assertWithinRoots(document, [], roots);
  return Buffer.from(canonicalText(document));
}

type Branch = Map<string, JsonTree>;

function contentOf(path: string, bytes: Uint8Array): JsonTree {
  try {
    return readStructured(path, bytes);
  } catch (cause) {
    if (!(cause instanceof UnfitText)) throw cause;
    throw invalid(path, cause.message, cause);
  }
}

/** Puts a value below a branch; where both are objects they are merged. */
function put(branch: Branch, path: string, [first, ...rest]: readonly string[], value: JsonTree): void {
  if (first === undefined) {
    for (const [key, one] of value as Branch) put(branch, path, [key], one);
    return;
  }
  const there = branch.get(first);
  if (there === undefined && rest.length === 0) {
    branch.set(first, value);
    return;
  }
  const next = there ?? new Map<string, JsonTree>();
  if (!isJsonObject(next) || (rest.length === 0 && !isJsonObject(value))) throw invalid(path, 'says what another data file says already');
  if (there === undefined) branch.set(first, next);
  put(next as Branch, path, rest, value);
}

function assertWithinRoots(value: JsonTree, path: readonly string[], roots: readonly string[]): void {
  const own = path.join('/');
  if (roots.some((root) => root === '' || root === own || own.startsWith(`${root}/`))) return;
  const leadsToRoot = path.length === 0 || roots.some((root) => root.startsWith(`${own}/`));
  if (!isJsonObject(value) || !leadsToRoot) {
    throw new ProblemError('bundle-invalid', { detail: `the data at ${JSON.stringify(`/${own}`)} lie outside the roots of the .manifest` });
  }
  for (const [key, one] of value) assertWithinRoots(one, [...path, key], roots);
}

function invalid(path: string, what: string, cause?: unknown): ProblemError {
  return new ProblemError('bundle-invalid', { detail: `the file ${JSON.stringify(path)} ${what}`, ...present({ cause }) });
}
