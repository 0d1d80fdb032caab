import { type AdminRequest, authorize } from '../administer/authorize.js';
import { type AccessParts, pagesOf } from '../parts.js';
import { keysInForce, type PersonSecrets, recordedSecrets } from '../person-secrets.js';
import { type RunningProcess, runningProcesses } from '../processes.js';
import type { SealedPlace } from './sealed-places.js';

/** How a sealing key stands: it seals; every process is to know it, since it will; values may still be under it; none are; or the store says nothing of it. */
export type KeyStanding = 'seals' | 'next' | 'former' | 'retired' | 'unknown';

/** The secrets of a store. */
export interface SecretsView {
  readonly keys: readonly {
    readonly id: string;
    readonly standing: KeyStanding;
    readonly isInFile: boolean;
    /** How many values are sealed under it. */
    readonly values: number;
  }[];
  /** Values that no key of the file opens. */
  readonly unreadable: number;
  readonly processes: readonly RunningProcess[];
}

/**
 * Under which keys how much is sealed, and which of them the processes at work know.
 * @param onProgress is told now and then how many values have been looked at
 * @throws ProblemError as authorize says
 */
export async function readSecrets(
  parts: AccessParts,
  request: AdminRequest,
  // biome-ignore lint/suspicious/noExplicitAny: as sealedPlaces.
  places: readonly SealedPlace<any>[],
  onProgress: (values: number) => void,
): Promise<SecretsView> {
  await authorize(parts, request, { action: 'secrets.read', orgnr: 'all' });
  const { store, vault } = parts;
  const record = (await recordedSecrets(store))?.value as PersonSecrets;
  const { seals, all } = keysInForce(record);
  const inFile = vault.keys.inFile();
  const counts = new Map<string, number>();
  let unreadable = 0;
  let looked = 0;
  for (const { entity, mapped } of places) {
    for await (const page of pagesOf(store.collection(entity))) {
      for (const { value } of page) {
        mapped(value, (sealed, boundTo) => {
          const id = vault.keys.open(sealed, boundTo)?.id;
          if (id === undefined) unreadable += 1;
          else counts.set(id, (counts.get(id) ?? 0) + 1);
          looked += 1;
          return sealed;
        });
      }
      onProgress(looked);
    }
  }
  const standing = (id: string): KeyStanding => {
    if (id === seals) return 'seals';
    if (id === record.next) return 'next';
    if (record.former?.includes(id) === true) return 'former';
    return record.retired?.includes(id) === true ? 'retired' : 'unknown';
  };
  const ids = [...new Set([...all, ...inFile, ...counts.keys()])];
  const keys = ids.map((id) => ({ id, standing: standing(id), isInFile: inFile.includes(id), values: counts.get(id) ?? 0 }));
  return { keys, unreadable, processes: await runningProcesses(store) };
}
