import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chown, link, open, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ProblemError } from '#problem';

const SECRET_BYTES = 32;

/** A key of a secret file. */
export interface SecretKey {
  /** Tells keys apart and betrays none: 16 characters of base64url. */
  readonly id: string;
  readonly bytes: Buffer;
}

/** The keys of a file, one a line in base64 or base64url. @throws ProblemError `store-unavailable` that names the file and quotes nothing of it */
export function readKeys(path: string): readonly SecretKey[] {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch (cause) {
    const isGone = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const how = isGone ? 'is not there: put back the one that the store was made under' : 'cannot be read: give it to this user, mode 0600';
    throw new ProblemError('store-unavailable', { detail: `The secret file ${path} ${how}.`, cause });
  }
  const lines = text.trim().split(/\s*\n\s*/);
  return lines.map((line, i) => {
    const bytes = Buffer.from(line, 'base64');
    if (bytes.length === SECRET_BYTES) return { id: idOf(bytes), bytes };
    const where = lines.length === 1 ? '' : ` on line ${i + 1}`;
    throw new ProblemError('store-unavailable', {
      detail: `The secret file ${path} does not hold ${SECRET_BYTES} bytes in base64${where}.`,
    });
  });
}

/** A key that nobody has had. */
export function newKey(): SecretKey {
  const bytes = randomBytes(SECRET_BYTES);
  return { id: idOf(bytes), bytes };
}

function idOf(bytes: Buffer): string {
  return createHmac('sha256', bytes).update('tilgang').digest('base64url').slice(0, 16);
}

function textOf(keys: readonly SecretKey[]): string {
  return keys.map(({ bytes }) => `${bytes.toString('base64')}\n`).join('');
}

/** Writes keys to a new file with mode 0600, to the disk before it resolves. @throws an error of the system, EEXIST if the file is there */
export async function writeNewFile(path: string, keys: readonly SecretKey[]): Promise<void> {
  await writeFile(path, textOf(keys), { mode: 0o600, flag: 'wx', flush: true });
}

/** Writes keys in the place of those of a file: nobody reads half of them, and they are on the disk before it resolves. */
export async function replaceFile(path: string, keys: readonly SecretKey[]): Promise<void> {
  const aside = asideOf(path);
  try {
    await writeNewFile(aside, keys);
    // Whoever runs the command may be another user than the one that runs the gateway.
    const { uid, gid } = await stat(path);
    if (uid !== process.getuid?.()) await chown(aside, uid, gid);
    await rename(aside, path);
  } catch (error) {
    // Keys do not stay where nobody looks for them.
    await unlink(aside).catch(() => {});
    throw error;
  }
  const folder = await open(dirname(path), 'r');
  await folder.sync().finally(() => folder.close());
}

/** Makes a file with one key if there is none. Written aside and linked into place, so that nobody reads half a secret and the first of several processes wins. */
export async function makeOnce(path: string): Promise<void> {
  try {
    await readFile(path);
    return;
  } catch {
    // Not there yet (or not readable, which the reader reports).
  }
  const aside = asideOf(path);
  // Flushed before it is used: a name made under a secret that a power cut takes away would be lost with it.
  await writeNewFile(aside, [newKey()]);
  try {
    await link(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(aside);
  }
}

function asideOf(path: string): string {
  return `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
}
