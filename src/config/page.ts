import { configTable } from './config.js';

/** docs/configuration.md, from the table. */
export function configurationPage(): string {
  const rows = Object.entries(configTable).map(
    ([name, key]) =>
      `| \`${name}\` | \`${key.env}\` | ${key.type.replaceAll('|', '\\|')} | ${key.fallback.replaceAll('|', '\\|')} | ${key.about} |`,
  );
  return [
    '<!-- Generated from src/config/config.ts by `make generated`; change it there. -->',
    '# Configuration',
    '',
    'Settings come from a file (YAML or JSON, named by `TILGANG_CONFIG`) and from the environment, which wins.',
    'An unknown key, a wrong value or an unsafe combination stops the start, and all faults are named at once.',
    '`tilgang serve --print-config` shows what is in force.',
    '',
    '| key in the file | environment | type | default | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
