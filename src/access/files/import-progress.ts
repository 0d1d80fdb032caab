import { createHash, type Hash } from 'node:crypto';
import { DAY_MS, isFault, type Orgnr, present, toInstant } from '#domain';
import { ProblemError } from '#problem';
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
  /** Remembers what is durable. @param withdrawn present once the import is finished */
  record(report: ImportReport, faults: readonly ImportFault[], withdrawn?: number): Promise<void>;
}

/** Finds out how far the import under a key of this caller, for this organisation, has come. */
export async function openProgress(
  parts: AccessParts,
  { caller }: AdminRequest,
  konsument: Orgnr,
  idempotencyKey: string,
): Promise<Progress> {
  const { importProgress } = collectionsOf(parts.store);
  const who = `${actorOf(caller)} ${'clientId' in caller ? caller.clientId : ''}`;
  const key = createHash('sha256')
    .update(JSON.stringify([who, konsument, idempotencyKey]))
    .digest('base64url');
  const at = toInstant(parts.clock());
  const facts = { action: 'import.progress', at, actor: actorOf(caller) };
  const before = (await importProgress.get(key))?.value;
  const digests = new Map<number, string>();
  return {
    before,
    hashed: (rows) => hashedRows(parts, rows, before, digests),
    async record({ lines, given, changed, unchanged, refused }, faults, withdrawn) {
      const digest = digests.get(lines);
      if (digest === undefined || (withdrawn === undefined && lines <= (before?.lines ?? -1))) return;
      const expiresAt = toInstant(parts.clock() + DAY_MS);
      const counts = {
        given: given + (before?.given ?? 0),
        changed: changed + (before?.changed ?? 0),
        unchanged: unchanged + (before?.unchanged ?? 0),
        refused: refused + (before?.refused ?? 0),
        faults: [...(before?.faults ?? []), ...faults].slice(0, FAULTS_TOLD),
        ...present({ withdrawn }),
      };
      await importProgress.put({ key, expiresAt, lines, digest, ...counts }, { expect: 'any', facts });
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
