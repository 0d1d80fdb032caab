import { readFile } from 'node:fs/promises';
import { ProblemError } from '#problem';
import type { Bundle } from './bundle.js';
import { loadBundle } from './load-bundle.js';

/** Loads the OPA bundle of a file. @throws ProblemError `bundle-invalid` as loadBundle, and if the file cannot be read */
export async function loadBundleFile(path: string): Promise<Bundle> {
  let tarball: Buffer;
  try {
    tarball = await readFile(path);
  } catch (cause) {
    throw new ProblemError('bundle-invalid', { detail: `The bundle ${path} cannot be read.`, cause });
  }
  return loadBundle(tarball);
}
