import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Finding, MAX_BYTES, type PolicySource, tagOf } from './source.js';

/**
 * Looks at a tarball, or at the last one of a folder by name. Whoever puts one there renames it into place: one that is half written does not verify,
 * and is looked at again.
 * @throws Error if there is none, or it is too large
 */
export async function lookInFolder({ path = '' }: PolicySource, known: string | undefined): Promise<Finding> {
  const file = (await stat(path)).isDirectory() ? await lastIn(path) : path;
  const { size } = await stat(file);
  if (size > MAX_BYTES) throw new Error(`the file has more than ${MAX_BYTES} bytes`);
  const bytes = await readFile(file);
  const tag = tagOf(bytes);
  return tag === known ? 'unchanged' : { bytes, tag, waits: false };
}

async function lastIn(folder: string): Promise<string> {
  const last = (await readdir(folder))
    .filter((name) => name.endsWith('.tar.gz') && !name.startsWith('.'))
    .sort()
    .at(-1);
  if (last === undefined) throw new Error('the folder holds no .tar.gz');
  return join(folder, last);
}
