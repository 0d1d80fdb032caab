#!/usr/bin/env node
// Builds bundles/<name>.tar.gz from policies/<name>. The same sources give the same bytes: the revision is the hash of what
// goes in, and OPA writes no times. Usage: build-bundle.mjs [output folder | --check]; with --check it only compares with what
// is there, and fails naming each bundle that is stale.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { opaVersion, runOpa } from './opa.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const NAMES = ['tilgang'];
// -O0: -O1 and -O2 are no faster (decision 0020), and they need each entrypoint named a second time.
const BUILD = ['-t', 'wasm', '-O', '0'];

if (process.argv[2] === '--check') {
  const fresh = mkdtempSync(join(tmpdir(), 'tilgang-bundle-'));
  build(fresh);
  for (const name of NAMES) {
    // Compared unpacked: the same bytes may be packed otherwise by another version of Go.
    const [built, committed] = [fresh, join(root, 'bundles')].map((folder) => gunzipSync(readFileSync(join(folder, `${name}.tar.gz`))));
    if (built.equals(committed)) continue;
    process.stderr.write(`bundles/${name}.tar.gz is stale: make policies\n`);
    process.exitCode = 1;
  }
  rmSync(fresh, { recursive: true });
} else build(process.argv[2] ?? join(root, 'bundles'));

function build(output) {
  mkdirSync(output, { recursive: true });
  for (const name of NAMES) {
    const sources = `policies/${name}`;
    const revision = revisionOf(sources);
    runOpa(['build', ...BUILD, '--ignore', '*_test.rego', '-r', revision, '-o', join(output, `${name}.tar.gz`), sources]);
    process.stderr.write(`${name} ${revision}\n`);
  }
}

function revisionOf(folder) {
  const hash = createHash('sha256').update(JSON.stringify([opaVersion, BUILD]));
  const files = readdirSync(join(root, folder), { recursive: true }).map((file) => file.replaceAll('\\', '/'));
  for (const file of files.filter((file) => /\.(rego|json|yaml)$/.test(file) && !file.endsWith('_test.rego')).sort()) {
    hash.update(JSON.stringify([file, readFileSync(join(root, folder, file), 'utf8')]));
  }
  return hash.digest('hex').slice(0, 16);
}
