import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { type FieldFault, ProblemError } from '#problem';
import { checkIssuers, type TrustedIssuer } from '#tokens';

export type Mode = 'demo' | 'production';

/** What the process runs with. Frozen; paths are absolute. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly data: string;
  readonly mode: Mode;
  /** Absent: made from the host and the port that is listened on. */
  readonly publicUrl: string | undefined;
  readonly policyBundle: string;
  readonly issuers: readonly TrustedIssuer[];
  readonly namingSecretFile: string | undefined;
  readonly sealingSecretFile: string | undefined;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly maxBodyBytes: number;
  readonly maxBodyDepth: number;
  readonly maxImportBytes: number;
  readonly bodyTimeoutMs: number;
  readonly lookUpsPerMinute: number;
  readonly refusalsPerMinute: number;
  readonly stopTimeoutMs: number;
  readonly storeMapBytes: number;
}

interface Key<T> {
  readonly type: string;
  /** The default as a person reads it. */
  readonly fallback: string;
  readonly env?: string;
  readonly about: string;
  readonly secret?: true;
  /** Turns text (environment) or a value (file) into the setting; throws with what was expected. */
  read(value: unknown): T;
}

class Expected extends Error {}

const text: (value: unknown) => string = (value) => {
  if (typeof value !== 'string' || value === '') throw new Expected('a text that is not empty');
  return value;
};
const integer =
  (least: number, most: number) =>
  (value: unknown): number => {
    const number = typeof value === 'string' && /^[0-9]+$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isInteger(number) || number < least || number > most) {
      throw new Expected(`a whole number from ${least} to ${most}`);
    }
    return number;
  };
const oneOf =
  <T extends string>(...choices: T[]) =>
  (value: unknown): T => {
    if (!choices.includes(value as T)) throw new Expected(`one of ${choices.join(', ')}`);
    return value as T;
  };
const origin: (value: unknown) => string = (value) => {
  const url = URL.canParse(text(value)) ? new URL(value as string) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.origin !== value) {
    throw new Expected('an http(s) origin without a path, such as https://tilgang.example.no');
  }
  return value as string;
};
const yamlOrNothing = (value: string): unknown => {
  try {
    return parseYaml(value);
  } catch {
    return undefined;
  }
};
const issuerKeys = new Set(['issuer', 'kind', 'audience', 'algorithms', 'jwksUri']);
/** Only the shape; what an issuer must be is #tokens' to say. */
const issuers: (value: unknown) => readonly TrustedIssuer[] = (value) => {
  const list: unknown = typeof value === 'string' ? yamlOrNothing(value) : value;
  const isIssuer = (item: unknown): item is TrustedIssuer =>
    item !== null && typeof item === 'object' && Object.keys(item).every((key) => issuerKeys.has(key));
  if (!Array.isArray(list) || !list.every(isIssuer)) {
    throw new Expected(`a list of mappings with the keys ${[...issuerKeys].join(', ')}`);
  }
  return list.map((item) => ({ ...item, algorithms: item.algorithms ?? ['RS256'] }));
};

const MIB = 1024 * 1024;

