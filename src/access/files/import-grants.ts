import { type AppId, type GrantOrigin, keptGrantOf, type Orgnr } from '#domain';
import { ProblemError } from '#problem';
import type { ChangeFacts } from '#storage';
import { type AdminRequest, authorize } from '../administer/authorize.js';
import { reasonInWords } from '../administer/refusal.js';
import { writeGrants } from '../grants/give-grants.js';
import type { NamedOrder } from '../grants/grant-order.js';
import { judgeOrders } from '../grants/judge-orders.js';
import { withdrawUnder } from '../grants/withdraw-grant.js';
import { type AccessParts, collectionsOf, documentKey, konsumentIndex, pagesOf } from '../parts.js';
import { FAULTS_TOLD, openProgress, type Progress } from './import-progress.js';
import type { ImportFault, ImportReport, ImportRow } from './import-report.js';
import { type NamedPlaces, namedPlaces } from './named-places.js';
import { lineReader } from './read-line.js';
import { SeenPersons } from './seen-persons.js';
import { BATCH_LINES, type GivenLines, type ImportLine, OPERATOR_BATCH_LINES, writeLines } from './write-lines.js';

/** How an import is carried out. */
export interface ImportOptions {
  /** Only say what would change. */
  readonly dryRun?: boolean;
  /** End at the first faulty line; the lines before it are written. */
  readonly stopAtFault?: boolean;
  readonly onFault?: (fault: ImportFault) => void;
  /** Called when a batch is durable: what it reports as written survives the process. */
  readonly onWritten?: (report: ImportReport) => Promise<void> | void;
}

/** How an import of one organisation is carried out. */
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

/** How many lines of a file are read: its persons are remembered, so that none stands there twice. */
const MAX_LINES = 500_000;
/** A file with more is not read on: something is wrong with all of it. */
const MAX_FAULTS = 10_000;

/** What has become of an organisation's file. */
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

/**
 * Gives a grant per row, for any organisations: faulty rows are told and left out, and of two rows about the same grant the later one stays. Running
 * it again over the same rows changes nothing.
 * @throws ProblemError as authorize says, before a row is read; `store-unavailable`; what was reported as written stays
 */
export async function importGrants(
  parts: AccessParts,
  request: AdminRequest,
  rows: AsyncIterable<ImportRow> | Iterable<ImportRow>,
  options: ImportOptions = {},
): Promise<ImportReport> {
  await authorize(parts, request, { action: 'grant.import', orgnr: 'all' });
  const places = namedPlaces(parts, request, 'all');
  return writeLines(rows, {
    ...options,
    places,
    batchLines: OPERATOR_BATCH_LINES,
    read: lineReader(parts.vault, places, undefined),
    give: (lines) => giveLines(parts, request, 'all', lines, options),
  });
}

/**
 * Gives a grant per row of an organisation's file. Rows are for this organisation; a person may stand there once in each application.
 * @param rows reads the file; asked for twice if all or nothing is, and must give the same
 * @throws ProblemError as authorize says, before a row is read; `import-faulty` if all or nothing was asked for; `import-too-faulty`,
 * `body-too-large` for more lines than are read; `idempotency-key-reused` if the file is another one than the key was used for
 */
export async function importForOrganisation(
  parts: AccessParts,
  request: AdminRequest,
  orgnr: Orgnr | undefined,
  rows: () => AsyncIterable<ImportRow>,
  options: OrganisationImport,
): Promise<OrganisationImportReport> {
  const { organisation } = await authorize(parts, request, { action: 'grant.import', orgnr });
  const places = namedPlaces(parts, request, organisation);
  const run = { parts, request, konsument: organisation.orgnr, places };
  if (!options.allOrNothing || options.dryRun) return importRun(run, rows(), options);
  const { faulty, faults } = await importRun(run, rows(), { mode: 'add', dryRun: true, allOrNothing: false });
  if (faulty > 0) throw new ProblemError('import-faulty', { at: faults.map(inProblem) });
  return importRun(run, rows(), options);
}

