import type { Section } from '#settings';
import { sections, variableOf } from './sections.js';

/** docs/configuration.md, from the sections. */
export function configurationPage(): string {
  return [
    '<!-- Generated from the sections that src/config/sections.ts lists, by `make generated`; change them there. -->',
    '# Configuration',
    '',
    'Settings come from a file (YAML or JSON, named by `TILGANG_CONFIG`) and from the environment, which wins.',
    'An unknown key, a wrong value or an unsafe combination stops the start, and all faults are named at once.',
    '`tilgang serve --print-config` shows what is in force.',
    '',
    ...sections.flatMap(sectionLines),
  ].join('\n');
}

function sectionLines({ title, settings }: Section): string[] {
  return [
    `## ${title}`,
    '',
    '| key in the file | environment | type | default | meaning |',
    '| --- | --- | --- | --- | --- |',
    ...Object.entries(settings).map(([key, { type, fallbackText, about, isSecret }]) => {
      const cells = [`\`${key}\``, `\`${variableOf(key)}\``, type, fallbackText, isSecret ? `${about} Not printed.` : about];
      return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    }),
    '',
  ];
}
