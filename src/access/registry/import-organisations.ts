import { randomUUID } from 'node:crypto';
import {
  Fault,
  isFault,
  type Kommunenummer,
  type Organisation,
  type Orgnr,
  parseFreeText,
  parseKommunenummer,
  parseOrgnr,
  parseUuid,
  present,
  type TextRule,
} from '#domain';
import { ProblemError } from '#problem';
import { type AdminRequest, authorize, type Leave } from '../administer/authorize.js';
import type { ImportOptions } from '../files/import-grants.js';
import type { ImportFault, ImportReport, ImportRow } from '../files/import-report.js';
import { type AccessParts, collectionsOf } from '../parts.js';
import { putOrganisation } from './registrations.js';

const FIELDS = new Set(['orgnr', 'name', 'kommunenummer', 'fiksOrgId', 'roles']);
const ROLES = new Set(['konsument', 'tilbyder', 'none']);
const NAME: TextRule = { maxCodePoints: 200 };
/** Rows that are judged by one question to the policy. */
const JUDGED_TOGETHER = 500;

type RegisterOptions = Pick<ImportOptions, 'onFault' | 'onWritten'> & { readonly dryRun?: boolean };

/**
 * Registers an organisation per row: organisation number, name, kommunenummer, tenant id (`fiksOrgId`), roles (`konsument`, `tilbyder`; or
 * `none`). A tenant id that is left out is kept, or made. Rows that are faulty, or that the policy refuses, are told and left out.
 * @throws ProblemError as authorize says, before a row is read; `store-unavailable`
 */
export async function importOrganisations(
  parts: AccessParts,
  request: AdminRequest,
  rows: AsyncIterable<ImportRow>,
  options: RegisterOptions,
): Promise<ImportReport> {
  await authorize(parts, request, { action: 'organisation.register', orgnr: 'all' });
  const registration = new Registration(parts, request, options);
  const seen = new Set<Orgnr>();
  for await (const row of rows) {
    const read = parse(row, seen);
    if (!('detail' in read)) seen.add(read.orgnr);
    await registration.add('detail' in read ? read : { ...read, line: row.line });
  }
  await registration.carryOut();
  return registration.count;
}

/** An import under way: rows are judged together, and then written or blamed one after another, as they stand in the file. */
class Registration {
  readonly count = { lines: 0, given: 0, changed: 0, unchanged: 0, faulty: 0, refused: 0, stopped: false };
  readonly #parts: AccessParts;
  readonly #request: AdminRequest;
  readonly #options: RegisterOptions;
  /** Whose a kommunenummer would be after the lines so far, in a dry run. */
  readonly #holders = new Map<Kommunenummer, Orgnr | undefined>();
  #waiting: ((ReadOrganisation & { readonly line: number }) | ImportFault)[] = [];

  constructor(parts: AccessParts, request: AdminRequest, options: RegisterOptions) {
    this.#parts = parts;
    this.#request = request;
    this.#options = options;
  }

