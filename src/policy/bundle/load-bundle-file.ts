import { readFile } from 'node:fs/promises';
import { ProblemError } from '#problem';
import type { Bundle } from './bundle.js';
import { loadBundle } from './load-bundle.js';

/** Loads the OPA bundle of a file. @throws ProblemError `bundle-invalid` as loadBundle, and if the file cannot be read */
export async function loadBundleFile(path: string): Promise<Bundle> {
  return loadBundle(await readBundleFile(path));
}

/** The bytes of an OPA bundle's file, for loadBundle. @throws ProblemError `bundle-invalid` if it cannot be read */
export async function readBundleFile(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new ProblemError('bundle-invalid', { detail: `The bundle ${path} cannot be read.`, cause });
  }
}
