import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { runOpa } from '../fixtures/opa.js';

/** The bundle that OPA builds of a package `t`, with these of its rules as entrypoints. */
export async function build(rego: string, entrypoints: readonly string[], file = 't.rego'): Promise<Buffer> {
  const folder = await mkdtemp(`${tmpdir()}/policy-`);
  await writeFile(`${folder}/${file}`, `package t\n${rego}\n`);
  const named = entrypoints.flatMap((name) => ['-e', `t/${name}`]);
  const args = ['build', '-t', 'wasm', ...named, '-o', `${folder}/b.tar.gz`, `${folder}/${file}`];
  runOpa(args);
  const bundle = await readFile(`${folder}/b.tar.gz`);
  await rm(folder, { recursive: true });
  return bundle;
}