/** The table that everything about configuration is made from. */
export const configTable = {
  mode: {
    type: 'demo | production',
    fallback: 'production',
    env: 'TILGANG_MODE',
    about: 'In `demo` the gateway fills a demo world at first start and trusts its own demo issuers; in `production` it does neither.',
    read: oneOf('demo', 'production'),
  },
  host: { type: 'text', fallback: '127.0.0.1', env: 'TILGANG_HOST', about: 'Address to listen on.', read: text },
  port: {
    type: 'integer',
    fallback: '8080',
    env: 'TILGANG_PORT',
    about: 'Port to listen on; 0 takes a free one.',
    read: integer(0, 65_535),
  },
  data: {
    type: 'path',
    fallback: './data',
    env: 'TILGANG_DATA',
    about: 'Folder of the embedded store and of the secrets made at first start (mode 0700). Back it up whole.',
    read: text,
  },
  publicUrl: {
    type: 'origin',
    fallback: 'http://<host>:<port>',
    env: 'TILGANG_PUBLIC_URL',
    about: 'The origin that callers see; the demo issuers’ names and the default audience are made from it.',
    read: origin,
  },
  policyBundle: {
    type: 'path',
    fallback: 'the bundle in the package',
    env: 'TILGANG_POLICY_BUNDLE',
    about: 'OPA bundle (tar.gz with policy.wasm) that judges.',
    read: text,
  },
  issuers: {
    type: 'list',
    fallback: 'none (demo: the own ones)',
    env: 'TILGANG_ISSUERS',
    about:
      'Trusted token issuers, as YAML or JSON: `issuer`, `kind` (`maskinporten` or `idporten`), `audience`, `algorithms` (RS, PS, ES; default RS256), `jwksUri` (default: by discovery).',
    read: issuers,
  },
  namingSecretFile: {
    type: 'path',
    fallback: 'made in the data folder',
    env: 'TILGANG_NAMING_SECRET_FILE',
    about: 'File with 32 bytes in base64: the HMAC key that names persons. Goes together with `sealingSecretFile`.',
    secret: true,
    read: text,
  },
  sealingSecretFile: {
    type: 'path',
    fallback: 'made in the data folder',
    env: 'TILGANG_SEALING_SECRET_FILE',
    about: 'File with 32 bytes in base64: the AES-256 key that seals person numbers. Goes together with `namingSecretFile`.',
    secret: true,
    read: text,
  },
  logLevel: {
    type: 'debug | info | warn | error | silent',
    fallback: 'info',
    env: 'TILGANG_LOG_LEVEL',
    about: 'Least level that is logged; requests are `info`.',
    read: oneOf('debug', 'info', 'warn', 'error', 'silent'),
  },
  maxBodyBytes: {
    type: 'integer',
    fallback: '65536',
    env: 'TILGANG_MAX_BODY_BYTES',
    about: 'Largest request body, in bytes.',
    read: integer(256, 64 * MIB),
  },
  maxBodyDepth: {
    type: 'integer',
    fallback: '16',
    env: 'TILGANG_MAX_BODY_DEPTH',
    about: 'Deepest nesting of a JSON body.',
    read: integer(1, 256),
  },
  maxImportBytes: {
    type: 'integer',
    fallback: '33554432',
    env: 'TILGANG_MAX_IMPORT_BYTES',
    about: 'Largest file of an import over the API, in bytes: half a million lines or so.',
    read: integer(1024, 1024 * MIB),
  },
  bodyTimeoutMs: {
    type: 'integer',
    fallback: '10000',
    env: 'TILGANG_BODY_TIMEOUT_MS',
    about: 'Time for a request’s head and then its body to arrive, or for the next part of an import’s file, in milliseconds.',
    read: integer(100, 300_000),
  },
  lookUpsPerMinute: {
    type: 'integer',
    fallback: '600',
    env: 'TILGANG_LOOK_UPS_PER_MINUTE',
    about: 'How often one caller may look up persons in a minute, in each process; then 429.',
    read: integer(1, 1_000_000),
  },
  refusalsPerMinute: {
    type: 'integer',
    fallback: '120',
    env: 'TILGANG_REFUSALS_PER_MINUTE',
    about: 'How many administrative requests of one caller may be refused in a minute, in each process; then 429 to all of that caller’s.',
    read: integer(1, 1_000_000),
  },
  stopTimeoutMs: {
    type: 'integer',
    fallback: '10000',
    env: 'TILGANG_STOP_TIMEOUT_MS',
    about: 'Time that requests in flight get when the service is stopped, in milliseconds.',
    read: integer(0, 300_000),
  },
  storeMapBytes: {
    type: 'integer',
    fallback: '68719476736',
    env: 'TILGANG_STORE_MAP_BYTES',
    about:
      'Address space that the embedded store maps at first, in bytes; the file takes what it holds, and more is mapped when it grows past this.',
    read: integer(16 * MIB, 2 ** 46),
  },
} as const satisfies { readonly [K in keyof Config]: Key<Config[K]> };

type Settings = { -readonly [K in keyof Config]?: Config[K] };

/** `TILGANG_CONFIG` names the file; it is no setting of its own. */
const FILE_ENV = 'TILGANG_CONFIG';