  async add(row: (ReadOrganisation & { readonly line: number }) | ImportFault): Promise<void> {
    this.#waiting.push(row);
    if (this.#waiting.length === JUDGED_TOGETHER) await this.carryOut();
  }

  async carryOut(): Promise<void> {
    const rows = this.#waiting;
    this.#waiting = [];
    const { organisations } = collectionsOf(this.#parts.store);
    const sound = rows.filter((row) => 'orgnr' in row);
    const known = await organisations.getMany(sound.map(({ orgnr }) => orgnr));
    const after = sound.map(({ line: _, ...read }, i) => completed(read, known[i]?.value));
    const leave = await authorize(this.#parts, this.#request, { action: 'organisation.register', orgnr: 'all', organisations: after });
    let at = 0;
    for (const row of rows) {
      await this.#options.onWritten?.({ ...this.count });
      this.count.lines += 1;
      if ('orgnr' in row) {
        const isRefused = leave.organisationFaults[at]?.length !== 0;
        await this.#register(row.line, after[at] as Organisation, known[at]?.value, leave, isRefused);
        at += 1;
      } else this.#blame(row);
    }
  }

  async #register(line: number, after: Organisation, before: Organisation | undefined, leave: Leave, isRefused: boolean): Promise<void> {
    if (before !== undefined && saysTheSame(before, after)) {
      this.count.unchanged += 1;
      return;
    }
    if (isRefused) return this.#blame({ line, field: 'roles', detail: 'are for an organisation that has ceased' });
    try {
      if (this.#options.dryRun === true) await this.#claim(after, before);
      else await putOrganisation(this.#parts, leave, after);
      this.count[before === undefined ? 'given' : 'changed'] += 1;
    } catch (error) {
      if (!(error instanceof ProblemError) || error.slug !== 'conflict') throw error;
      this.#blame({ line, field: 'kommunenummer', detail: 'belongs to another organisation' });
    }
  }

  #blame(fault: ImportFault): void {
    this.count.faulty += 1;
    this.#options.onFault?.(fault);
  }

  /** In a dry run, what the store's unique index would say. */
  async #claim({ orgnr, kommunenummer }: Organisation, before: Organisation | undefined): Promise<void> {
    const holders = this.#holders;
    if (kommunenummer !== undefined) {
      if (!holders.has(kommunenummer)) {
        const { organisations } = collectionsOf(this.#parts.store);
        const { items } = await organisations.query({ index: 'kommunenummer', equals: kommunenummer, limit: 1 });
        holders.set(kommunenummer, items[0]?.value.orgnr);
      }
      if ((holders.get(kommunenummer) ?? orgnr) !== orgnr) throw new ProblemError('conflict');
      holders.set(kommunenummer, orgnr);
    }
    if (before?.kommunenummer !== undefined && before.kommunenummer !== kommunenummer) holders.set(before.kommunenummer, undefined);
  }
}

/** What a row makes of an organisation. */
function completed({ fiksOrgId, ...read }: ReadOrganisation, before: Organisation | undefined): Organisation {
  return present({ ...read, fiksOrgId: fiksOrgId ?? before?.fiksOrgId ?? randomUUID(), closed: before?.closed });
}

type ReadOrganisation = Omit<Organisation, 'fiksOrgId'> & { readonly fiksOrgId?: string };

function parse({ line, fields }: ImportRow, seen: ReadonlySet<Orgnr>): ReadOrganisation | ImportFault {
  if (isFault(fields)) return { line, detail: fields.detail };
  const fault = (field: string, detail: string): ImportFault => ({ line, field, detail });
  for (const name of Object.keys(fields)) if (!FIELDS.has(name)) return { line, detail: 'has a field that is not known' };
  const text = (name: string): string | undefined => {
    const value = fields[name];
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
  };
  const orgnr = parseOrgnr(text('orgnr') ?? '');
  if (isFault(orgnr)) return fault('orgnr', orgnr.detail);
  if (seen.has(orgnr)) return fault('orgnr', 'stands on an earlier line already');
  const named = text('name');
  const name = named === undefined ? new Fault('is missing') : parseFreeText(named, NAME);
  if (isFault(name)) return fault('name', name.detail);
  const number = text('kommunenummer');
  const kommunenummer: Kommunenummer | undefined | ReturnType<typeof parseKommunenummer> =
    number === undefined ? undefined : parseKommunenummer(number);
  if (isFault(kommunenummer)) return fault('kommunenummer', kommunenummer.detail);
  const tenant = text('fiksOrgId');
  const fiksOrgId = tenant === undefined ? undefined : parseUuid(tenant);
  if (isFault(fiksOrgId)) return fault('fiksOrgId', fiksOrgId.detail);
  const given = fields['roles'];
  const roles: unknown[] = Array.isArray(given) ? given : (text('roles') ?? 'konsument').split(/[\s,;|]+/);
  if (!roles.every((role) => ROLES.has(role as string)) || (roles.includes('none') && roles.length > 1)) {
    return fault('roles', 'are not konsument, tilbyder, both or none');
  }
  return present({
    orgnr,
    name,
    kommunenummer,
    fiksOrgId,
    mayBeTilbyder: roles.includes('tilbyder'),
    mayBeKonsument: roles.includes('konsument'),
  });
}

function saysTheSame(a: Organisation, b: Organisation): boolean {
  return (
    a.name === b.name &&
    a.kommunenummer === b.kommunenummer &&
    a.fiksOrgId === b.fiksOrgId &&
    a.mayBeTilbyder === b.mayBeTilbyder &&
    a.mayBeKonsument === b.mayBeKonsument
  );
}
