import { accessSettings } from '#access/settings';
import { decisionSettings } from '#decisions/settings';
import { httpSettings } from '#http/settings';
import { idportenSettings } from '#idporten/settings';
import { maskinportenSettings } from '#maskinporten/settings';
import { personSettings } from '#persons/settings';
import { policySettings } from '#policy/settings';
import { servingSettings } from '#serving/settings';
import { oneOf, optional, path, type Section, type SettingTable, section, setting, type ValuesOf } from '#settings';
import { storageSettings } from '#storage/settings';
import { systembrukerSettings } from '#systembruker/settings';
import { telemetrySettings } from '#telemetry/settings';
import { tokenSettings } from '#tokens/settings';

/** What no single room owns. */
const installationSettings = section('Installation', {
  mode: optional(oneOf('demo', 'production'), {
    otherwise: 'production; a command: what the store is',
    about:
      'In `demo` the gateway fills a demo world at first start and trusts its own demo issuers; in `production` it does neither. A store that was made as one is not opened as the other.',
  }),
  data: setting(path, {
    fallback: './data',
    about: 'Folder of the embedded store and of the secrets made at first start (mode 0700). Back it up whole.',
  }),
});

/** The sections of all rooms, in the order of the page. */
export const sections = [
  installationSettings,
  httpSettings,
  servingSettings,
  tokenSettings,
  maskinportenSettings,
  idportenSettings,
  systembrukerSettings,
  policySettings,
  decisionSettings,
  personSettings,
  accessSettings,
  storageSettings,
  telemetrySettings,
] as const;

type TableOf<Union> = Union extends Section<infer Table> ? Table : never;
type ValuesOfEach<Union> = Union extends SettingTable ? (values: ValuesOf<Union>) => void : never;
type All = ValuesOfEach<TableOf<(typeof sections)[number]>> extends (values: infer Values) => void ? Values : never;

/** What the process runs with, as the sections declare it. Frozen; paths are absolute. */
export type Config = { readonly [Key in keyof All]: All[Key] };

/** Every setting by its key. @throws TypeError if two sections declare one key */
export const settings: SettingTable = (() => {
  const all: Record<string, SettingTable[string]> = {};
  for (const { title, settings } of sections) {
    for (const [key, one] of Object.entries(settings)) {
      if (Object.hasOwn(all, key)) throw new TypeError(`${key} of section ${title} is declared twice`);
      all[key] = one;
    }
  }
  return Object.freeze(all);
})();

/** The variable of a key: `maxBodyBytes` is TILGANG_MAX_BODY_BYTES. */
export function variableOf(key: string): string {
  return `TILGANG_${key.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}`;
}

/** The variables whose values are never printed. */
export const secretVariables: ReadonlySet<string> = new Set(
  Object.entries(settings).flatMap(([key, { isSecret }]) => (isSecret ? [variableOf(key)] : [])),
);
