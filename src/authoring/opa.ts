import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { refused } from './refused.js';

/** What a run of OPA gave. */
export interface OpaRun {
  readonly isDone: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program OPA, of the version that bundles are built with. */
export interface Opa {
  readonly version: string;
  /** Runs it in a folder. */
  run(args: readonly string[], folder: string): Promise<OpaRun>;
}

/** Where OPA is looked for. */
export interface OpaPlaces {
  /** The folder of this program, which says the version (`tools/opa-version`) and may have it in `.tools`. */
  readonly program: string;
  /** A path that somebody has named; then no other is looked at. */
  readonly named?: string | undefined;
}

const LONGEST_MS = 120_000;

/** OPA of the version that this program is made for: the one that is named, else the first that is there. @throws ProblemError `authoring-refused` that says what to do if there is none */
export async function findOpa({ program, named = '' }: OpaPlaces): Promise<Opa> {
  const version = (await readFile(join(program, 'tools/opa-version'), 'utf8')).trim();
  const others: string[] = [];
  for (const path of named === '' ? [join(program, '.tools/opa'), 'opa'] : [named]) {
    const { stdout } = await runProgram(path, ['version'], program).catch(() => ({ stdout: '' }));
    const found = /^Version: (.*)$/m.exec(stdout)?.[1];
    if (found === version) return { version, run: (args, folder) => runProgram(path, args, folder) };
    if (found !== undefined) others.push(`${path} is ${found}`);
  }
  if (named !== '') {
    const what = others.length === 0 ? 'names no program that can be run' : `names another version (${others.join(', ')})`;
    throw refused(
      `OPA ${version} is needed, and the variable OPA ${what}: name the program \`opa\` of that release, or unset the variable`,
    );
  }
  const instead = others.length === 0 ? '' : ` (${others.join(', ')})`;
  throw refused(
    `OPA ${version} is needed${instead}: put the program \`opa\` of that release on PATH, or name it in the variable OPA; in a checkout \`make opa\` builds it`,
  );
}

function runProgram(path: string, args: readonly string[], folder: string): Promise<OpaRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    const late = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', (error) => {
      clearTimeout(late);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(late);
      resolve({ isDone: code === 0, stdout, stderr });
    });
  });
}

/** What OPA said of a run that failed, without the stack of a panic. */
export function saidBy({ stdout, stderr }: OpaRun): string {
  const text = `${stderr}\n${stdout}`.trim();
  const panic = /^panic: (.*)$/m.exec(text)?.[1];
  return panic === undefined ? text : `OPA itself fell over (panic: ${panic})`;
}
