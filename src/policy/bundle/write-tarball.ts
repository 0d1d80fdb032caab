import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { pack } from 'tar-stream';
import type { BundleFiles } from './read-bundle.js';

const deflate = promisify<Uint8Array, Buffer>(gzip);

/** The tarball of a bundle's files, as OPA writes it: names with a leading slash, no times. The same files give the same bytes. */
export async function writeTarball(files: BundleFiles): Promise<Buffer> {
  const tar = pack();
  for (const [path, bytes] of files) tar.entry({ name: `/${path}`, mode: 0o600, mtime: new Date(0) }, Buffer.from(bytes));
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return deflate(Buffer.concat(chunks));
}
