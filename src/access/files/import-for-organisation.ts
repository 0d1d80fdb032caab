import { createHash, type Hash } from 'node:crypto';
import { type AppId, type BrukerId, isFault, type Orgnr, present, toInstant } from '#domain';
import { ProblemError } from '#problem';
import { type AdminRequest, actorOf, authorize, type JudgedGrant } from '../administer/authorize.js';
import { judgedGrant, keptGrant, withdrawUnder } from '../administer/keep-grant.js';
import { reasonInWords } from '../administer/refusal.js';
import { type AccessParts, activationKey, collectionsOf, documentKey, everyOf, type ImportProgress, konsumentIndex } from '../parts.js';
import { mayBeSeen } from '../people/list-grants.js';
import { type ExportedGrant, exportGrants } from './export-grants.js';
import { BATCH_LINES, type ImportFault, type ImportLine, type ImportReport, type ImportRow, importGrants } from './import-grants.js';

export interface OrganisationImport {
  /** `replace`: whoever has a grant in an application of the file and stands on no line of it loses that; not if a line is faulty. */
  readonly mode: 'add' | 'replace';
  /** Only say what would change. */
  readonly dryRun: boolean;
  /** Write nothing if a line is faulty. */
  readonly allOrNothing: boolean;
  /** The same key with the same file goes on where it was broken off. */
  readonly idempotencyKey?: string;
}

export interface OrganisationImportReport {
  readonly lines: number;
  readonly given: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly withdrawn: number;
  readonly faulty: number;
  /** The first of the faults. */
  readonly faults: readonly ImportFault[];
  /** Lines that an earlier attempt with this key had done. */
  readonly resumedAt: number;
}

const FAULTS_TOLD = 1000;
/** Terms that are judged by one question to the policy. */
const JUDGED_TOGETHER = 500;
const DAY_MS = 86_400_000;
/** How many withdrawals share their flushes. */
const WITHDRAWN_TOGETHER = 2000;

/**
 * Gives a grant per row of an organisation's file. Rows are for this organisation; the policy is asked about each kind of terms in it.
 * @throws ProblemError as authorize says, before a row is read; `import-faulty` if all or nothing was asked for;
 * `idempotency-key-reused` if the file is another one than the key was used for
 */
export async function importForOrganisation(
  parts: AccessParts,
  request: AdminRequest,
  orgnr: Orgnr | undefined,
  rows: AsyncIterable<ImportRow>,
  { mode, dryRun, allOrNothing, idempotencyKey }: OrganisationImport,
): Promise<OrganisationImportReport> {
  const clearance = await authorize(parts, request, { action: 'grant.import', orgnr });
  const konsument = clearance.organisation.orgnr;
  const faults: ImportFault[] = [];
  const seen = new Map<string, number>();
  const refused: ImportFault[] = [];
  const appIds = new Set<AppId>();
  const options = {
    actor: clearance.actor,
    source: 'import',
    facts: present({ onBehalfOf: konsument, requestId: request.requestId }),
    konsument,
    onFault: (fault: ImportFault) => {
      if (faults.length < FAULTS_TOLD) faults.push(fault);
    },
    onLine: ({ line, order: { appId, brukerId } }: ImportLine) => {
      appIds.add(appId);
      seen.set(documentKey(appId, brukerId), line);
    },
    judge: async (lines: readonly ImportLine[]) => {
      const found = await judged(parts, request, konsument, lines, seen);
      refused.push(...found.slice(0, FAULTS_TOLD - refused.length));
      return found;
    },
  } as const;

  let source: AsyncIterable<ImportRow> | Iterable<ImportRow> = rows;
  if (allOrNothing && !dryRun) {
    const kept: ImportRow[] = [];
    for await (const row of rows) kept.push(row);
    const check = await importGrants(parts, kept, { ...options, dryRun: true });
    if (check.faulty > 0) throw new ProblemError('import-faulty', { at: faults.map(inProblem) });
    seen.clear();
    refused.length = 0;
    faults.length = 0;
    source = kept;
  }
  const progress =
    idempotencyKey === undefined || dryRun ? undefined : await openProgress(parts, request, konsument, `${mode} ${idempotencyKey}`);
  const before = progress?.before;
  const report = await importGrants(parts, progress === undefined ? source : progress.hashed(source), {
    ...options,
    dryRun,
    done: before?.lines ?? 0,
    onWritten: async (written) => progress?.record(written, refused),
  });
  const faulty = report.faulty + (before?.refused ?? 0);
  const mayWithdraw = mode === 'replace' && faulty === 0;
  // Once: who was given access after it was finished is not on its lines.
  const withdrawn = before?.withdrawn ?? (mayWithdraw ? await withdrawOthers(parts, request, konsument, appIds, seen, dryRun) : 0);
  if (before?.withdrawn === undefined) await progress?.record(report, refused, withdrawn);
  return {
    lines: report.lines,
    given: report.given + (before?.given ?? 0),
    changed: report.changed + (before?.changed ?? 0),
    unchanged: report.unchanged + (before?.unchanged ?? 0),
    withdrawn,
    faulty,
    faults: [...(before?.faults ?? []), ...faults].sort((a, b) => a.line - b.line).slice(0, FAULTS_TOLD),
    resumedAt: before?.lines ?? 0,
  };
}

