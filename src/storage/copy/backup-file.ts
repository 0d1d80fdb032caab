import { createHash, type Hash, randomBytes } from 'node:crypto';
import { constants as flags } from 'node:fs';
import { type FileHandle, lstat, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline, type Readable, Transform, Writable } from 'node:stream';
import { pipeline as piped } from 'node:stream/promises';
import { constants, createBrotliCompress, createBrotliDecompress } from 'node:zlib';
import { type BackupPart, partLines, partsOf } from './backup-lines.js';
import { refused } from './refused.js';
import type { WholeSource } from './whole-store.js';

/** Raised with each form that older programs cannot read. */
const FORMAT = 1;
const MAGIC = 'tilgang-backup ';
/** More than any header has. */
const MAX_HEADER_BYTES = 2 ** 18;
const CHUNK_BYTES = 2 ** 18;
/** `\nsha256 HASH\nseal SEAL\n`, both of 43 characters. */
const TRAILER = /^\nsha256 ([\w-]{43})\nseal ([\w-]{43})\n$/;
const TRAILER_BYTES = 101;
const NO_BACKUP = 'the file is no backup of this program: name one that `tilgang backup` has written';
const ALTERED = 'the backup was cut short or altered: take another copy of it';

/** What stands in the clear before the store; JSON. */
export interface BackupHeader {
  /** Of the program that wrote it. */
  readonly program: string;
  /** The version of the data that it knows. */
  readonly schema: number;
  /** When. */
  readonly at: string;
  /** What the store was made for. */
  readonly kind: string;
  /** What the secret is called that its persons are named under, and the keys that they are sealed under. */
  readonly naming: string;
  readonly sealing: readonly string[];
  /** Where those were kept. */
  readonly secretsAt: readonly string[];
  /** The secrets themselves, sealed. */
  readonly secrets?: unknown;
}

/** How a backup is written. */
export interface BackupOptions {
  readonly header: BackupHeader;
  /** Of the hash over all of it, by a secret of the installation: 43 characters. */
  readonly seal: (text: string) => string;
  readonly told: (events: number, total: number) => void;
  /** Ends it; then no file is left. */
  readonly over: AbortSignal;
}

/**
 * Writes a store as it is at some moment of the call into a file of mode 0600: aside, flushed, then put in place of what was there.
 * @throws ProblemError `copy-refused`, an error of the system, or the signal's reason; then nothing is left of it, and a file that was there stays
 */
