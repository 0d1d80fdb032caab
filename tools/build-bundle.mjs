#!/usr/bin/env node
// Builds bundles/<name>.tar.gz from its folders of policies/ (BUNDLE_SOURCES). The same sources give the same bytes: the revision is the hash of what
// goes in, and OPA writes no times. Usage: build-bundle.mjs [output folder | --check]; with --check it only compares with what
// is there, and fails naming each bundle that is stale.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { BUILD_FLAGS, BUNDLE_SOURCES, sourceRevision } from '../dist/policy/index.js';
import { opaVersion, runOpa } from './opa.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const bundles = Object.entries(BUNDLE_SOURCES).map(([name, folders]) => ({ name, sources: folders.map((folder) => `policies/${folder}`) }));

if (process.argv[2] === '--check') {
  const fresh = mkdtempSync(join(tmpdir(), 'tilgang-bundle-'));
  build(fresh);
  for (const { name } of bundles) {
    // Compared unpacked: the same bytes may be packed otherwise by another version of Go.
    const [built, committed] = [fresh, join(root, 'bundles')].map((folder) => gunzipSync(readFileSync(join(folder, `${name}.tar.gz`))));
    if (built.equals(committed)) continue;
    process.stderr.write(`bundles/${name}.tar.gz is stale: make policies\n`);
    process.exitCode = 1;
  }
  rmSync(fresh, { recursive: true });
} else {
  // What `opa build` takes without a word, such as a field that no input has, makes answers empty: it is looked for here.
  for (const { sources } of bundles) {
    runOpa(['check', '--strict', '--schema', 'policies/schemas', ...sources]);
    runOpa(['test', ...sources]);
  }
  build(process.argv[2] ?? join(root, 'bundles'));
}

function build(output) {
  mkdirSync(output, { recursive: true });
  for (const { name, sources } of bundles) {
    const revision = sourceRevision(
      sources.map((source) => join(root, source)),
      opaVersion,
    );
    runOpa(['build', ...BUILD_FLAGS, '--ignore', '*_test.rego', '-r', revision, '-o', join(output, `${name}.tar.gz`), ...sources]);
    process.stderr.write(`${name} ${revision}\n`);
  }
}