/**
 * The grants of an organisation as its import takes them, person numbers in the clear.
 * @throws ProblemError as authorize says
 */
export async function exportForOrganisation(
  parts: AccessParts,
  request: AdminRequest,
  { orgnr, appId }: { readonly orgnr: Orgnr | undefined; readonly appId?: AppId },
): Promise<AsyncIterable<ExportedGrant>> {
  const { organisation, applications } = await authorize(parts, request, { action: 'grant.export', orgnr });
  const konsument = organisation.orgnr;
  async function* seenOnly(): AsyncGenerator<ExportedGrant> {
    const only = { konsument, ...(appId === undefined ? {} : { appId }) };
    for await (const grant of exportGrants(parts, only)) if (mayBeSeen(applications, grant.app)) yield grant;
  }
  return seenOnly();
}

function inProblem({ line, field, detail }: ImportFault): { pointer: string; detail: string } {
  return { pointer: `/linjer/${line}${field === undefined ? '' : `/${field}`}`, detail };
}

/** The lines that may not be: persons given twice, and what the policy refuses. Lines on the same terms are judged once. */
async function judged(
  parts: AccessParts,
  request: AdminRequest,
  konsument: Orgnr,
  lines: readonly ImportLine[],
  seen: ReadonlyMap<string, number>,
): Promise<ImportFault[]> {
  const faults: ImportFault[] = [];
  const { applications, activations } = collectionsOf(parts.store);
  const now = toInstant(parts.clock());
  const own = request.caller.kind === 'person' ? request.caller.brukerId : undefined;
  const inBatch = new Map<string, number>();
  const kinds = new Map<string, { readonly order: ImportLine['order']; readonly lines: number[] }>();
  for (const line of lines) {
    const { appId, brukerId: subject, roles, from, until } = line.order;
    const key = documentKey(appId, subject);
    const earlier = seen.get(key) ?? inBatch.get(key);
    if (earlier !== undefined) {
      faults.push({ line: line.line, field: 'brukerIdent', detail: `is given in this application on line ${earlier} already` });
      continue;
    }
    inBatch.set(key, line.line);
    const kind = `${appId} ${roles.join(',')} ${from ?? ''} ${until ?? ''} ${subject === own}`;
    const known = kinds.get(kind);
    if (known === undefined) kinds.set(kind, { order: line.order, lines: [line.line] });
    else known.lines.push(line.line);
  }
  const all = [...kinds.values()];
  const appIds = [...new Set(all.map(({ order }) => order.appId))];
  const [known, states] = await Promise.all([
    applications.getMany(appIds),
    activations.getMany(appIds.map((appId) => activationKey(appId, konsument))),
  ]);
  const placeOf = new Map<AppId, JudgedGrant['place']>(
    appIds.map((appId, i) => [
      appId,
      { application: known[i]?.value ?? { id: appId, state: 'retired', roles: [] }, activated: states[i]?.value.active ?? false },
    ]),
  );
  for (let at = 0; at < all.length; at += JUDGED_TOGETHER) {
    const part = all.slice(at, at + JUDGED_TOGETHER);
    const grants = part.map(({ order }) => judgedGrant(order.brukerId, order, now, placeOf.get(order.appId)));
    const { grantFaults } = await authorize(parts, request, { action: 'grant.import', orgnr: konsument, grants });
    for (const [i, reasons] of grantFaults.entries()) {
      const [reason] = reasons;
      if (reason === undefined) continue;
      for (const line of part[i]?.lines ?? []) faults.push({ line, detail: reasonInWords(reason) });
    }
  }
  return faults;
}

