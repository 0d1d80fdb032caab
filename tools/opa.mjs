import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The version of OPA that everything here is built with. */
export const opaVersion = readFileSync(`${root}tools/opa-version`, 'utf8').trim();

/** The program of the pinned version: $OPA and then no other, else .tools/opa or PATH. Throws an Error saying what to do when there is none. */
export function findOpa() {
  known ??= look();
  return known;
}

let known;

function look() {
  const found = [];
  const named = process.env.OPA;
  for (const candidate of named ? [named] : [`${root}.tools/opa`, 'opa']) {
    const version = spawnSync(candidate, ['version'], { encoding: 'utf8' }).stdout?.match(/^Version: (.*)$/m)?.[1];
    if (version === opaVersion) return candidate;
    if (version !== undefined) found.push(`${candidate} is ${version}`);
  }
  if (named)
    throw new Error(
      `OPA ${opaVersion} is needed, and the variable OPA names ${found[0] ?? 'no program that can be run'}: name that version, or unset it`,
    );
  throw new Error(`OPA ${opaVersion} is needed${found.length > 0 ? ` (${found.join(', ')})` : ''}: run tools/install-opa.sh`);
}

/** Runs OPA in the project's root and gives what it wrote to stdout; throws an Error with its words when it fails. */
export function runOpa(args, input) {
  const run = spawnSync(findOpa(), args, { cwd: root, encoding: 'utf8', input, maxBuffer: 2 ** 28 });
  if (run.status !== 0) throw new Error(`opa ${args[0]} failed:\n${run.stderr}${run.stdout}`);
  return run.stdout;
}
