import { readFileSync } from 'node:fs';
import { type FieldFault, ProblemError } from '#problem';
import { Expected, loadYaml } from '#settings';
import { type Config, sections, settings, variableOf } from './sections.js';

/** `TILGANG_CONFIG` names the file; it is no setting of its own. */
const FILE_VARIABLE = 'TILGANG_CONFIG';

/**
 * Reads file and environment (the environment wins), checks all of it, and answers the frozen whole.
 * @param environment usually `process.env`
 * @param isServed whether it is for a gateway, which somebody must be able to call; commands do without
 * @throws ProblemError `config-invalid` naming every fault at once
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>, isServed = false): Config {
  const faults: FieldFault[] = [];
  const given = { ...fromFile(environment[FILE_VARIABLE], faults), ...fromEnvironment(environment, faults) };
  const values = Object.entries(settings).map(([key, { fallback }]) => [key, Object.hasOwn(given, key) ? given[key] : fallback()]);
  const config = Object.freeze(Object.fromEntries(values)) as Config;
  const unread = new Set(faults.map(({ pointer }) => pointer.split('/')[1]));
  for (const { faults: faultsOf } of sections) faults.push(...faultsOf(config));
  faults.push(...unsafeCombinations(config));
  // What a setting that cannot be read was to say is not known.
  if (isServed && !SAY_WHO_CALLS.some((key) => unread.has(key))) faults.push(...callerFaults(config));
  if (faults.length > 0) throw invalid(faults);
  return config;
}

/** The settings that callerFaults goes by. */
const SAY_WHO_CALLS = [
  'mode',
  'issuers',
  'publicUrl',
  'maskinporten',
  'idporten',
  'eidIssuer',
] as const satisfies readonly (keyof Config)[];

/**
 * Holds that somebody can call a gateway with this configuration.
 * @throws ProblemError `config-invalid` if no token would be accepted, or the own issuer had no name that stays
 */
export function assertCallersPossible(config: Config): void {
  const faults = callerFaults(config);
  if (faults.length > 0) throw invalid(faults);
}

function callerFaults(config: Pick<Config, (typeof SAY_WHO_CALLS)[number]>): FieldFault[] {
  const { mode, issuers, publicUrl, eidIssuer } = config;
  if (mode === 'demo') return [];
  const faults: FieldFault[] = [];
  const [own] = [...(isMaskinporten(config) ? ['maskinporten'] : []), ...(isIdporten(config) ? ['idporten'] : [])];
  if (own !== undefined && publicUrl === undefined) {
    const detail = `publicUrl (TILGANG_PUBLIC_URL): with ${own} on in production it must say where callers see the gateway, since the issuer is named by it`;
    faults.push({ pointer: '/publicUrl', detail });
  }
  if (isIdporten(config) && eidIssuer === undefined) {
    const detail =
      'eidIssuer (TILGANG_EID_ISSUER): with idporten on in production it must say at which OpenID provider persons show who they are; choosing an invented person is for demo mode alone';
    faults.push({ pointer: '/eidIssuer', detail });
  }
  if (own === undefined && issuers.length === 0) {
    const detail =
      'issuers (TILGANG_ISSUERS): in production mode at least one trusted issuer is needed, or the own one (TILGANG_MASKINPORTEN=on), or nobody could ask';
    faults.push({ pointer: '/issuers', detail });
  }
  return faults;
}

/** Whether the gateway is a Maskinporten. */
export function isMaskinporten({ mode, maskinporten }: Pick<Config, 'mode' | 'maskinporten'>): boolean {
  return (maskinporten ?? (mode === 'demo' ? 'on' : 'off')) === 'on';
}

/** Whether the gateway is an ID-porten. */
export function isIdporten({ mode, idporten }: Pick<Config, 'mode' | 'idporten'>): boolean {
  return (idporten ?? (mode === 'demo' ? 'on' : 'off')) === 'on';
}

/** Whether the gateway has a systembruker side. */
export function isSystembruker({ mode, maskinporten, systembruker }: Pick<Config, 'mode' | 'maskinporten' | 'systembruker'>): boolean {
  return systembruker === undefined ? isMaskinporten({ mode, maskinporten }) : systembruker === 'on';
}

/** What `serve` runs as: a mode that nobody has said is production. */
export function modeOf({ mode }: Pick<Config, 'mode'>): 'demo' | 'production' {
  return mode ?? 'production';
}

/** The configuration for printing: what is secret is not shown. */
export function redactedConfig(config: Config): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries({ ...config, mode: modeOf(config) }).map(([key, value]) => [
      key,
      settings[key]?.isSecret && value !== undefined ? '[redacted]' : (value ?? null),
    ]),
  );
}

/** What sections of different rooms must not say together. */
function unsafeCombinations(config: Config): FieldFault[] {
  const { mode, host } = config;
  const isLoopback = /^(127(\.[0-9]{1,3}){3}|localhost|::1)$/.test(host);
  return [
    mode !== 'demo' || isLoopback
      ? []
      : [{ pointer: '/host', detail: 'host (TILGANG_HOST): demo mode trusts keys that lie beside the data: it listens on loopback only' }],
    !isSystembruker(config) || isMaskinporten(config)
      ? []
      : [
          {
            pointer: '/systembruker',
            detail: 'systembruker (TILGANG_SYSTEMBRUKER): it needs `maskinporten` to be on: the systems’ clients are kept there',
          },
        ],
  ].flat();
}

type Values = Record<string, unknown>;

function fromFile(path: string | undefined, faults: FieldFault[]): Values {
  const values: Values = {};
  for (const [key, written] of Object.entries(mappingOf(path, faults))) {
    if (Object.hasOwn(settings, key)) read(key, `${key} (file)`, written, values, faults);
    else faults.push({ pointer: `/${key}`, detail: `${key} (file) is no known key` });
  }
  return values;
}

function fromEnvironment(environment: Readonly<Record<string, string | undefined>>, faults: FieldFault[]): Values {
  const values: Values = {};
  const keys = new Map(Object.keys(settings).map((key) => [variableOf(key), key]));
  for (const [variable, written] of Object.entries(environment)) {
    if (!variable.startsWith('TILGANG_') || variable === FILE_VARIABLE || written === undefined) continue;
    const key = keys.get(variable);
    if (key === undefined) faults.push({ pointer: '', detail: `${variable} is no known variable` });
    else read(key, variable, written, values, faults);
  }
  return values;
}

/** Puts what a setting's reader makes of it among the values, or its fault among the faults. */
function read(key: string, from: string, written: unknown, values: Values, faults: FieldFault[]): void {
  try {
    values[key] = settings[key]?.read(written);
  } catch (error) {
    if (!(error instanceof Expected)) throw error;
    faults.push({ pointer: `/${key}`, detail: `${from} must be ${error.message}` });
  }
}

function mappingOf(path: string | undefined, faults: FieldFault[]): Record<string, unknown> {
  if (path === undefined) return {};
  try {
    const content: unknown = loadYaml().parse(readFileSync(path, 'utf8'));
    if (content !== null && typeof content === 'object' && !Array.isArray(content)) return content as Record<string, unknown>;
    faults.push({ pointer: '', detail: `${FILE_VARIABLE}: ${path} must hold a mapping of keys` });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'is not there: check the name' : `cannot be read as YAML or JSON (${message.split('\n')[0]})`;
    faults.push({ pointer: '', detail: `${FILE_VARIABLE}: ${path} ${why}` });
  }
  return {};
}

function invalid(faults: readonly FieldFault[]): ProblemError {
  return new ProblemError('config-invalid', { detail: faults.map(({ detail }) => detail).join('; '), at: faults });
}
