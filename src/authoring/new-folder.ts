import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SCHEMA_FILE } from './check-policy.js';
import { refused } from './refused.js';

/** Where this program keeps what an author begins with. */
export interface Shipped {
  /** The folder that is copied. */
  readonly template: string;
  /** The schema of the input. */
  readonly schema: string;
}

/** Its name in the template: hidden files do not survive packaging. */
const HIDDEN: ReadonlyMap<string, string> = new Map([
  ['gitignore', '.gitignore'],
  ['manifest.json', '.manifest'],
]);

/**
 * Makes a folder that an author can begin with: a rule that works, its tests, the schema of its input, a Makefile.
 * Where there is a policy already only the schema is written, as this program has it.
 * @param application that it is for, as the manifest names it
 * @returns the files that were written, by their path in the folder
 * @throws ProblemError `authoring-refused` if the folder holds anything but a policy
 */
export async function newPolicyFolder(shipped: Shipped, folder: string, application: string | undefined): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const there = await readdir(folder);
  const schema = `schemas/${SCHEMA_FILE}`;
  const files = new Map([[schema, await readFile(shipped.schema, 'utf8')]]);
  if (there.length === 0) for (const [name, text] of await templateFiles(shipped.template, application)) files.set(name, text);
  else if (!there.some((name) => name.endsWith('.rego')))
    throw refused(`${folder} is not empty: name a folder that is, or that is not there`);
  for (const [name, text] of files) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return [...files.keys()].sort();
}

async function templateFiles(template: string, application: string | undefined): Promise<readonly (readonly [string, string])[]> {
  const names = await readdir(template);
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(join(template, name), 'utf8');
      return [HIDDEN.get(name) ?? name, text.replaceAll('APP-ID', application ?? 'APP-ID')] as const;
    }),
  );
}
