import {
  type AppId,
  DEFAULT_ROLE,
  Fault,
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
import { lineFields, memoized } from './line-fields.js';
import type { NamedPlaces } from './named-places.js';
import type { LineReader } from './write-lines.js';

const FIELDS = new Set(['app', 'brukerIdent', 'kommune', 'orgnr', 'roles', 'from', 'until', 'reason']);

const NO_APPLICATION = new Fault('is not registered, or not on offer here');

/** A reader for the lines of one file. @param own the organisation that all lines are for: they need not name it, and must not name another */
export function lineReader(vault: PersonVault, places: NamedPlaces, own: Orgnr | undefined): LineReader<NamedOrder> {
  const otherPlace = new Fault(own === undefined ? 'is not registered' : 'is not of the organisation that the file is for');
  const start = memoized(parsePeriodStart);
  const end = memoized(parsePeriodEnd);
  return ({ line, fields }) => {
    if (isFault(fields)) return { line, detail: fields.detail };
    const read = lineFields(line, fields);
    read.known(FIELDS);
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
