import { setImmediate } from 'node:timers/promises';
import {
  type AppId,
  type Application,
  type BrukerId,
  DEFAULT_ROLE,
  Fault,
  type Instant,
  isFault,
  isHidden,
  type Orgnr,
  parseAppId,
  parseKommunenummer,
  parseOrgnr,
  parsePeriodEnd,
  parsePeriodStart,
  parsePersonNumber,
  parseReason,
  parseRole,
} from '#domain';
import { type GiveOptions, type GrantOrder, giveGrants } from '../administer/give-grants.js';
import { type AccessParts, collectionsOf, everyOf } from '../parts.js';

/** One line of a file: its fields as texts, or why it could not be read as fields. */
export interface ImportRow {
  /** 1-based number of the line in the file. */
  readonly line: number;
  readonly fields: Readonly<Record<string, unknown>> | Fault;
}

export interface ImportFault {
  readonly line: number;
  /** The field, if one is to blame. */
  readonly field?: string;
  /** Never the value itself. */
  readonly detail: string;
}

export interface ImportReport {
  /** Lines read so far. */
  readonly lines: number;
  /** Durable (or, in a dry run, what would have been written): new, altered and already so. */
  readonly given: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly faulty: number;
  /** Those of the faulty that `judge` refused. */
  readonly refused: number;
  /** Whether it ended at a faulty line because it was asked to. */
  readonly stopped: boolean;
}

/** A sound line. */
export interface ImportLine {
  readonly line: number;
  readonly order: GrantOrder & { readonly brukerId: BrukerId };
}

export interface ImportOptions extends GiveOptions {
  /** The organisation that all lines are for: they need not name it, and must not name another. */
  readonly konsument?: Orgnr;
  /** End at the first faulty line; the lines before it are written. */
  readonly stopAtFault?: boolean;
  /** Asked about the lines of a batch before they are written: a fault for each that may not be. */
  readonly judge?: (lines: readonly ImportLine[]) => Promise<readonly ImportFault[]>;
  /** The lines at the beginning that are done already: only counted. */
  readonly done?: number;
  readonly onFault?: (fault: ImportFault) => void;
  /** Called with each line that is not faulty, before it is written. */
  readonly onLine?: (line: ImportLine) => void;
  /** Called when a batch is durable: what it reports as written survives the process. */
  readonly onWritten?: (report: ImportReport) => Promise<void> | void;
}

/**
 * Lines that are written together: enough to share a flush, few enough that nobody waits long for the event loop or the store, and that single
 * changes afterwards do not pay for what large transactions leave behind in LMDB.
 */
export const BATCH_LINES = 2048;
const FIELDS = new Set(['app', 'brukerIdent', 'kommune', 'orgnr', 'roles', 'from', 'until', 'reason']);

/**
 * Gives a grant per row; faulty rows are told and left out. Running it again over the same rows changes nothing.
 * @throws ProblemError `store-unavailable`; what was reported as written stays
 */
export async function importGrants(
  parts: AccessParts,
  rows: AsyncIterable<ImportRow> | Iterable<ImportRow>,
  options: ImportOptions,
): Promise<ImportReport> {
  const parse = await rowParser(parts, options.konsument);
  const { done = 0, judge } = options;
  const count = { lines: 0, given: 0, changed: 0, unchanged: 0, faulty: 0, refused: 0, stopped: false };
  const blame = (fault: ImportFault): void => {
    count.faulty += 1;
    options.onFault?.(fault);
  };
  let batch: ImportLine[] = [];
  let writing: Promise<void> = Promise.resolve();
  const write = async (sound: readonly ImportLine[], lines: number): Promise<void> => {
    const faults = judge === undefined ? [] : await judge(sound);
    const refused = new Set(faults.map(({ line }) => line));
    for (const fault of faults) blame(fault);
    count.refused += refused.size;
    const allowed = refused.size === 0 ? sound : sound.filter(({ line }) => !refused.has(line));
    for (const line of allowed) options.onLine?.(line);
    const orders = allowed.map(({ order }) => order);
    for (const outcome of await giveGrants(parts, orders, options)) count[outcome] += 1;
    count.lines = lines;
    await options.onWritten?.({ ...count });
  };
  let lines = 0;
  try {
    for await (const row of rows) {
      lines += 1;
      const order = parse(row);
      if ('detail' in order) {
        // One that was told in an earlier attempt is told again: the report is about the whole file.
        blame(order);
        if (options.stopAtFault === true) {
          count.stopped = true;
          break;
        }
      } else if (lines <= done) options.onLine?.({ line: row.line, order });
      else batch.push({ line: row.line, order });
      if (lines % BATCH_LINES === 0) {
        await setImmediate(); // Requests that wait get their turn.
        // One batch is flushed while the next is read.
        await writing;
        writing = write(batch, lines);
        writing.catch(() => {}); // Awaited above or below; until then it must not count as unhandled.
        batch = [];
      }
    }
  } finally {
    // Also when the rows break off: what was being written is done, and remembered as done, before anybody is told.
    await writing;
  }
  await write(batch, lines);
  return count;
}

