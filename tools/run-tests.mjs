// Runs every test and the policies' own, then looks for person numbers in what the tested processes logged.
// The last line is `N passed, N failed`; each counts one assertion of tap or one test of OPA. Usage: run-tests.mjs [--tap]
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Parser } from 'tap-parser';
import { demoWorld } from '../dist/demo/index.js';
import { isFault, parsePersonNumber, toInstant } from '../dist/domain/index.js';
import { findOpa } from './opa.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const LOGS = 'build/test-logs';
const RAW = 'build/tests.tap';
const count = { passed: 0, failed: 0, skipped: 0 };
const fail = (text) => {
  count.failed += 1;
  process.stderr.write(`FAIL ${text}\n`);
};

// What a test sees of the environment must not depend on who started it.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|tilgang_)/i.test(name)));

rmSync(join(root, LOGS), { recursive: true, force: true });
rmSync(join(root, RAW), { force: true });
mkdirSync(join(root, LOGS), { recursive: true });
runTap();
searchLogs();
runPolicyTests();
process.stdout.write(`${count.passed} passed, ${count.failed} failed${count.skipped > 0 ? `, ${count.skipped} skipped` : ''}\n`);
process.exitCode = count.failed > 0 ? 1 : 0;

function runTap() {
  const files = readdirSync(join(root, 'test'), { recursive: true })
    .map((file) => `test/${file.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.test.ts'))
    .sort();
  const reporter = process.argv.includes('--tap') ? 'tap' : 'terse';
  const run = spawnSync(join(root, 'node_modules/.bin/tap'), [`--reporter=${reporter}`, `--output-file=${RAW}`, ...files], {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  let raw = '';
  try {
    raw = readFileSync(join(root, RAW), 'utf8');
  } catch {
    // Told below: without the file nothing has passed.
  }
  const before = count.failed;
  for (const { ok, todo, skip, fullname, name } of assertionsOf(raw)) {
    if (skip !== false || todo !== false) count.skipped += 1;
    else if (ok) count.passed += 1;
    else {
      count.failed += 1;
      process.stderr.write(`FAIL ${fullname} > ${name}\n`);
    }
  }
  if (count.passed === 0) fail('tap ran no test');
  else if (run.status !== 0 && count.failed === before) fail(`tap ended with ${run.status ?? run.signal} and names no failure`);
}

/** The innermost assertions. A test that failed although all inside it passed (no plan, time-out) counts as one. */
function assertionsOf(raw) {
  const found = [];
  const listen = (parser) => {
    let failedInside = 0;
    let hasChild = false;
    parser.on('child', (child) => {
      hasChild = true;
      const before = found.length;
      listen(child);
      child.on('complete', () => {
        failedInside = found.slice(before).filter(({ ok }) => !ok).length;
      });
    });
    parser.on('assert', (assertion) => {
      if (!hasChild || (!assertion.ok && failedInside === 0)) found.push(assertion);
      hasChild = false;
      failedInside = 0;
    });
  };
  const parser = new Parser();
  listen(parser);
  parser.end(raw);
  return found;
}

/** Every person number is a fault here, of the demo world and any other that is valid; only its place is told. */
function searchLogs() {
  const known = demoWorld(toInstant(0)).persons.map(({ brukerIdent }) => brukerIdent);
  const before = count.failed;
  const files = readdirSync(join(root, LOGS), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  if (files.length === 0) fail(`${LOGS} is empty: no tested process has logged`);
  for (const { parentPath, path, name } of files) {
    const file = join(parentPath ?? path, name);
    const lines = readFileSync(file, 'utf8').split('\n');
    for (const [i, line] of lines.entries()) {
      // The fraction of a measured time is no number that stands alone.
      const alone = line.match(/(?<![0-9]|[0-9]\.)[0-9]{11}(?![0-9])/g) ?? [];
      if (known.some((number) => line.includes(number)) || alone.some((number) => !isFault(parsePersonNumber(number)))) {
        fail(`${file.slice(root.length)}:${i + 1} holds a person number`);
      }
    }
  }
  if (count.failed === before) count.passed += 1;
}

function runPolicyTests() {
  const run = spawnSync(findOpa(), ['test', '--format', 'json', 'policies/tilgang'], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 });
  let results = [];
  try {
    results = JSON.parse(run.stdout);
  } catch {
    // Told below.
  }
  if (!Array.isArray(results) || results.length === 0) return fail(`opa test gave no result\n${run.stderr ?? ''}${run.stdout ?? ''}`);
  for (const { location, name, fail: isFailed, error, skip } of results) {
    if (skip) count.skipped += 1;
    else if (isFailed || error) fail(`${location.file}:${location.row} ${name}`);
    else count.passed += 1;
  }
}
