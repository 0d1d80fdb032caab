import { asBinary, type Database, type DatabaseOptions, open, type RootDatabase } from 'lmdb';
import { ProblemError } from '#problem';
import { NOT_WHOLE } from '../copy/refused.js';
import type { Writing } from '../copy/whole-store.js';

/** Keys go in as texts or bytes, and come out as bytes. */
export type Table = Database<string, Buffer | string>;

/** The parts of the data file. */
export interface Tables {
  readonly root: RootDatabase<string, Buffer>;
  /** Format, registry epoch, declarations. */
  readonly meta: Table;
  readonly documents: Table;
  /** Of removed documents the last revision and event, so that neither is used again. Apart, so that lists do not wade through them. */
  readonly graves: Table;
  readonly indexes: Table;
  /** By sequence. */
  readonly events: Table;
  /** By party and sequence. */
  readonly concerns: Table;
  /** By entity, moment and key: what expires. */
  readonly expirations: Table;
  /** What waits for a process that knows an index. */
  readonly notes: Table;
}

/** Writes a text to where lmdb keeps the key of the moment, without a buffer of its own. */
const keyEncoder = {
  writeKey(key: Buffer | string, target: Buffer, start: number): number {
    if (typeof key !== 'string') {
      target.set(key, start);
      return start + key.length;
    }
    // Buffer.write cuts silently; lmdb takes another buffer at a RangeError.
    if (start + key.length * 3 > target.length && start + Buffer.byteLength(key) > target.length)
      throw new RangeError('the key is too long');
    return start + target.write(key, start);
  },
  readKey(source: Uint8Array, start: number, end: number): Buffer {
    return Buffer.from(source.subarray(start, end));
  },
};

let scratch = Buffer.allocUnsafeSlow(2 ** 16);

/** Within a transaction, where lmdb has copied the value before it returns: puts a text by way of one buffer for all. */
export function putText(table: Table, key: string | Buffer, text: string): void {
  table.putSync(key, inScratch(text));
}

const LAST = { append: true };

/** The same past the last key of the table, without looking for its place. @throws TypeError if it is none */
export function appendText(table: Table, key: string | Buffer, text: string): void {
  // lmdb declares that it answers nothing.
  const isDone: unknown = table.putSync(key, inScratch(text), LAST);
  if (isDone !== true) throw new TypeError('what is appended is not the last');
}

function inScratch(text: string): string {
  if (text.length * 3 > scratch.length) scratch = Buffer.allocUnsafeSlow(text.length * 6);
  return binary(scratch.subarray(0, scratch.write(text)));
}

/** lmdb declares binary values as something else than what a table holds. */
function binary(bytes: Buffer): string {
  return asBinary(bytes) as unknown as string;
}

/** What stands under a key that says all: the text `1`, which is not encoded anew for each. */
export const PRESENT = binary(Buffer.from('1'));

const SPARE_BYTES = 256 * 2 ** 20;

/**
 * The tables of the folder.
 * @param mayBeUnfinished also of a store that is being copied or restored into
 * @throws ProblemError `store-unavailable` if they were written in another format, or are not whole
 */
export function openTables(path: string, mapSizeBytes: number, mayBeUnfinished = false): Tables {
  const root = open<string, Buffer>({
    path,
    // Without overlapping sync the promise of a commit is the promise of the flush; commits are grouped by the writer anyway.
    overlappingSync: false,
    // Its promise is nobody's: when a commit failed it ended the process. Our writer groups the changes of a turn itself.
    eventTurnBatching: false,
    // Beyond the bound that the writer keeps, since lmdb enlarges a map that is too small, and keeps the old one too.
    mapSize: mapSizeBytes + SPARE_BYTES,
    maxDbs: 16,
    keyEncoding: 'binary',
    encoding: 'string',
    noSubdir: false,
  });
  // Text and JSON.parse rather than msgpack: shared structures would tie the processes of a store to one another.
  // Measured: 5 µs for `get` of a document of 250 bytes, fresh snapshot included (2 cores, shared).
  const table = (name: string): Table => root.openDB<string, Buffer | string>(name, { keyEncoder, encoding: 'string' } as DatabaseOptions);
  const meta = table('meta');
  try {
    checkFormat(root, meta, mayBeUnfinished);
  } catch (error) {
    void root.close();
    throw error;
  }
  return {
    root,
    meta,
    documents: table('documents'),
    graves: table('graves'),
    indexes: table('indexes'),
    events: table('events'),
    concerns: table('concerns'),
    expirations: table('expirations'),
    notes: table('notes'),
  };
}