/** Knows the registry as it was at the start of the import. */
async function rowParser(parts: AccessParts, only: Orgnr | undefined): Promise<(row: ImportRow) => ImportLine['order'] | ImportFault> {
  const collections = collectionsOf(parts.store);
  const apps = new Map<AppId, Application>();
  for await (const app of everyOf(collections.applications)) if (only === undefined || !isHidden(app, only)) apps.set(app.id, app);
  const known = new Set<Orgnr>();
  const ofKommune = new Map<string, Orgnr>();
  for await (const { orgnr, kommunenummer, closed } of everyOf(collections.organisations)) {
    if (closed !== undefined) continue; // One that has ceased is given nothing more.
    known.add(orgnr);
    if (kommunenummer !== undefined) ofKommune.set(kommunenummer, orgnr);
  }
  const start = memoized(parsePeriodStart);
  const end = memoized(parsePeriodEnd);

  return ({ line, fields }) => {
    if (isFault(fields)) return { line, detail: fields.detail };
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
    const optional = <T>(field: string, parser: (value: string) => T | Fault): T | undefined =>
      text(field) === undefined ? undefined : required(field, parser);

    for (const field of Object.keys(fields)) if (!FIELDS.has(field)) blame(printable(field), new Fault('is no known field'));
    const appId = required('app', (value): AppId | Fault => {
      const parsed = parseAppId(value);
      return isFault(parsed) || apps.has(parsed) ? parsed : new Fault('is not registered');
    });
    const person = required('brukerIdent', parsePersonNumber);
    const kommune = optional('kommune', (value): Orgnr | Fault => {
      const parsed = parseKommunenummer(value);
      return isFault(parsed) ? parsed : (ofKommune.get(parsed) ?? new Fault('is not registered'));
    });
    const orgnr = optional('orgnr', (value): Orgnr | Fault => {
      const parsed = parseOrgnr(value);
      return isFault(parsed) || known.has(parsed) ? parsed : new Fault('is not registered');
    });
    const konsument = only ?? kommune ?? orgnr;
    if (konsument === undefined) blame('kommune', new Fault('is missing, and so is orgnr'));
    // First, and said as if there were none: whether another organisation exists is not told here.
    if (only !== undefined && kommune !== undefined && kommune !== only) blame('kommune', new Fault('is not registered'));
    if (only !== undefined && orgnr !== undefined && orgnr !== only) blame('orgnr', new Fault('is not registered'));
    if (kommune !== undefined && kommune !== (orgnr ?? kommune)) blame('orgnr', new Fault('is not the organisation of the kommune'));
    const roles = rolesOf(fields['roles'], appId === undefined ? undefined : apps.get(appId)?.roles);
    if (isFault(roles)) blame('roles', roles);
    const from = optional('from', start);
    const until = optional('until', end);
    if (from !== undefined && until !== undefined && until <= from) blame('until', new Fault('is not after from'));
    const reason = optional('reason', parseReason);
    if (fault !== undefined) return fault;
    if (appId === undefined || person === undefined || konsument === undefined || isFault(roles))
      throw new TypeError('a fault was not told');
    return {
      appId,
      person,
      brukerId: parts.vault.nameOf(person),
      konsument,
      roles,
      ...periodOf(from, until),
      ...(reason === undefined ? {} : { reason }),
    };
  };
}

function periodOf(from: Instant | undefined, until: Instant | undefined): { from?: Instant; until?: Instant } {
  return { ...(from === undefined ? {} : { from }), ...(until === undefined ? {} : { until }) };
}

/** A list, or a text with the roles apart by blank, comma, semicolon or bar; `use` if there is none. */
function rolesOf(value: unknown, knownRoles: readonly string[] | undefined): readonly string[] | Fault {
  if (value === undefined || value === null || value === '') return [DEFAULT_ROLE];
  const names = typeof value === 'string' ? value.split(/[\s,;|]+/).filter((name) => name !== '') : value;
  if (!Array.isArray(names)) return new Fault('is neither a text nor a list of texts');
  for (const name of names) {
    const role = typeof name === 'string' ? parseRole(name) : new Fault('is not a text');
    if (isFault(role)) return role;
    if (knownRoles !== undefined && !knownRoles.includes(role)) return new Fault('has a role that the application does not know');
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
  return /^[A-Za-z_][A-Za-z0-9_ -]{0,39}$/.test(field) ? field : 'a field';
}
