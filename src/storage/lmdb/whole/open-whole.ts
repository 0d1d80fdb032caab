import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ProblemError } from '#problem';
import type { WholeSource, WholeTarget } from '../../copy/whole-store.js';
import { declaredEntities } from '../../declared-entities.js';
import type { Entity } from '../../port.js';
import { assertFitFolder } from '../fit-folder.js';
import { Room } from '../room.js';
import { openTables, type Tables } from '../tables.js';
import { removeAside } from './hot-copy.js';
import { LmdbSource } from './whole-source.js';
import { LmdbTarget } from './whole-target.js';

/** Where a store lies that is read or written as a whole. */
export interface WholeLmdbOptions {
  /** The folder of the data file. */
  readonly path: string;
  /** How messages call it. */
  readonly name: string;
  /** How large the data file may grow, in bytes. */
  readonly mapSizeBytes: number;
  /** All that this program keeps. */
  readonly entities: readonly Entity<never>[];
  /** Entities without history whose documents are of use in this place alone. */
  readonly leftOut?: readonly string[];
}

/** The store of a folder as a whole, to be read; others may use it meanwhile. @throws ProblemError `store-unavailable` if there is none that is whole */
export async function readWholeLmdb({ path, name, mapSizeBytes, leftOut }: Omit<WholeLmdbOptions, 'entities'>): Promise<WholeSource> {
  if (!existsSync(join(path, 'data.mdb'))) throw new ProblemError('store-unavailable', { detail: `there is no store in ${name}` });
  return new LmdbSource(name, opened(path, name, mapSizeBytes, false), leftOut);
}

/**
 * Puts a store that is read as a whole into a folder as it is at this moment, by its file, as a copy that is to be gone on with: it has all that the file has, and
 * is neither verified nor compared.
 * @returns whether it did: not where there is a store already, or the source lies elsewhere than in a file, or the file cannot be copied
 */
export async function beginByFile(
  source: WholeSource,
  { path, mapSizeBytes }: Pick<WholeLmdbOptions, 'path' | 'mapSizeBytes'>,
): Promise<boolean> {
  if (!(source instanceof LmdbSource) || existsSync(join(path, 'data.mdb'))) return false;
  return source.putHotCopy(path, mapSizeBytes).then(
    () => true,
    // Whoever copies what is in it will see what there is to be told.
    () => false,
  );
}

/** The store of a folder, to be written as a whole; made with mode 0700 if it is missing. @throws ProblemError `store-unavailable` */
export async function writeWholeLmdb({ path, name, mapSizeBytes, entities }: Omit<WholeLmdbOptions, 'leftOut'>): Promise<WholeTarget> {
  const isNew = !existsSync(join(path, 'data.mdb'));
  await mkdir(path, { recursive: true, mode: 0o700 });
  await removeAside(path);
  const tables = opened(path, name, mapSizeBytes, true);
  return new LmdbTarget({ name, path, tables, room: new Room(tables, path, mapSizeBytes), declared: declaredEntities(entities), isNew });
}

function opened(path: string, name: string, mapSizeBytes: number, mayBeUnfinished: boolean): Tables {
  try {
    assertFitFolder(path);
    return openTables(path, mapSizeBytes, mayBeUnfinished);
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause;
    throw new ProblemError('store-unavailable', { detail: `the store in ${name} cannot be opened`, cause });
  }
}
