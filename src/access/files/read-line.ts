import {
  type AppId,
  DEFAULT_ROLE,
  Fault,
  holdsPersonNumber,
  isFault,
  type Orgnr,
  parseAppId,
  parseKommunenummer,
  parseOrgnr,
  parsePeriodEnd,
  parsePeriodStart,
  parsePersonNumber,
  parseReason,
  parseRole,
  present,
} from '#domain';
import type { PersonVault } from '#persons';
import type { NamedOrder } from '../grants/grant-order.js';
import type { ImportFault, ImportRow } from './import-report.js';
import type { NamedPlaces } from './named-places.js';

const FIELDS = new Set(['app', 'brukerIdent', 'kommune', 'orgnr', 'roles', 'from', 'until', 'reason']);

const NO_APPLICATION = new Fault('is not registered, or not on offer here');
const UNKNOWN = new Fault(`is no known field; known: ${[...FIELDS].join(', ')}`);

/** Reads a line whose places are known: the order that it stands for, or the first of its faults. */
export type LineReader = (row: ImportRow) => NamedOrder | ImportFault;

/** A reader for the lines of one file. @param own the organisation that all lines are for: they need not name it, and must not name another */
export function lineReader(vault: PersonVault, places: NamedPlaces, own: Orgnr | undefined): LineReader {
  const otherPlace = new Fault(own === undefined ? 'is not registered' : 'is not of the organisation that the file is for');
  const start = memoized(parsePeriodStart);
  const end = memoized(parsePeriodEnd);
  return ({ line, fields }) => {
    if (isFault(fields)) return { line, detail: fields.detail };
    const read = fieldsOf(line, fields);
    for (const field of Object.keys(fields)) if (!FIELDS.has(field)) read.blame(printable(field), UNKNOWN);
    const appId = read.required('app', (value): AppId | Fault => known(parseAppId(value), places.hasApplication, NO_APPLICATION));
    const person = read.required('brukerIdent', parsePersonNumber);
    // Said as if there were none: whether another organisation exists is not told to one that imports for itself.
    const kommune = read.optional('kommune', (value): Orgnr | Fault => {
      const parsed = parseKommunenummer(value);
      return isFault(parsed) ? parsed : (places.ofKommune(parsed) ?? otherPlace);
    });
    const orgnr = read.optional('orgnr', (value): Orgnr | Fault => known(parseOrgnr(value), places.hasOrganisation, otherPlace));
    const konsument = own ?? kommune ?? orgnr;
    if (konsument === undefined) read.blame('kommune', new Fault('is missing, and so is orgnr'));
    if (kommune !== undefined && kommune !== (orgnr ?? kommune)) read.blame('orgnr', new Fault('is not the organisation of the kommune'));
    const roles = rolesOf(fields['roles']);
    if (isFault(roles)) read.blame('roles', roles);
    const from = read.optional('from', start);
    const until = read.optional('until', end);
    if (from !== undefined && until !== undefined && until <= from) read.blame('until', new Fault('is not after from'));
    const reason = read.optional('reason', parseReason);
    const fault = read.first();
    if (fault !== undefined) return fault;
    if (appId === undefined || person === undefined || konsument === undefined || isFault(roles))
      throw new TypeError('a fault was not told');
    return { appId, person, brukerId: vault.nameOf(person), konsument, roles, ...present({ from, until, reason }) };
  };
}

/** The fields of one line, and the first of them that is to blame. */
function fieldsOf(line: number, fields: Readonly<Record<string, unknown>>) {
  let fault: ImportFault | undefined;
  const blame = (field: string, { detail }: Fault): undefined => {
    fault ??= { line, field, detail };
  };
  const text = (field: string): string | undefined => {
    const value = fields[field];
    if (value === undefined || value === null || value === '') return undefined;
    return typeof value === 'string' ? value.trim() : blame(field, new Fault('is not a text'));
  };
  const required = <T>(field: string, parser: (value: string) => T | Fault): T | undefined => {
    const value = text(field);
    const parsed = value === undefined ? new Fault('is missing') : parser(value);
    return isFault(parsed) ? blame(field, parsed) : parsed;
  };
  return {
    blame,
    required,
    optional: <T>(field: string, parser: (value: string) => T | Fault): T | undefined =>
      text(field) === undefined ? undefined : required(field, parser),
    first: () => fault,
  };
}

function known<T>(parsed: T | Fault, isKnown: (value: T) => boolean, otherwise: Fault): T | Fault {
  return isFault(parsed) || isKnown(parsed) ? parsed : otherwise;
}

/** As many as one grant may have over the API. */
const MAX_ROLES = 50;

/** A list, or a text with the roles apart by blank, comma, semicolon or bar; `use` if there is none. */
function rolesOf(value: unknown): readonly string[] | Fault {
  if (value === undefined || value === null || value === '') return [DEFAULT_ROLE];
  const names = typeof value === 'string' ? value.split(/[\s,;|]+/).filter((name) => name !== '') : value;
  if (!Array.isArray(names)) return new Fault('is neither a text nor a list of texts');
  if (names.length > MAX_ROLES) return new Fault(`has more than ${MAX_ROLES} roles`);
  for (const name of names) {
    const role = typeof name === 'string' ? parseRole(name) : new Fault('is not a text');
    if (isFault(role)) return role;
  }
  return names.length === 0 ? [DEFAULT_ROLE] : [...new Set(names as string[])].sort();
}

/** A file has few different dates, and a calendar is slow. */
function memoized<T>(parse: (text: string) => T): (text: string) => T {
  const seen = new Map<string, T>();
  return (text) => {
    let parsed = seen.get(text);
    if (parsed === undefined) {
      if (seen.size >= 10_000) seen.clear();
      parsed = parse(text);
      seen.set(text, parsed);
    }
    return parsed;
  };
}

/** A field's name goes to a terminal: no control characters, nothing like a person number. */
function printable(field: string): string {
  return /^[A-Za-z_][A-Za-z0-9_ -]{0,39}$/.test(field) && !holdsPersonNumber(field) ? field : 'a field';
}