/** Withdraws the kept grants, in the applications of the file, of those who stand on none of its lines. */
async function withdrawOthers(
  parts: AccessParts,
  request: AdminRequest,
  konsument: Orgnr,
  appIds: ReadonlySet<AppId>,
  seen: ReadonlyMap<string, number>,
  dryRun: boolean,
): Promise<number> {
  const { grantDocuments } = collectionsOf(parts.store);
  let withdrawn = 0;
  for (const appId of appIds) {
    // Asked for each application: the file may name one that the caller's role does not reach.
    const cleared = await authorize(parts, request, { action: 'grant.withdraw', orgnr: konsument, about: { appId } });
    let together: BrukerId[] = [];
    const flush = async (): Promise<void> => {
      await Promise.all(together.map((brukerId) => withdrawUnder(parts, { orgnr: konsument, appId, brukerId }, cleared, undefined)));
      together = [];
    };
    for await (const document of everyOf(grantDocuments, { index: 'konsument', equals: konsumentIndex(konsument, appId, 'kept') })) {
      if (seen.has(documentKey(appId, document.brukerId)) || keptGrant(document, konsument) === undefined) continue;
      withdrawn += 1;
      if (dryRun) continue;
      together.push(document.brukerId);
      if (together.length === WITHDRAWN_TOGETHER) await flush();
    }
    await flush();
  }
  return withdrawn;
}

/** Remembers how far the import under a key has come. */
async function openProgress(parts: AccessParts, request: AdminRequest, konsument: Orgnr, idempotencyKey: string) {
  const { importProgress } = collectionsOf(parts.store);
  const caller = `${actorOf(request.caller)} ${'clientId' in request.caller ? request.caller.clientId : ''}`;
  const key = createHash('sha256')
    .update(JSON.stringify([caller, konsument, idempotencyKey]))
    .digest('base64url');
  const at = toInstant(parts.clock());
  const facts = { action: 'import.progress', at, actor: actorOf(request.caller) };
  const before: ImportProgress | undefined = (await importProgress.get(key))?.value;
  const digests = new Map<number, string>();
  // A plain hash of few lines would let their person numbers be guessed.
  const taken = (hash: Hash): string => parts.vault.fingerprintOf(hash.digest('base64url'));
  return {
    before,
    /** The rows, while their digest is taken. */
    async *hashed(rows: AsyncIterable<ImportRow> | Iterable<ImportRow>): AsyncGenerator<ImportRow> {
      const hash: Hash = createHash('sha256');
      let lines = 0;
      for await (const row of rows) {
        hash.update(JSON.stringify([row.line, isFault(row.fields) ? row.fields.detail : row.fields]));
        lines += 1;
        const isOther =
          (lines === before?.lines && taken(hash.copy()) !== before.digest) || (before?.withdrawn !== undefined && lines > before.lines);
        if (isOther) throw new ProblemError('idempotency-key-reused');
        if (lines % BATCH_LINES === 0) digests.set(lines, taken(hash.copy()));
        yield row;
      }
      if (lines < (before?.lines ?? 0)) throw new ProblemError('idempotency-key-reused');
      digests.set(lines, taken(hash));
    },
    async record({ lines, given, changed, unchanged, refused }: ImportReport, faults: readonly ImportFault[], withdrawn?: number) {
      const digest = digests.get(lines);
      if (digest === undefined || (withdrawn === undefined && lines <= (before?.lines ?? -1))) return;
      const expiresAt = toInstant(parts.clock() + DAY_MS);
      const counts = {
        given: given + (before?.given ?? 0),
        changed: changed + (before?.changed ?? 0),
        unchanged: unchanged + (before?.unchanged ?? 0),
        refused: refused + (before?.refused ?? 0),
        faults: [...(before?.faults ?? []), ...faults].slice(0, FAULTS_TOLD),
        ...(withdrawn === undefined ? {} : { withdrawn }),
      };
      await importProgress.put({ key, expiresAt, lines, digest, ...counts }, { expect: 'any', facts });
    },
  };
}
