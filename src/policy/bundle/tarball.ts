import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { present } from '#domain';
import { ProblemError } from '#problem';
import { isDataFile } from './document.js';

const MAX_TARBALL_BYTES = 16 * 1024 * 1024;
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;
const MAX_FILE_BYTES = 32 * 1024 * 1024;
const MAX_ENTRIES = 2000;
const MAX_NAME_LENGTH = 512;
/** A tarball ends with two blocks of zeros (POSIX.1-1988 ustar). */
const END_BYTES = 1024;

const inflate = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(gunzip);

/**
 * The files of a gzipped bundle by their path from the bundle's root, without a leading slash. Nothing is written to disk.
 * OPA writes each name with one leading slash, meaning the bundle's root; that is the only form of absolute name accepted,
 * and `assertBundleFile` refuses every name that a bundle has no use for.
 * @throws ProblemError `bundle-invalid` for links, devices, names that climb or repeat, a cut end, or anything above the limits
 */
export async function readTarball(tarball: Uint8Array): Promise<ReadonlyMap<string, Buffer>> {
  if (tarball.byteLength > MAX_TARBALL_BYTES) throw invalid(`the tarball is larger than ${MAX_TARBALL_BYTES} bytes`);
  let tar: Buffer;
  try {
    tar = await inflate(tarball, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (cause) {
    throw invalid(`the tarball is no whole gzip file of at most ${MAX_UNPACKED_BYTES} bytes unpacked`, cause);
  }
  if (tar.byteLength < END_BYTES || tar.subarray(-END_BYTES).some((byte) => byte !== 0)) throw invalid('the tarball is cut off');
  const files = new Map<string, Buffer>();
  const unpacker = extract();
  unpacker.end(tar);
  let entries = 0;
  try {
    for await (const entry of unpacker) {
      entries += 1;
      if (entries > MAX_ENTRIES) throw invalid(`the tarball has more than ${MAX_ENTRIES} entries`);
      const path = entryPath(entry.header);
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      if (entry.header.type === 'directory') continue;
      assertBundleFile(path);
      if (files.has(path)) throw invalid(`two entries are named ${JSON.stringify(path)}`);
      files.set(path, Buffer.concat(chunks));
    }
  } catch (cause) {
    throw cause instanceof ProblemError ? cause : invalid('the tarball cannot be read', cause);
  }
  return files;
}

function entryPath(header: Header): string {
  const name = header.name.slice(0, MAX_NAME_LENGTH + 1);
  const shown = JSON.stringify(name);
  if (header.type !== 'file' && header.type !== 'directory') throw invalid(`the entry ${shown} is neither a file nor a directory`);
  if ((header.size ?? 0) > MAX_FILE_BYTES) throw invalid(`the entry ${shown} is larger than ${MAX_FILE_BYTES} bytes`);
  if (name.length > MAX_NAME_LENGTH) throw invalid(`the name of an entry is longer than ${MAX_NAME_LENGTH} characters`);
  const path = name.replace(/^\.?\//, '').replace(header.type === 'directory' ? /\/$/ : /^$/, '');
  const isRoot = header.type === 'directory' && (path === '' || path === '.');
  const isSafe = /^[^\\\p{Cc}]+$/u.test(path) && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (!isRoot && !isSafe) throw invalid(`the name ${shown} is no path inside the bundle`);
  return path;
}

function assertBundleFile(path: string): void {
  if (path === '.manifest' || path === '.signatures.json' || path === 'policy.wasm') return;
  if (path.endsWith('.rego')) return;
  if (isDataFile(path)) {
    if (/(?:^|\/)\./.test(path)) throw invalid(`the folder of the data file ${JSON.stringify(path)} begins with a dot`);
    return;
  }
  if (path === 'patch.json') throw invalid('it is a delta bundle (patch.json), which is not taken: send the whole one (a snapshot)');
  throw invalid(
    `a bundle has no use for the file ${JSON.stringify(path)}: it has .manifest, .signatures.json, policy.wasm, data.json or data.yaml in any folder, and .rego`,
  );
}

function invalid(detail: string, cause?: unknown): ProblemError {
  return new ProblemError('bundle-invalid', { detail, ...present({ cause }) });
}