const FORMAT = 'tilgang-storage-2';
/** In place of the format while the store is written as a whole. */
const UNFINISHED: Readonly<Record<Writing, string>> = { copying: `${FORMAT} unfinished`, restoring: `${FORMAT} restoring` };
const FORMAT_KEY = Buffer.from('format');
/** The place of the last event of a registry entity: raised with each change of one, so whoever has seen it knows what it may still believe. */
export const EPOCH_KEY = Buffer.from('registry-epoch');

/** Marks a new store; one of another format is left as it is. */
function checkFormat(root: Tables['root'], meta: Table, mayBeUnfinished: boolean): void {
  // Whoever checks what is being written does not wait for whoever writes it.
  if (mayBeUnfinished && Object.values(UNFINISHED).includes(meta.get(FORMAT_KEY) as string)) return;
  root.transactionSync(() => {
    const format = meta.get(FORMAT_KEY);
    const isUnfinished = Object.values(UNFINISHED).includes(format as string);
    if (format === FORMAT || (mayBeUnfinished && isUnfinished)) return;
    if (isUnfinished) throw new ProblemError('store-unavailable', { detail: NOT_WHOLE });
    // The names of the tables are the keys of the root.
    if (format === undefined && root.getKeysCount({ limit: 2 }) === 1)
      return meta.putSync(FORMAT_KEY, mayBeUnfinished ? UNFINISHED.restoring : FORMAT);
    const detail =
      format === 'tilgang-storage-1'
        ? "this store was written by an older version: export with that version's `tilgang grants export` and import here, into a new data folder"
        : 'the data folder has an unknown format';
    throw new ProblemError('store-unavailable', { detail });
  });
}

/** Whether the store is being copied or restored into, or was left so. */
export function wholenessOf({ meta }: Tables): Writing | 'whole' {
  const format = meta.get(FORMAT_KEY);
  return format === UNFINISHED.copying ? 'copying' : format === UNFINISHED.restoring ? 'restoring' : 'whole';
}

/** Within a transaction: says whether the store is whole, so that it can be opened. */
export function markAs({ meta }: Tables, state: Writing | 'whole'): void {
  meta.putSync(FORMAT_KEY, state === 'whole' ? FORMAT : UNFINISHED[state]);
}

/** Reads what is known to be there. @throws ProblemError `store-unavailable` if it is not answered */
export function checkReads({ meta }: Tables): void {
  if (meta.get(FORMAT_KEY) !== FORMAT) throw new ProblemError('store-unavailable', { detail: 'the store does not answer' });
}

/** Keys in [start, end), from the current snapshot. */
export function keysBetween(table: Table, start: Buffer, end: Buffer, limit: number): Buffer[] {
  return [...table.getKeys({ start, end, limit })] as Buffer[];
}

/** The same keys as keysBetween, the last first. */
export function keysBackwards(table: Table, start: Buffer, end: Buffer, limit: number): Buffer[] {
  return [...table.getKeys({ reverse: true, start: end, exclusiveStart: true, end: start, inclusiveEnd: true, limit })] as Buffer[];
}

/** A key and what stands under it. */
export interface Entry {
  readonly key: Buffer;
  readonly value: string;
}

/** Entries in [start, end), from the current snapshot; newest first those in [end, start). */
export function entriesBetween(table: Table, start: Buffer, end: Buffer, limit: number, newestFirst = false): Entry[] {
  const back = newestFirst ? { reverse: true, exclusiveStart: true, inclusiveEnd: true } : {};
  return [...table.getRange({ start, end, limit, ...back })] as Entry[];
}

/** The key that so many others come before, from the current snapshot. */
export function keyAt(table: Table, index: number): Buffer | undefined {
  const [key] = [...table.getKeys({ offset: index, limit: 1 })] as Buffer[];
  return key;
}

/** How many entries a table has, at once. */
export function entryCount(table: Table): number {
  return (table.getStats() as { readonly entryCount: number }).entryCount;
}

/** Past every key that begins so: 0xff is in no UTF-8 text. */
export function pastPrefix(prefix: string): Buffer {
  return Buffer.concat([Buffer.from(prefix), Buffer.of(0xff)]);
}

/** The place of the last event; 0 if there is none. */
export function lastSequence({ events }: Tables): number {
  const [last] = [...events.getKeys({ reverse: true, limit: 1 })];
  return last === undefined ? 0 : Number(last.toString());
}
