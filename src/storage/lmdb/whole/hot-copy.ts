import { link, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { markAs, openTables, type Tables } from '../tables.js';

/** Where a copy of a file lies before it is marked. */
const ASIDE = 'incoming-';

/** Removes what a copy that was killed has left in the folder of a store. */
export async function removeAside(path: string): Promise<void> {
  const left = (await readdir(path)).filter((name) => name.startsWith(ASIDE));
  await Promise.all(left.map((name) => rm(join(path, name), { recursive: true, force: true })));
}

/**
 * Puts the store as it is at this moment into a folder that has none, by LMDB's own copy of its file without what is free in it, marked as one that is being
 * copied: nobody can open it. It is there as a whole or not at all, and takes the place of no other. While it is made, pages that the source frees are not used again.
 * @throws an error of LMDB or of the system; then nothing of it stays
 */
export async function putHotCopy({ root }: Tables, path: string, mapSizeBytes: number): Promise<void> {
  const aside = await mkdtemp(join(path, ASIDE));
  try {
    await root.backup(aside, true);
    const copied = openTables(aside, mapSizeBytes, true);
    try {
      // Flushes the whole file.
      copied.root.transactionSync(() => markAs(copied, 'copying'));
    } finally {
      await copied.root.close();
    }
    await link(join(aside, 'data.mdb'), join(path, 'data.mdb'));
    const folder = await open(path, 'r');
    await folder.sync().finally(() => folder.close());
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
