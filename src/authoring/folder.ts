import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { parse } from 'yaml';
import type { Surroundings } from './lint/scope.js';
import { type JsonSchema, type OpaType, shapeOfSchema, shapeOfType, shapeOfValue, UNKNOWN } from './lint/shape.js';
import type { Module } from './lint/syntax.js';
import type { Opa } from './opa.js';
import { refused } from './refused.js';

/** A folder with the sources of one bundle. */
export interface PolicyFolder {
  readonly path: string;
  /** Files of Rego by their path in it, tests among them. */
  readonly sources: readonly string[];
  /** Files of data likewise. */
  readonly data: readonly string[];
  readonly hasSchemas: boolean;
}

/** What a bundle is not built from. */
export const TESTS = '*_test.rego';

/** Finds the sources in a folder; what is hidden and `node_modules` are passed over. @throws ProblemError `authoring-refused` if it holds no Rego */
export async function openPolicyFolder(path: string): Promise<PolicyFolder> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(path, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => !file.split('/').some((part) => part === 'node_modules' || (part.startsWith('.') && part !== '.manifest')))
    .sort();
  const sources = files.filter((file) => file.endsWith('.rego'));
  if (sources.length === 0) throw refused(`${path} holds no file of Rego: name a policy folder, or make one (\`tilgang policy new\`)`);
  return {
    path,
    sources,
    data: files.filter((file) => /(^|\/)data\.(json|ya?ml)$/.test(file)),
    hasSchemas: files.some((file) => file.startsWith('schemas/')),
  };
}

/** What the sources say, parsed by OPA, with what is known beside them. @param schema of the input of package `application` @throws ProblemError `authoring-refused` */
export async function readSurroundings(opa: Opa, folder: PolicyFolder, schema: JsonSchema): Promise<Surroundings> {
  const [modules, builtins] = await Promise.all([
    Promise.all(folder.sources.map((file) => parseModule(opa, folder, file))),
    readBuiltins(opa, folder),
  ]);
  const data = await readData(folder);
  return { modules, data, dataShape: shapeOfValue(data), input: shapeOfSchema(schema), builtins };
}

async function parseModule(opa: Opa, { path }: PolicyFolder, file: string): Promise<Module> {
  const run = await opa.run(['parse', '--format', 'json', '--json-include', 'locations,-comments', file], path);
  if (!run.isDone) throw refused(`${file} cannot be parsed`);
  return { ...(JSON.parse(run.stdout) as Omit<Module, 'file'>), file };
}

interface Capabilities {
  readonly builtins: readonly { readonly name: string; readonly decl: { readonly result?: OpaType } }[];
}

async function readBuiltins(opa: Opa, { path }: PolicyFolder): Promise<Surroundings['builtins']> {
  const { stdout } = await opa.run(['capabilities', '--current'], path);
  const { builtins } = JSON.parse(stdout) as Capabilities;
  return new Map(builtins.map(({ name, decl: { result } }) => [name, result === undefined ? UNKNOWN : shapeOfType(result)]));
}

/** What OPA makes one document of: a file's place in the folder is its place in it. */
async function readData({ path, data }: PolicyFolder): Promise<Record<string, unknown>> {
  const whole: Record<string, unknown> = {};
  for (const file of data) {
    let place = whole;
    for (const part of dirname(file).split('/')) {
      if (part === '.') continue;
      place[part] = { ...(place[part] as object | undefined) };
      place = place[part] as Record<string, unknown>;
    }
    Object.assign(place, parse(await readFile(join(path, file), 'utf8')));
  }
  return whole;
}
