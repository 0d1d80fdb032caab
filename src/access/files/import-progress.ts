import { createHash, type Hash } from 'node:crypto';
import { type AppId, DAY_MS, isFault, type Orgnr, present, toInstant } from '#domain';
import { ProblemError } from '#problem';
import type { ChangeFacts, Expectation } from '#storage';
import { type AdminRequest, actorOf } from '../administer/authorize.js';
import { type AccessParts, collectionsOf, type ImportProgress } from '../parts.js';
import type { ImportFault, ImportReport, ImportRow } from './import-report.js';
import { BATCH_LINES } from './write-lines.js';

/** How many faults are remembered and told. */
export const FAULTS_TOLD = 1000;

/** How far the import under an Idempotency-Key has come, before and now. */
export interface Progress {
  /** What an earlier attempt has done; absent if there was none. */
  readonly before: ImportProgress | undefined;
  /** The rows, while their digest is taken. @throws ProblemError `idempotency-key-reused` if they are not those of the earlier attempt */
  hashed(rows: AsyncIterable<ImportRow> | Iterable<ImportRow>): AsyncGenerator<ImportRow>;
  /** Remembers what is durable. @param withdrawn present once the import is finished. @throws ProblemError `request-in-progress` if another attempt has taken the key */
  record(report: ImportReport, told: ProgressTold, withdrawn?: number): Promise<void>;
  /** Lets others have the key: this attempt is over, however it ended. */
  release(): Promise<void>;
}

/** What is remembered beside the counts. */
export interface ProgressTold {
  /** Lines that may not be given. */
  readonly refused: readonly ImportFault[];
  /** The applications of the lines so far. */
  readonly applications: ReadonlySet<AppId>;
}

const NOTHING_DONE = { lines: 0, digest: '', given: 0, changed: 0, unchanged: 0, refused: 0, faults: [] };

/** A claim is renewed while its process is at work; of one that has died it runs out by itself. */
const AT_WORK_MS = 60_000;

/**
 * Takes the key of this caller for this organisation, and finds out how far the import under it has come.
 * @throws ProblemError `request-in-progress` while another attempt has it
 */
export async function openProgress(
  parts: AccessParts,
  { caller }: AdminRequest,
  konsument: Orgnr,
  idempotencyKey: string,
): Promise<Progress> {
  const who = `${actorOf(caller)} ${'clientId' in caller ? caller.clientId : ''}`;
  const key = createHash('sha256')
    .update(JSON.stringify([who, konsument, idempotencyKey]))
    .digest('base64url');
  const at = toInstant(parts.clock());
  const facts = { action: 'import.progress', at, actor: actorOf(caller) };
  const claim = await claimKey(parts, key, facts);
  const { before } = claim;
  const digests = new Map<number, string>();
  return {
    before,
    async *hashed(rows) {
      for await (const row of hashedRows(parts, rows, before, digests)) {
        const renewal = claim.renewed();
        if (renewal !== undefined) await renewal;
        yield row;
      }
    },
    release: claim.release,
    async record({ lines, given, changed, unchanged, refused }, told, withdrawn) {
      const digest = digests.get(lines);
      if (digest === undefined || (withdrawn === undefined && lines <= (before?.lines ?? -1))) return;
      const expiresAt = toInstant(parts.clock() + DAY_MS);
      const counts = {
        given: given + (before?.given ?? 0),
        changed: changed + (before?.changed ?? 0),
        unchanged: unchanged + (before?.unchanged ?? 0),
        refused: refused + (before?.refused ?? 0),
        faults: [...(before?.faults ?? []), ...told.refused].slice(0, FAULTS_TOLD),
        applications: [...new Set([...(before?.applications ?? []), ...told.applications])].sort(),
        ...present({ withdrawn }),
      };
      await claim.keep({ key, expiresAt, lines, digest, ...counts });
    },
  };
}

/** A key that this attempt has. */
interface Claim {
  readonly before: ImportProgress | undefined;
  /** Renews it if that is due. @throws ProblemError `request-in-progress` if another attempt has taken it */
  renewed(): Promise<void> | undefined;
  keep(progress: ImportProgress): Promise<void>;
  release(): Promise<void>;
}

/** @throws ProblemError `request-in-progress` instead of `conflict`: another attempt has the key */
function taken(error: unknown): never {
  throw error instanceof ProblemError && error.slug === 'conflict' ? new ProblemError('request-in-progress') : error;
}

async function claimKey({ store, clock }: AccessParts, key: string, facts: ChangeFacts): Promise<Claim> {
  const { importProgress } = collectionsOf(store);
  const found = await importProgress.get(key);
  const before = found?.value;
  const now = toInstant(clock());
  if (before?.atWorkUntil !== undefined && before.atWorkUntil > now) throw new ProblemError('request-in-progress');
  let kept: ImportProgress = before ?? { key, expiresAt: now, ...NOTHING_DONE };
  let revision: Expectation = found?.revision ?? 'absent';
  let claimedMs = 0;
  const put = async (value: ImportProgress): Promise<void> => {
    revision = (await importProgress.put(value, { expect: revision, facts }).catch(taken)).revision;
    kept = value;
  };
  const claim = async (value: ImportProgress): Promise<void> => {
    claimedMs = clock();
    const atWorkUntil = toInstant(claimedMs + AT_WORK_MS);
    await put({ ...value, atWorkUntil, expiresAt: value.expiresAt > atWorkUntil ? value.expiresAt : atWorkUntil });
  };
  await claim(kept);
  // One at a time: a batch is recorded while the rows of the next are taken.
  let turn: Promise<void> = Promise.resolve();
  const inTurn = (act: () => Promise<void>): Promise<void> => {
    turn = turn.then(act, act);
    return turn;
  };
  const letGo = async (): Promise<void> => {
    const { atWorkUntil: _, ...rest } = kept;
    if (rest.digest === '') await importProgress.remove(key, { expect: revision, facts });
    else await put(rest);
  };
  const renewed = () => (clock() - claimedMs > AT_WORK_MS / 3 ? inTurn(() => claim(kept)) : undefined);
  // By time too: a sender may take long over one line. What fails here is told by the next renewal.
  const renewing = setInterval(() => void renewed()?.catch(() => {}), AT_WORK_MS / 3).unref();
  return {
    before,
    renewed,
    keep: (progress) => inTurn(() => claim(progress)),
    // Whoever has taken it meanwhile keeps it.
    release: () => {
      clearInterval(renewing);
      return inTurn(letGo).catch(() => {});
    },
  };
}

/** @param digests of the lines up to the end of each batch, filled meanwhile */
async function* hashedRows(
  { vault }: AccessParts,
  rows: AsyncIterable<ImportRow> | Iterable<ImportRow>,
  before: ImportProgress | undefined,
  digests: Map<number, string>,
): AsyncGenerator<ImportRow> {
  // A plain hash of few lines would let their person numbers be guessed.
  const taken = (hash: Hash): string => vault.fingerprintOf(hash.digest('base64url'));
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
}
