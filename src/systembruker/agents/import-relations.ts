import { type AdminRequest, type ImportFault, type ImportReport, type ImportRow, repeated } from '#access';
import { type Instant, isFault, type Orgnr, parseOrgnr, parsePeriodEnd, toInstant } from '#domain';
import { leaveFor } from '../administer/leave.js';
import { relationKey } from '../entities.js';
import { packageIn } from '../names.js';
import type { PackageName } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';
import { endOfPair, isSame, packageFaults, packagesOf, relationAfter } from './relations.js';

const FIELDS = new Set(['provider', 'client', 'packages', 'until']);
/** Rows that are written together. */
const TOGETHER = 100;

/** What is told of an import, and whether it only checks. */
export interface RelationImportOptions {
  readonly dryRun?: boolean;
  readonly onFault?: (fault: ImportFault) => void;
  readonly onWritten?: (report: ImportReport) => void;
}

interface ReadRelation {
  readonly provider: Orgnr;
  readonly client: Orgnr;
  readonly packages: readonly PackageName[];
  readonly until: Instant | undefined;
}

/**
 * Takes in what the registers say of clients: a row for each client of a provider, with the packages that come with it; with none, the relation is over. Faulty rows are
 * told and left out.
 * @throws ProblemError as leaveFor says, before a row is read; `store-unavailable`
 */
export async function importRelations(
  parts: SystembrukerParts,
  request: AdminRequest,
  rows: AsyncIterable<ImportRow>,
  { dryRun = false, onFault, onWritten }: RelationImportOptions,
): Promise<ImportReport> {
  const { facts } = await leaveFor(parts, request, { action: 'client-relation.import' });
  const count = { lines: 0, given: 0, changed: 0, unchanged: 0, faulty: 0, refused: 0, stopped: false };
  let waiting: (ReadRelation & { readonly line: number })[] = [];
  const blame = (fault: ImportFault): void => {
    count.faulty += 1;
    onFault?.(fault);
  };
  const carryOut = async (): Promise<void> => {
    const known = await packagesOf(
      parts,
      waiting.flatMap(({ packages }) => packages),
    );
    for (const { line, ...read } of waiting) {
      const [fault] = packageFaults(read.packages, known);
      if (fault === undefined) count[await taken(parts, read, dryRun ? undefined : facts)] += 1;
      else blame({ line, field: 'packages', detail: fault });
    }
    waiting = [];
    onWritten?.({ ...count });
  };
  for await (const row of rows) {
    count.lines += 1;
    const read = parse(row);
    if ('detail' in read) blame(read);
    else waiting.push({ ...read, line: row.line });
    if (waiting.length === TOGETHER) await carryOut();
  }
  await carryOut();
  return count;
}

type Facts = Awaited<ReturnType<typeof leaveFor>>['facts'];

/** Makes it so. @param facts absent: it is only looked at */
async function taken(
  parts: SystembrukerParts,
  { provider, client, packages, until }: ReadRelation,
  facts: Facts | undefined,
): Promise<'given' | 'changed' | 'unchanged'> {
  const { clientRelations } = collectionsOf(parts.store);
  const key = relationKey(provider, client, 'register');
  const outcome = await repeated(async () => {
    const before = await clientRelations.get(key);
    if (packages.length === 0) {
      if (before === undefined) return 'unchanged';
      if (facts !== undefined) await clientRelations.remove(key, { expect: before.revision, facts: facts('client-relation.import') });
      return 'changed';
    }
    const at = toInstant(parts.clock());
    const value = relationAfter(before?.value, { provider, client, source: 'register', packages, until, at });
    if (before !== undefined && isSame(before.value, value)) return 'unchanged';
    if (facts !== undefined)
      await clientRelations.put(value, { expect: before?.revision ?? 'absent', facts: facts('client-relation.import') });
    return before === undefined ? 'given' : 'changed';
  });
  if (outcome === 'changed' && facts !== undefined) await endOfPair(parts, { provider, client }, facts('agent-client.end'));
  return outcome;
}

function parse({ line, fields }: ImportRow): ReadRelation | ImportFault {
  if (isFault(fields)) return { line, detail: fields.detail };
  const fault = (field: string, detail: string): ImportFault => ({ line, field, detail });
  if (Object.keys(fields).some((name) => !FIELDS.has(name))) return { line, detail: 'has a field that is not known' };
  const text = (name: string): string => (typeof fields[name] === 'string' ? fields[name].trim() : '');
  const provider = parseOrgnr(text('provider'));
  if (isFault(provider)) return fault('provider', provider.detail);
  const client = parseOrgnr(text('client'));
  if (isFault(client)) return fault('client', client.detail);
  if (client === provider) return fault('client', 'is the provider itself');
  const given = fields['packages'];
  const packages: unknown[] = Array.isArray(given) ? given : text('packages').split(/[\s,;|]+/);
  if (!packages.every((name) => typeof name === 'string')) return fault('packages', 'are not names of packages');
  const names = (packages as string[]).filter((name) => name !== '').map((name) => packageIn(name) ?? name);
  if (!names.every((name) => /^[a-z0-9-]{1,200}$/.test(name))) return fault('packages', 'are not names of packages');
  const until = text('until') === '' ? undefined : parsePeriodEnd(text('until'));
  if (isFault(until)) return fault('until', until.detail);
  return { provider, client, packages: [...new Set(names)].sort() as PackageName[], until };
}
