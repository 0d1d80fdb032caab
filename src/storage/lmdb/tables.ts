import type { Database, RootDatabase } from 'lmdb';

export type Table = Database<string, Buffer>;

/** The parts of the data file. */
export interface Tables {
  readonly root: RootDatabase<string, Buffer>;
  /** Format and declared indexes. */
  readonly meta: Table;
  readonly documents: Table;
  /** Last revision and hash of removed documents, so that neither is used again. Apart, so that lists do not wade through them. */
  readonly graves: Table;
  readonly indexes: Table;
  /** By sequence: hash, then canonical JSON of the event. */
  readonly events: Table;
  /** By document and sequence. */
  readonly history: Table;
  /** By party and sequence. */
  readonly concerns: Table;
}

/** Key texts in [start, end), from the current snapshot. */
export function keysBetween(table: Table, start: Buffer, end: Buffer, limit: number): Buffer[] {
  return [...table.getKeys({ start, end, limit })];
}

/** The same keys as keysBetween, the last first. */
export function keysBackwards(table: Table, start: Buffer, end: Buffer, limit: number): Buffer[] {
  return [...table.getKeys({ reverse: true, start: end, exclusiveStart: true, end: start, inclusiveEnd: true, limit })];
}

/** Past every key that begins so: 0xff is in no UTF-8 text. */
export function pastPrefix(prefix: string): Buffer {
  return Buffer.concat([Buffer.from(prefix), Buffer.of(0xff)]);
}
