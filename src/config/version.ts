import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where this program is installed. */
export const programFolder = fileURLToPath(new URL('../..', import.meta.url));

const { version: text } = JSON.parse(readFileSync(join(programFolder, 'package.json'), 'utf8')) as { readonly version: string };

/** The version of this program, such as `1.2.0`. */
export const version = text;
