import { randomUUID } from 'node:crypto';
import { isFault, type Kommunenummer, type Organisation, type Orgnr, parseKommunenummer, parseOrgnr } from '#domain';
import { ProblemError } from '#problem';
import type { ImportOptions } from '../files/import-grants.js';
import type { ImportFault, ImportReport, ImportRow } from '../files/import-report.js';
import { type AccessParts, collectionsOf } from '../parts.js';
import { registerOrganisation } from './register.js';

const FIELDS = new Set(['orgnr', 'name', 'kommunenummer', 'fiksOrgId', 'roles']);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const ROLES = new Set(['konsument', 'tilbyder', 'none']);
const MAX_NAME = 200;

/**
 * Registers an organisation per row: organisation number, name, kommunenummer, tenant id (`fiksOrgId`), roles (`konsument`, `tilbyder`; or
 * `none`). A tenant id that is left out is kept, or made. One that has ceased may be given no role. Faulty rows are told and left out.
 * @throws ProblemError `store-unavailable`
 */
export async function importOrganisations(
  parts: AccessParts,
  rows: AsyncIterable<ImportRow>,
  options: Pick<ImportOptions, 'onFault' | 'onWritten'> & { readonly dryRun?: boolean },
): Promise<ImportReport> {
  const { organisations } = collectionsOf(parts.store);
  const count = { lines: 0, given: 0, changed: 0, unchanged: 0, faulty: 0, refused: 0, stopped: false };
  const seen = new Set<Orgnr>();
  // Whose a kommunenummer would be after the lines so far, in a dry run.
  const holders = new Map<Kommunenummer, Orgnr | undefined>();
  const claim = async ({ orgnr, kommunenummer }: Organisation, before: Organisation | undefined): Promise<void> => {
    if (kommunenummer !== undefined) {
      if (!holders.has(kommunenummer)) {
        const { items } = await organisations.query({ index: 'kommunenummer', equals: kommunenummer, limit: 1 });
        holders.set(kommunenummer, items[0]?.value.orgnr);
      }
      if ((holders.get(kommunenummer) ?? orgnr) !== orgnr) throw new ProblemError('conflict');
      holders.set(kommunenummer, orgnr);
    }
    if (before?.kommunenummer !== undefined && before.kommunenummer !== kommunenummer) holders.set(before.kommunenummer, undefined);
  };
  for await (const row of rows) {
    await options.onWritten?.({ ...count });
    count.lines += 1;
    const read = parse(row, seen);
    if ('detail' in read) {
      count.faulty += 1;
      options.onFault?.(read);
      continue;
    }
    seen.add(read.orgnr);
    const before = (await organisations.get(read.orgnr))?.value;
    const { fiksOrgId = before?.fiksOrgId ?? randomUUID(), ...rest } = read;
    const after: Organisation = { ...rest, fiksOrgId, ...(before?.closed === undefined ? {} : { closed: before.closed }) };
    if (before !== undefined && isSame(before, after)) {
      count.unchanged += 1;
      continue;
    }
    const blame = (field: string, detail: string): void => {
      count.faulty += 1;
      options.onFault?.({ line: row.line, field, detail });
    };
    if (after.closed !== undefined && (after.mayBeKonsument || after.mayBeTilbyder)) {
      blame('roles', 'are for an organisation that has ceased');
      continue;
    }
    try {
      if (options.dryRun !== true) await registerOrganisation(parts, after, { actor: 'operator' });
      else await claim(after, before);
      count[before === undefined ? 'given' : 'changed'] += 1;
    } catch (error) {
      if (!(error instanceof ProblemError) || error.slug !== 'conflict') throw error;
      blame('kommunenummer', 'belongs to another organisation');
    }
  }
  return count;
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
  const name = text('name');
  if (name === undefined || name.length > MAX_NAME) return fault('name', `is missing or longer than ${MAX_NAME} characters`);
  const number = text('kommunenummer');
  const kommunenummer: Kommunenummer | undefined | ReturnType<typeof parseKommunenummer> =
    number === undefined ? undefined : parseKommunenummer(number);
  if (isFault(kommunenummer)) return fault('kommunenummer', kommunenummer.detail);
  const fiksOrgId = text('fiksOrgId')?.toLowerCase();
  if (fiksOrgId !== undefined && !UUID.test(fiksOrgId)) return fault('fiksOrgId', 'is not a UUID');
  const given = fields['roles'];
  const roles: unknown[] = Array.isArray(given) ? given : (text('roles') ?? 'konsument').split(/[\s,;|]+/);
  if (!roles.every((role) => ROLES.has(role as string)) || (roles.includes('none') && roles.length > 1)) {
    return fault('roles', 'are not konsument, tilbyder, both or none');
  }
  return {
    orgnr,
    name,
    ...(kommunenummer === undefined ? {} : { kommunenummer }),
    ...(fiksOrgId === undefined ? {} : { fiksOrgId }),
    mayBeTilbyder: roles.includes('tilbyder'),
    mayBeKonsument: roles.includes('konsument'),
  };
}

function isSame(a: Organisation, b: Organisation): boolean {
  return (
    a.name === b.name &&
    a.kommunenummer === b.kommunenummer &&
    a.fiksOrgId === b.fiksOrgId &&
    a.mayBeTilbyder === b.mayBeTilbyder &&
    a.mayBeKonsument === b.mayBeKonsument
  );
}
