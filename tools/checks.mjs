// What is checked besides the tests: format, lint, types, OpenAPI lint, generated files fresh, policies, the bundle.
// Usage: checks.mjs; the checks run beside each other and each failure is printed.
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUNDLE_SOURCES } from '../dist/policy/index.js';
import { findOpa } from './opa.mjs';
import { runProgram, runSideBySide } from './side-by-side.mjs';

/** The policies of our own bundles. */
export const POLICY_FOLDERS = Object.values(BUNDLE_SOURCES).flatMap((folders) => folders.map((folder) => `policies/${folder}`));

const root = fileURLToPath(new URL('..', import.meta.url));
/** The check that also compiles the tests, to dist-test. */
export const TYPES_OF_TESTS = 'types of the tests';

/** Each `{ name, seconds, program, args }`; `seconds` is about what it takes. */
export function listChecks() {
  const bin = (name) => join(root, 'node_modules/.bin', name);
  const opa = findOpa();
  const node = process.execPath;
  // Not the one in .bin: see the Makefile.
  const tsc = join(root, 'node_modules/typescript-native/bin/tsc');
  const descriptions = readdirSync(join(root, 'src/http'), { recursive: true })
    .filter((file) => file.endsWith('openapi.yaml'))
    .map((file) => `src/http/${file.replaceAll('\\', '/')}`)
    .sort();
  return [
    // The tests wait for it, so it comes before all.
    { name: TYPES_OF_TESTS, seconds: 1e6, program: tsc, args: ['-p', 'test'] },
    { name: 'types of packages/pep', seconds: 2, program: tsc, args: ['-p', 'packages/pep'] },
    { name: 'generated files are fresh', seconds: 4, program: node, args: ['tools/write-docs.mjs', '--check'] },
    { name: 'OpenAPI lint', seconds: 2, program: bin('redocly'), args: ['lint', '--config', 'redocly.yaml', ...descriptions] },
    { name: 'format and lint', seconds: 2, program: bin('biome'), args: ['check', 'src', 'packages', 'test', 'tools'] },
    {
      name: 'every line of the policies is tested',
      seconds: 2,
      program: opa,
      // Its own bound for one test is 5 s, which a busy machine may take.
      args: ['test', '--timeout', '60s', '--coverage', '--threshold', '100', ...POLICY_FOLDERS],
    },
    { name: 'bundles/ is what policies/ builds', seconds: 1, program: node, args: ['tools/build-bundle.mjs', '--check'] },
    { name: 'template and examples of own policies', seconds: 2, program: node, args: ['tools/check-examples.mjs'] },
    { name: 'format of the policies', seconds: 1, program: opa, args: ['fmt', '--fail', '--list', 'policies'] },
    {
      name: 'types of the policies',
      seconds: 1,
      program: opa,
      args: ['check', '--strict', '--schema', 'policies/schemas', ...POLICY_FOLDERS],
    },
  ];
}

/** Runs one of them and answers what it says if it fails, with the command to run it alone; `undefined` if it does not. */
export async function failureOf({ program, args }) {
  const { code, signal, stdout, stderr } = await runProgram(program, args, { cwd: root });
  if (code === 0) return undefined;
  const command = [program.replace(root, ''), ...args].join(' ');
  return `${stdout}${stderr}\nended with ${code ?? signal}: ${command}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const tasks = listChecks().map((check) => ({
    ...check,
    async run() {
      const failure = await failureOf(check);
      process.stderr.write(`${failure === undefined ? 'ok' : 'FAIL'} ${check.name}\n${failure ?? ''}`);
      if (failure !== undefined) process.exitCode = 1;
    },
  }));
  await runSideBySide(tasks, availableParallelism());
}
