import { closeSync, openSync, readSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { ProblemError } from '#problem';

/** mdb_meta.mm_magic in the first page of a data file, behind the page's head. */
const MAGIC = 0xbeefc0de;
const MAGIC_AT = 24;
/** More than a new store and its lock file take. */
const LEAST_ROOM = 2 ** 19;

/**
 * Holds that LMDB can open the folder: over a file that is none of its own, or without room for what it maps, it ends the process without a word.
 * @throws ProblemError `store-unavailable`, `store-full`; an error of the system if the folder cannot be read
 */
export function assertFitFolder(path: string): void {
  const head = headOf(join(path, 'data.mdb'));
  if (head.length > 0 && (head.length < MAGIC_AT + 4 || head.readUInt32LE(MAGIC_AT) !== MAGIC)) {
    throw new ProblemError('store-unavailable', {
      detail: 'data.mdb in the data folder is no store: put back the one of the backup, or name another folder (TILGANG_DATA)',
    });
  }
  // A store that is there has its room, and goes on answering on a full disk.
  if (head.length > 0 && headOf(join(path, 'lock.mdb')).length > 0) return;
  const { bavail, bsize } = statfsSync(path);
  if (bavail * bsize < LEAST_ROOM) throw new ProblemError('store-full', { detail: 'The disk of the data folder is full.' });
}

function headOf(file: string): Buffer {
  let opened: number;
  try {
    opened = openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
  try {
    const head = Buffer.alloc(MAGIC_AT + 4);
    return head.subarray(0, readSync(opened, head, 0, head.length, 0));
  } finally {
    closeSync(opened);
  }
}
