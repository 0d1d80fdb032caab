import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How bundles are built. -O0: -O1 and -O2 are no faster (decision 0020), and they need each entrypoint named a second time. */
export const BUILD_FLAGS: readonly string[] = ['-t', 'wasm', '-O', '0'];

/**
 * The revision of a bundle that is built from a folder of sources: the hash of all that goes into it, whatever the time of the files.
 * @param opaVersion of the program that builds
 * @throws Error of the system if the folder cannot be read
 */
export function sourceRevision(folder: string, opaVersion: string): string {
  const hash = createHash('sha256').update(JSON.stringify([opaVersion, BUILD_FLAGS]));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => file.replaceAll('\\', '/'));
  for (const file of files.filter((file) => /\.(rego|json|yaml)$/.test(file) && !file.endsWith('_test.rego')).sort()) {
    hash.update(JSON.stringify([file, readFileSync(join(folder, file), 'utf8')]));
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * The revision that `make policies` would build from the sources beside a bundle, in a checkout: `policies/<name>` beside `bundles/<name>.tar.gz`.
 * `undefined` if there are no sources.
 */
export function revisionOfSources(bundle: string): string | undefined {
  const [, root, name] = /^(.*)[\\/]bundles[\\/]([a-z0-9_-]+)\.tar\.gz$/.exec(bundle) ?? [];
  if (root === undefined || name === undefined) return undefined;
  try {
    return sourceRevision(join(root, 'policies', name), readFileSync(join(root, 'tools/opa-version'), 'utf8').trim());
  } catch {
    return undefined;
  }
}
