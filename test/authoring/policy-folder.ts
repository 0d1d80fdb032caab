import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOpa, type Opa } from '#authoring';
import { temporaryFolder } from '../fixtures/gateway.js';

/** The folder of this program. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a checkout ships to authors. */
export const shipped = { template: join(root, 'policies/template'), schema: join(root, 'policies/schemas/access-input.json') };

/** The OPA that the suite runs with. */
export function opaOfSuite(): Promise<Opa> {
  return findOpa({ program: root, named: process.env['OPA'] });
}

/** A folder with these files. */
export function folderOf(t: Parameters<typeof temporaryFolder>[0], files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(t);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** A rule that is asked, for what a test is not about. */
export const SEARCH_RULE = `package application

# METADATA
# entrypoint: true
search contains grant.konsument if some grant in input.grants
`;
