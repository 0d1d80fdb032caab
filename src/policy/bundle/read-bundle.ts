import { createHash } from 'node:crypto';
import { ProblemError } from '#problem';
import { dataDocument } from './document.js';
import { type Manifest, parseManifest } from './manifest.js';
import { readTarball } from './tarball.js';

/** The files of a bundle by their path from its root, without a leading slash. */
export type BundleFiles = ReadonlyMap<string, Uint8Array>;

/** A bundle that is unpacked and whose parts are of the right form; its module has not been looked at. */
export interface BundleContent {
  readonly files: BundleFiles;
  readonly manifest: Manifest;
  /** The manifest's revision; `sha256:<hex of the tarball>` where it has none. */
  readonly revision: string;
  /** The data document as JSON. */
  readonly document: Uint8Array;
  /** The bytes of /policy.wasm. */
  readonly module: Uint8Array;
}

/**
 * Unpacks an OPA bundle: a gzipped tarball of `opa build -t wasm`, or of anybody who keeps to "Bundle File Format".
 * @throws ProblemError `bundle-invalid`, whose detail names what is wrong
 */
export async function readBundle(tarball: Uint8Array): Promise<BundleContent> {
  const files = await readTarball(tarball);
  const manifest = parseManifest(fileOf(files, '.manifest'));
  const revision = manifest.revision === '' ? `sha256:${createHash('sha256').update(tarball).digest('hex')}` : manifest.revision;
  return { files, manifest, revision, document: dataDocument(files, manifest.roots), module: fileOf(files, 'policy.wasm') };
}

function fileOf(files: BundleFiles, path: string): Uint8Array {
  const file = files.get(path);
  if (file === undefined) throw new ProblemError('bundle-invalid', { detail: `the bundle has no /${path}` });
  return file;
}