interface Run {
  readonly parts: AccessParts;
  readonly request: AdminRequest;
  readonly konsument: Orgnr;
  readonly places: NamedPlaces;
}

async function importRun(
  run: Run,
  rows: AsyncIterable<ImportRow>,
  { mode, dryRun, idempotencyKey }: OrganisationImport,
): Promise<OrganisationImportReport> {
  const { parts, request, konsument } = run;
  const progress =
    idempotencyKey === undefined || dryRun ? undefined : await openProgress(parts, request, konsument, `${mode} ${idempotencyKey}`);
  return runUnder(progress, run, rows, { mode, dryRun }).finally(() => progress?.release());
}

async function runUnder(
  progress: Progress | undefined,
  run: Run,
  rows: AsyncIterable<ImportRow>,
  { mode, dryRun }: Pick<OrganisationImport, 'mode' | 'dryRun'>,
): Promise<OrganisationImportReport> {
  const { parts, request, konsument, places } = run;
  const before = progress?.before;
  // What was done is told to whoever may do it still (threat 52): somebody may have been limited to other applications since.
  for (const appId of before?.applications ?? []) {
    await authorize(parts, request, { action: 'grant.import', orgnr: konsument, about: { appId } });
  }
  const faults: ImportFault[] = [];
  const refused: ImportFault[] = [];
  const seen = new SeenPersons();
  const appIds = new Set<AppId>();
  const told = () => [...(before?.faults ?? []), ...faults].sort((a, b) => a.line - b.line).slice(0, FAULTS_TOLD);
  const take = ({ line, order: { appId, brukerId } }: ImportLine<NamedOrder>): void => {
    appIds.add(appId);
    seen.add(appId, brukerId, line);
  };
  const file = atMost(MAX_LINES, rows);
  const report = await writeLines(progress === undefined ? file : progress.hashed(file), {
    places,
    batchLines: BATCH_LINES,
    read: lineReader(parts.vault, places, konsument),
    give: async (lines) => {
      const given = await giveLines(parts, request, konsument, lines, { dryRun, seen, take });
      refused.push(...given.refused.slice(0, FAULTS_TOLD - refused.length));
      return given;
    },
    done: before?.lines ?? 0,
    onDone: take,
    onFault: (fault) => {
      if (faults.length < FAULTS_TOLD) faults.push(fault);
    },
    onWritten: async (written) => {
      await progress?.record(written, { refused, applications: appIds });
      if (written.faulty + (before?.refused ?? 0) > MAX_FAULTS) throw new ProblemError('import-too-faulty', { at: told().map(inProblem) });
    },
  });
  const faulty = report.faulty + (before?.refused ?? 0);
  const mayWithdraw = mode === 'replace' && faulty === 0;
  // Once: who was given access after it was finished is not on its lines.
  const withdrawn = before?.withdrawn ?? (mayWithdraw ? await withdrawOthers(run, appIds, seen, dryRun) : 0);
  if (before?.withdrawn === undefined) await progress?.record(report, { refused, applications: appIds }, withdrawn);
  return {
    lines: report.lines,
    given: report.given + (before?.given ?? 0),
    changed: report.changed + (before?.changed ?? 0),
    unchanged: report.unchanged + (before?.unchanged ?? 0),
    withdrawn,
    faulty,
    faults: told(),
    resumedAt: before?.lines ?? 0,
  };
}

async function* atMost(limit: number, rows: AsyncIterable<ImportRow>): AsyncGenerator<ImportRow> {
  let count = 0;
  for await (const row of rows) {
    count += 1;
    if (count > limit)
      throw new ProblemError('body-too-large', { detail: `At most ${limit} lines are read: send the rest in a file of its own.` });
    yield row;
  }
}

function inProblem({ line, field, detail }: ImportFault): { pointer: string; detail: string } {
  return { pointer: `/linjer/${line}${field === undefined ? '' : `/${field}`}`, detail };
}

