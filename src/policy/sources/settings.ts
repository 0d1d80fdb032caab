import { isAbsolute } from 'node:path';
import { isFault, parseAppId } from '#domain';
import type { FieldFault } from '#problem';
import { Expected, loadYaml, type Reader } from '#settings';
import type { PolicySource } from './source.js';

const KEYS: readonly string[] = [
  'name',
  'application',
  'url',
  'path',
  'tokenFile',
  'everySeconds',
  'waitSeconds',
  'staleAfterSeconds',
] satisfies (keyof PolicySource)[];

/** Sources as a list of mappings, in a text as YAML or JSON; only their shape is judged. */
export const sourceList: Reader<readonly PolicySource[]> = {
  type: 'list',
  read(written) {
    const list = typeof written === 'string' ? yamlOrNothing(written) : written;
    if (!Array.isArray(list) || !list.every(isSource)) throw new Expected(`a list of mappings with the keys ${KEYS.join(', ')}`);
    return Object.freeze(
      list.map((item) => Object.freeze({ ...item, everySeconds: item.everySeconds ?? 60, waitSeconds: item.waitSeconds ?? 0 })),
    );
  },
};

/** All that is wrong with sources, by pointer. */
export function sourceFaults(sources: readonly PolicySource[]): FieldFault[] {
  const faults: FieldFault[] = [];
  const names = new Set<string>();
  const targets = new Set<string>();
  for (const [i, source] of sources.entries()) {
    const { name, application, url, path, tokenFile, everySeconds, waitSeconds, staleAfterSeconds } = source;
    const fault = (field: string, detail: string): number => faults.push({ pointer: `/policySources/${i}/${field}`, detail });
    if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9-]{0,40}$/.test(name)) fault('name', 'is no name (a-z, 0-9, "-", at most 41)');
    if (names.has(name)) fault('name', 'is there twice');
    names.add(name);
    if (application !== undefined && (typeof application !== 'string' || isFault(parseAppId(application))))
      fault('application', 'is no App-ID');
    if (targets.has(application ?? '')) fault('application', 'has a source already (without an application it is the standard rules)');
    targets.add(application ?? '');
    if ((url === undefined) === (path === undefined)) fault('url', 'is needed, or path: one of them');
    if (url !== undefined && !isSecure(url)) fault('url', 'is not an https URL without user name (http only on a loopback host)');
    for (const [field, file] of Object.entries({ path, tokenFile })) {
      if (file !== undefined && (typeof file !== 'string' || !isAbsolute(file))) fault(field, 'is no absolute path');
    }
    const numbers = {
      everySeconds: [everySeconds, 1, 86_400],
      waitSeconds: [waitSeconds, 0, 600],
      staleAfterSeconds: [staleAfterSeconds ?? 10, 10, 31_536_000],
    };
    for (const [field, [value, least, most]] of Object.entries(numbers) as [string, [number, number, number]][]) {
      if (!Number.isInteger(value) || value < least || value > most) fault(field, `is no whole number from ${least} to ${most}`);
    }
  }
  return faults;
}

function isSource(item: unknown): item is PolicySource {
  return item !== null && typeof item === 'object' && !Array.isArray(item) && Object.keys(item).every((key) => KEYS.includes(key));
}

function isSecure(text: unknown): boolean {
  if (typeof text !== 'string' || !URL.canParse(text)) return false;
  const { protocol, username, password, hostname } = new URL(text);
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
  return username === '' && password === '' && (protocol === 'https:' || (protocol === 'http:' && isLoopback));
}

function yamlOrNothing(text: string): unknown {
  try {
    return loadYaml().parse(text);
  } catch {
    return undefined;
  }
}