export async function writeBackup(source: WholeSource, path: string, options: BackupOptions): Promise<{ readonly events: number }> {
  await refuseOther(path);
  const aside = join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(4).toString('hex')}`);
  const file = await open(aside, 'wx', 0o600).catch((error: unknown) => {
    throw namedAs(path, aside, error);
  });
  try {
    const written = await writeAll(source, file, options);
    await file.sync();
    await file.close();
    await rename(aside, path);
    await flushFolder(dirname(path));
    return written;
  } catch (error) {
    await file.close().catch(() => {});
    await unlink(aside).catch(() => {});
    throw namedAs(path, aside, error);
  }
}

/** What is renamed takes the place of anything: of a device, which a system may need, or of a link, whose file would be the one before. */
async function refuseOther(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined || found.isFile() || found.isDirectory()) return;
  throw refused(`${path} is no file but a ${found.isSymbolicLink() ? 'link' : 'device'}, whose place the backup would take: name a file`);
}

/** An error of the system, told of the file that was asked for. */
function namedAs(path: string, aside: string, error: unknown): unknown {
  if (error instanceof Error && error.message.includes(aside))
    error.message = error.message.replaceAll(`'${aside}' -> `, '').replaceAll(aside, path);
  return error;
}

async function writeAll(
  source: WholeSource,
  file: FileHandle,
  { header, seal, told, over }: BackupOptions,
): Promise<{ readonly events: number }> {
  const hash = createHash('sha256');
  const head = Buffer.from(`${MAGIC}${FORMAT}\n${JSON.stringify(header)}\n`);
  hash.update(head);
  await file.appendFile(head);
  let events = 0;
  const lines = partLines(source, (count, total) => {
    events = count;
    told(count, total);
  });
  await piped(
    lines,
    // A window of 4 MiB: a document's events repeat its state, and are far apart.
    createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 22 } }),
    hashing(hash),
    // Not a loop over the chunks: where that ends by a fault, Node.js (20) has another one that nobody hears, and the process ends.
    new Writable({ write: (chunk: Buffer, _encoding, done) => void file.appendFile(chunk).then(() => done(), done) }),
    { signal: over },
  );
  const digest = hash.digest('base64url');
  await file.appendFile(`\nsha256 ${digest}\nseal ${seal(digest)}\n`);
  return { events };
}

function hashing(hash: Hash): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(undefined, chunk);
    },
  });
}

/** A rename is durable once its folder is. */
async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().finally(() => folder.close());
}

/** A backup whose bytes are known to be those that were written. */
export interface OpenBackup {
  readonly header: BackupHeader;
  /** What `seal` gave for all of it, and for what. */
  readonly seal: { readonly of: string; readonly text: string };
  /** What is in it, in the order in which it is to be written. @throws ProblemError `copy-refused` if it is not what a backup holds */
  parts(): AsyncIterable<BackupPart>;
  close(): Promise<void>;
}

/**
 * Opens a backup and reads it to its end.
 * @throws ProblemError `copy-refused` if it is none, was cut short or altered, or was written by a newer program; an error of the system
 */
export async function openBackup(path: string): Promise<OpenBackup> {
  // A pipe would be waited for until somebody writes to it.
  const file = await open(path, flags.O_RDONLY | flags.O_NONBLOCK);
  try {
    const about = await file.stat();
    if (!about.isFile()) throw refused(NO_BACKUP);
    const { size } = about;
    const { header, start } = await readHeader(file);
    const end = size - TRAILER_BYTES;
    const [, digest, sealed] = end < start ? [] : ((await textAt(file, end, TRAILER_BYTES)).match(TRAILER) ?? []);
    if (digest === undefined || sealed === undefined) throw refused(ALTERED);
    const found = createHash('sha256');
    for await (const chunk of chunksOf(file, 0, end)) found.update(chunk);
    if (found.digest('base64url') !== digest) throw refused(ALTERED);
    const parts = async function* (): AsyncGenerator<BackupPart> {
      const again = createHash('sha256');
      for await (const chunk of chunksOf(file, 0, start)) again.update(chunk);
      yield* partsOf(unpacked(file, start, end, again));
      // What was written is what was looked at before.
      if (again.digest('base64url') !== digest) throw refused(ALTERED);
    };
    return { header, seal: { of: digest, text: sealed }, parts, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readHeader(file: FileHandle): Promise<{ readonly header: BackupHeader; readonly start: number }> {
  const text = await textAt(file, 0, MAX_HEADER_BYTES);
  const [, format] = text.match(/^tilgang-backup ([0-9]{1,9})\n/) ?? [];
  if (format === undefined) throw refused(NO_BACKUP);
  if (Number(format) > FORMAT) throw refused('the backup was written by a newer program: restore it with that one');
  const first = text.indexOf('\n') + 1;
  const end = text.indexOf('\n', first);
  try {
    if (end < 0) throw refused(ALTERED);
    // The hash over the bytes is looked at before anything is believed.
    const header: unknown = JSON.parse(Buffer.from(text.slice(first, end), 'latin1').toString());
    if (!isHeader(header)) throw refused(ALTERED);
    return { header, start: end + 1 };
  } catch {
    throw refused(ALTERED);
  }
}

function isHeader(value: unknown): value is BackupHeader {
  const { program, schema, at, kind, naming, sealing, secretsAt } = (value ?? {}) as Record<keyof BackupHeader, unknown>;
  const texts = [program, at, kind, naming, ...(Array.isArray(sealing) ? sealing : [0]), ...(Array.isArray(secretsAt) ? secretsAt : [0])];
  return texts.every((text) => typeof text === 'string') && Number.isSafeInteger(schema);
}

/** A byte is a character. */
async function textAt(file: FileHandle, at: number, length: number): Promise<string> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, at);
  return buffer.toString('latin1', 0, bytesRead);
}

async function* chunksOf(file: FileHandle, from: number, end: number): AsyncGenerator<Buffer> {
  for (let at = from; at < end; ) {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, end - at));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) throw refused(ALTERED);
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

function unpacked(file: FileHandle, start: number, end: number, hash: Hash): Readable {
  return pipeline(chunksOf(file, start, end), hashing(hash), createBrotliDecompress(), () => {});
}