interface Giving {
  readonly dryRun?: boolean;
  readonly stopAtFault?: boolean;
  /** On the lines so far; none of them may come again. */
  readonly seen?: SeenPersons;
  /** Told of each line that is given, before it is. */
  readonly take?: (line: ImportLine<NamedOrder>) => void;
}

/** Gives the lines that may be given; persons given twice may not, nor may what the policy refuses. */
async function giveLines(
  parts: AccessParts,
  request: AdminRequest,
  orgnr: Orgnr | 'all',
  lines: readonly ImportLine<NamedOrder>[],
  { dryRun, stopAtFault, seen, take }: Giving,
): Promise<GivenLines> {
  if (lines.length === 0) return { refused: [], outcomes: [] };
  const { clearance, reasons, knownRoles } = await judgeOrders(
    parts,
    request,
    orgnr,
    lines.map(({ order }) => order),
  );
  const refused = [...reasons].map(([at, reason]): ImportFault => {
    const { line, order } = lines[at] as ImportLine<NamedOrder>;
    return { line, ...inWords(reason, knownRoles(order)) };
  });
  const judged = lines.filter((_, at) => !reasons.has(at));
  const once = seen === undefined ? judged : withoutRepeated(judged, seen, refused);
  const [first] = stopAtFault === true ? refused.sort((a, b) => a.line - b.line) : [];
  const allowed = first === undefined ? once : once.filter(({ line }) => line < first.line);
  if (take !== undefined) for (const line of allowed) take(line);
  const origin: GrantOrigin = { givenBy: clearance.actor, givenAt: clearance.at, source: orgnr === 'all' ? 'operator' : 'import' };
  const facts: ChangeFacts | undefined = dryRun === true ? undefined : clearance.facts('grant.give');
  const outcomes = await writeGrants(
    parts,
    allowed.map(({ order }) => order),
    origin,
    facts,
  );
  return { refused: first === undefined ? refused : [first], outcomes };
}

function withoutRepeated(
  lines: readonly ImportLine<NamedOrder>[],
  seen: SeenPersons,
  refused: ImportFault[],
): readonly ImportLine<NamedOrder>[] {
  const inBatch = new Map<string, number>();
  return lines.filter(({ line, order: { appId, brukerId } }) => {
    const key = documentKey(appId, brukerId);
    const earlier = seen.lineOf(appId, brukerId) ?? inBatch.get(key);
    if (earlier === undefined) inBatch.set(key, line);
    else refused.push({ line, field: 'brukerIdent', detail: `is given in this application on line ${earlier} already` });
    return earlier === undefined;
  });
}

function inWords(reason: string, roles: readonly string[]): Omit<ImportFault, 'line'> {
  if (reason === 'role_unknown')
    return { field: 'roles', detail: `has a role that the application does not know; known: ${roles.join(', ')}` };
  return { detail: reasonInWords(reason) };
}

/** How many withdrawals share their flushes. */
const WITHDRAWN_TOGETHER = 200;

/** Withdraws the kept grants, in the applications of the file, of those who stand on none of its lines. */
async function withdrawOthers(
  { parts, request, konsument }: Run,
  appIds: ReadonlySet<AppId>,
  seen: SeenPersons,
  dryRun: boolean,
): Promise<number> {
  const { grantDocuments } = collectionsOf(parts.store);
  let withdrawn = 0;
  for (const appId of appIds) {
    // Asked for each application: the file may name one that the caller's role does not reach.
    const cleared = await authorize(parts, request, { action: 'grant.withdraw', orgnr: konsument, about: { appId } });
    const kept = { index: 'konsument', equals: konsumentIndex(konsument, appId, 'kept') };
    for await (const page of pagesOf(grantDocuments, kept, WITHDRAWN_TOGETHER)) {
      const others = page.filter(
        ({ value }) => seen.lineOf(appId, value.brukerId) === undefined && keptGrantOf(value, konsument) !== undefined,
      );
      withdrawn += others.length;
      if (!dryRun) await Promise.all(others.map((stored) => withdrawUnder(parts, cleared, stored, undefined)));
    }
  }
  return withdrawn;
}
