import { readFileSync } from 'node:fs';

const { version: text } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string };

/** The version of this program, such as `1.2.0`. */
export const version = text;
