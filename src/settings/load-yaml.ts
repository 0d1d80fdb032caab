import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The library for YAML, loaded at its first use: most commands and most policies need none. */
export function loadYaml(): typeof import('yaml') {
  return require('yaml') as typeof import('yaml');
}
