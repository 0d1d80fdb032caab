import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How bundles are built. -O0: -O1 and -O2 are no faster (decision 0020), and they need each entrypoint named a second time. */
export const BUILD_FLAGS: readonly string[] = ['-t', 'wasm', '-O', '0'];

/** The folders of `policies/` that each bundle of the product is built from, by its name. */
export const BUNDLE_SOURCES: Readonly<Record<string, readonly string[]>> = {
  tilgang: ['tilgang', 'maskinporten', 'idporten', 'systembruker'],
};

/**
 * The revision of a bundle that is built from folders of sources: the hash of all that goes into it, whatever the time of the files.
 * @param opaVersion of the program that builds
 * @throws Error of the system if a folder cannot be read
 */
export function sourceRevision(folders: readonly string[], opaVersion: string): string {
  const hash = createHash('sha256').update(JSON.stringify([opaVersion, BUILD_FLAGS]));
  for (const folder of folders) {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => file.replaceAll('\\', '/'));
    for (const file of files.filter((file) => /\.(rego|json|yaml)$/.test(file) && !file.endsWith('_test.rego')).sort()) {
      hash.update(JSON.stringify([file, readFileSync(join(folder, file), 'utf8')]));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

/**
 * The revision that `make policies` would build from the sources beside a bundle, in a checkout: `policies` beside `bundles/<name>.tar.gz`.
 * `undefined` if there are no sources.
 */
export function revisionOfSources(bundle: string): string | undefined {
  const [, root, name] = /^(.*)[\\/]bundles[\\/]([a-z0-9_-]+)\.tar\.gz$/.exec(bundle) ?? [];
  const sources = name === undefined || !Object.hasOwn(BUNDLE_SOURCES, name) ? undefined : BUNDLE_SOURCES[name];
  if (root === undefined || sources === undefined) return undefined;
  const folders = sources.map((source) => join(root, 'policies', source));
  try {
    return sourceRevision(folders, readFileSync(join(root, 'tools/opa-version'), 'utf8').trim());
  } catch {
    return undefined;
  }
}
