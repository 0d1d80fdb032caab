import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { loadBundle } from '#policy';
import { ProblemError } from '#problem';
import { buildBundle } from './build.js';
import { openPolicyFolder, type PolicyFolder, readSurroundings } from './folder.js';
import { type Finding, lint } from './lint/lint.js';
import type { Surroundings } from './lint/scope.js';
import { UNKNOWN } from './lint/shape.js';
import { isTest, type Location, type Module, packageOf, walkRule } from './lint/syntax.js';
import { folderMetadata } from './manifest.js';
import { type Opa, saidBy } from './opa.js';

/** The rule that judges an application. */
export const SEARCH = 'application/search';

/** What `schemas/` holds of the input. */
export const SCHEMA_FILE = 'access-input.json';
/** Beside it: the input of what judges kinds of its own. */
const KINDS_SCHEMA_FILE = 'authzen-input.json';

/**
 * What is wrong with the policy in a folder: what OPA finds by types and in strict mode, whether it can be asked, whether the engine can run it, and
 * what a module does otherwise than OPA. Empty if it is fit to be shipped.
 * @param schemaFile the schema of the input, as this program gives it; a folder without schemas is checked by it
 * @throws ProblemError `authoring-refused` if the folder holds no policy
 */
export async function checkPolicy(opa: Opa, path: string, schemaFile: string): Promise<readonly Finding[]> {
  const folder = await openPolicyFolder(path);
  const schema = await readFile(schemaFile, 'utf8');
  const ofOpa = await opaFindings(opa, folder, schemaFile);
  if (ofOpa.length > 0) return ofOpa;
  const { judges, takesAnything } = await folderMetadata(path);
  const ofKinds = takesAnything === true ? '{}' : undefined;
  const asked = judges === undefined ? schema : (ofKinds ?? (await readFile(join(dirname(schemaFile), KINDS_SCHEMA_FILE), 'utf8')));
  const surroundings = await readSurroundings(opa, folder, JSON.parse(asked));
  const isMade = (module: Module): boolean => !isTest(module.file);
  const found = [
    ...(await schemaFindings(folder, schema)),
    ...(judges ?? [SEARCH]).flatMap((rule) => entrypointFindings(surroundings.modules.filter(isMade), rule)),
    ...surroundings.modules.flatMap((module) => lint(module, isMade(module) ? surroundings : { ...surroundings, input: UNKNOWN })),
  ];
  // What cannot be built for a fault that is named already needs no second word.
  const all = found.some(({ kind }) => kind === 'fault') ? found : [...found, ...(await engineFindings(opa, folder, surroundings))];
  return all.toSorted((a, b) => (a.at?.file ?? '').localeCompare(b.at?.file ?? '') || (a.at?.row ?? 0) - (b.at?.row ?? 0));
}

interface OpaErrors {
  readonly errors?: readonly { readonly code: string; readonly message: string; readonly location?: Location }[];
}

async function opaFindings(opa: Opa, { path, hasSchemas }: PolicyFolder, schemaFile: string): Promise<readonly Finding[]> {
  const schemas = hasSchemas ? 'schemas' : dirname(resolve(schemaFile));
  const run = await opa.run(['check', '--strict', '-b', '--format', 'json', '--schema', schemas, '.'], path);
  if (run.isDone) return [];
  let told: OpaErrors = {};
  try {
    told = JSON.parse(run.stderr) as OpaErrors;
  } catch {
    // Not every failure is told as JSON.
  }
  if (told.errors === undefined) return [{ kind: 'fault', rule: 'opa-check', message: saidBy(run) }];
  return told.errors.map(({ code, message, location }) => {
    const said = { kind: 'fault', rule: code.replaceAll('_', '-'), message } as const;
    return location === undefined ? said : { ...said, at: { file: location.file, row: location.row, col: location.col } };
  });
}

/** An older schema hides what the input has now, or names what it no longer has. */
async function schemaFindings({ path, hasSchemas }: PolicyFolder, schema: string): Promise<readonly Finding[]> {
  if (!hasSchemas || (await readFile(join(path, 'schemas', SCHEMA_FILE), 'utf8').catch(() => undefined)) === schema) return [];
  const message = `schemas/${SCHEMA_FILE} is not that of this program, and what it says of the input may be wrong: \`tilgang policy new\` writes the right one`;
  return [{ kind: 'warning', rule: 'schema', message }];
}

function entrypointFindings(modules: readonly Module[], entrypoint: string): readonly Finding[] {
  const steps = entrypoint.split('/');
  const [name, path] = [steps.at(-1) as string, steps.slice(0, -1).join('/')];
  const named = modules
    .filter((module) => packageOf(module).join('/') === path)
    .flatMap(({ rules = [] }) => rules.filter(({ head }) => String(head.ref[0]?.value) === name));
  if (named.some(({ annotations = [] }) => annotations.some(({ entrypoint: isMarked }) => isMarked === true))) return [];
  const owner = path.replaceAll('/', '.');
  const told =
    entrypoint === SEARCH ? ': it names the organisations for which the person may use the application' : ', which .manifest names';
  const message =
    named.length === 0
      ? `the package ${owner} has no rule \`${name}\`${told}`
      : `\`${name}\` of the package ${owner} is no entrypoint: write METADATA with \`entrypoint: true\` above it`;
  return [{ kind: 'fault', rule: 'no-entrypoint', message }];
}

/** Builds it and has the engine load it, as the gateway would. */
async function engineFindings(opa: Opa, folder: PolicyFolder, { modules }: Surroundings): Promise<readonly Finding[]> {
  try {
    await loadBundle(await buildBundle(opa, folder, {}));
    return [];
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    const lacking = calledAmong(modules, error.message);
    const rule = error.slug === 'bundle-invalid' ? 'engine' : 'opa-build';
    return lacking.length === 0
      ? [{ kind: 'fault', rule, message: error.message }]
      : lacking.map(({ name, at }) => ({
          kind: 'fault',
          rule: 'unknown-built-in',
          message: `nobody provides the built-in ${name} here (docs/built-ins.md)`,
          at,
        }));
  }
}

/** Where built-ins are called whose names a text holds. */
function calledAmong(modules: readonly Module[], text: string): readonly { readonly name: string; readonly at: Location }[] {
  const words = new Set(text.match(/[a-z_0-9]+(\.[a-z_0-9]+)*/g));
  const found: { name: string; at: Location }[] = [];
  for (const { rules = [], file } of modules) {
    if (isTest(file)) continue;
    for (const rule of rules) {
      walkRule(rule, {
        call(name, _args, at) {
          if (at !== undefined && words.has(name)) found.push({ name, at: { file: at.file, row: at.row, col: at.col } });
        },
      });
    }
  }
  return found;
}