/**
 * Reads file and environment (the environment wins), checks all of it, and answers the frozen whole.
 * @param environment usually `process.env`
 * @param packageFolder where the package's own bundle lies
 * @throws ProblemError `config-invalid` naming every fault at once
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>>, packageFolder: string): Config {
  const faults: FieldFault[] = [];
  const settings: Settings = {};
  const read = (name: keyof Config, from: string, value: unknown): void => {
    try {
      (settings as Record<string, unknown>)[name] = configTable[name].read(value);
    } catch (error) {
      if (!(error instanceof Expected)) throw error;
      faults.push({ pointer: `/${name}`, detail: `${from} must be ${error.message}` });
    }
  };
  for (const [name, value] of Object.entries(fromFile(environment[FILE_ENV], faults))) {
    if (Object.hasOwn(configTable, name)) read(name as keyof Config, `${name} (file)`, value);
    else faults.push({ pointer: `/${name}`, detail: `${name} (file) is no known key` });
  }
  const names = new Map(Object.entries(configTable).map(([name, { env }]) => [env as string, name as keyof Config]));
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith('TILGANG_') || variable === FILE_ENV || value === undefined) continue;
    const name = names.get(variable);
    if (name === undefined) faults.push({ pointer: '', detail: `${variable} is no known variable` });
    else read(name, variable, value);
  }
  const mode = settings.mode ?? 'production';
  if ((settings.namingSecretFile === undefined) !== (settings.sealingSecretFile === undefined)) {
    faults.push({ pointer: '/namingSecretFile', detail: 'namingSecretFile and sealingSecretFile go together: give both or none' });
  }
  const loopback = settings.host === undefined || /^(127(\.[0-9]{1,3}){3}|localhost|::1)$/.test(settings.host);
  if (mode === 'demo' && !loopback) {
    faults.push({ pointer: '/host', detail: 'demo mode trusts keys that lie beside the data: it listens on loopback only' });
  }
  try {
    checkIssuers(settings.issuers ?? []);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    faults.push(...error.at.map(({ pointer, detail }) => ({ pointer, detail: `${pointer.slice(1)} ${detail}` })));
  }
  if (faults.length > 0) throw invalid(faults);
  return Object.freeze({
    mode,
    host: settings.host ?? '127.0.0.1',
    port: settings.port ?? 8080,
    data: resolve(settings.data ?? './data'),
    publicUrl: settings.publicUrl,
    policyBundle: resolve(settings.policyBundle ?? `${packageFolder}/bundles/tilgang.tar.gz`),
    issuers: Object.freeze((settings.issuers ?? []).map((issuer) => Object.freeze({ ...issuer }))),
    namingSecretFile: settings.namingSecretFile,
    sealingSecretFile: settings.sealingSecretFile,
    logLevel: settings.logLevel ?? 'info',
    maxBodyBytes: settings.maxBodyBytes ?? 65_536,
    maxBodyDepth: settings.maxBodyDepth ?? 16,
    maxImportBytes: settings.maxImportBytes ?? 32 * MIB,
    bodyTimeoutMs: settings.bodyTimeoutMs ?? 10_000,
    lookUpsPerMinute: settings.lookUpsPerMinute ?? 600,
    refusalsPerMinute: settings.refusalsPerMinute ?? 120,
    stopTimeoutMs: settings.stopTimeoutMs ?? 10_000,
    storeMapBytes: settings.storeMapBytes ?? 64 * 1024 * MIB,
  });
}

/** The origin that callers see. @param port the port that is listened on, which port 0 leaves to the system */
export function publicOrigin({ publicUrl, host }: Config, port: number): string {
  return publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The configuration for printing: what is secret is not shown. */
export function redactedConfig(config: Config): Record<string, unknown> {
  const secret = (name: string): boolean => 'secret' in configTable[name as keyof Config];
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => [name, secret(name) && value !== undefined ? '[redacted]' : (value ?? null)]),
  );
}

function fromFile(path: string | undefined, faults: FieldFault[]): Record<string, unknown> {
  if (path === undefined) return {};
  try {
    const content: unknown = parseYaml(readFileSync(path, 'utf8'));
    if (content !== null && typeof content === 'object' && !Array.isArray(content)) return content as Record<string, unknown>;
    faults.push({ pointer: '', detail: `${FILE_ENV}: ${path} must hold a mapping of keys` });
  } catch (error) {
    faults.push({
      pointer: '',
      detail: `${FILE_ENV}: ${path} cannot be read as YAML or JSON (${(error as Error).message.split('\n')[0]})`,
    });
  }
  return {};
}

function invalid(faults: readonly FieldFault[]): ProblemError {
  return new ProblemError('config-invalid', { detail: faults.map(({ detail }) => detail).join('; '), at: faults });
}
