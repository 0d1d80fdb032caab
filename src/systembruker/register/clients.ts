import { repeated } from '#access';
import { type Instant, type Orgnr, toInstant } from '#domain';
import { clientRef, isClientKey } from '#maskinporten';
import { ProblemError } from '#problem';
import type { ChangeFacts, Stored } from '#storage';
import type { SystemClient } from '../entities.js';
import { type FieldFault, fieldFault, SystembrukerFault } from '../faults.js';
import type { System, SystemId } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';
import { AT } from './sent-system.js';

const FIELD = `${AT}/clientid`;
/** So long the system of a place that was taken may still be in the writing. */
const IN_THE_WRITING_MS = 60_000;

/** The clients of a system that are new to it must be the vendor's own, each once. Faults are added. */
export async function checkClients(
  { store }: SystembrukerParts,
  vendor: Orgnr,
  clientIds: readonly string[],
  standing: readonly string[],
  faults: FieldFault[],
): Promise<void> {
  if (new Set(clientIds.map((id) => id.toLowerCase())).size < clientIds.length) faults.push(fieldFault('AUTH.VLD-00011', FIELD));
  const fresh = clientIds.filter((id) => !standing.includes(id));
  const possible = fresh.filter(isClientKey);
  const { documents } = await store.read(possible.map((id) => clientRef(store, id)));
  const own = documents.filter((found) => found?.value.active === true && found.value.orgnr === vendor);
  if (own.length < fresh.length) {
    const detail = 'A system names clients that its vendor has registered in Maskinporten, and that are in use.';
    faults.push(fieldFault('TILGANG.VLD-00001', FIELD, detail));
  }
}

/** Whom a client's place is taken for, and in which change. */
interface Taking {
  readonly systemId: SystemId;
  readonly at: Instant;
  readonly facts: ChangeFacts;
}

/**
 * Takes the places of clients for a system, does what writes the system, and gives back what was taken if that fails.
 * @throws SystembrukerFault `AUTH.VLD-00004` if a client has its place in another living system; what `write` throws
 */
export async function withClients<T>(
  parts: SystembrukerParts,
  fresh: readonly string[],
  taking: Taking,
  write: () => Promise<T>,
): Promise<T> {
  const taken: string[] = [];
  try {
    for (const clientId of fresh) {
      if (!(await repeated(() => take(parts, clientId, taking)))) throw new SystembrukerFault([fieldFault('AUTH.VLD-00004', FIELD)]);
      taken.push(clientId);
    }
    const written = await write();
    // Whoever wrote the same system at the same time may have given a place back that was theirs, too.
    for (const clientId of taken) await repeated(() => takeIfFree(parts, clientId, taking));
    return written;
  } catch (error) {
    // Not if it is unknown whether the system was written: it may have them, and else they are free in a minute.
    if (!(error instanceof ProblemError && error.entry.status >= 500)) await releaseClients(parts, taken, taking);
    throw error;
  }
}

/** Whether the system has the client's place now. @throws ProblemError `conflict` if somebody else was there at the same time */
async function take(parts: Pick<SystembrukerParts, 'store'>, clientId: string, { systemId, at, facts }: Taking): Promise<boolean> {
  const { systemClients } = collectionsOf(parts.store);
  const found = await systemClients.get(clientId);
  if (found !== undefined && found.value.systemId !== systemId && (await isHeld(parts, found, at))) return false;
  await systemClients.put({ clientId, systemId, at }, { expect: found?.revision ?? 'absent', facts });
  return true;
}

/** Puts back the place of a client that the system has by now. */
async function takeIfFree(parts: Pick<SystembrukerParts, 'store'>, clientId: string, taking: Taking): Promise<void> {
  if ((await collectionsOf(parts.store).systemClients.get(clientId)) === undefined) await take(parts, clientId, taking);
}

/** Whether a place counts: while the living system that it names has the client, or may be about to be written with it. */
async function isHeld({ store }: Pick<SystembrukerParts, 'store'>, { value }: Stored<SystemClient>, now: Instant): Promise<boolean> {
  const system = await collectionsOf(store).systems.get(value.systemId);
  if (system?.value.deleted !== undefined) return false;
  return hasClient(system?.value, value.clientId) || Date.parse(now) - Date.parse(value.at) < IN_THE_WRITING_MS;
}

/** Whether a living system has a client. */
export function hasClient(system: System | undefined, clientId: string): boolean {
  return system !== undefined && system.deleted === undefined && system.clientIds.includes(clientId);
}

/**
 * Gives the places back that the system had, but for those of clients that it has by now. What fails is no loss: a place counts for nothing by itself.
 * Looked at before, so that none is missing for a moment; and after, for whoever has written the system meanwhile.
 */
export async function releaseClients(
  parts: Pick<SystembrukerParts, 'store' | 'clock'>,
  clientIds: readonly string[],
  { systemId, facts }: Omit<Taking, 'at'>,
): Promise<void> {
  const { systemClients, systems } = collectionsOf(parts.store);
  const isKept = async (clientId: string): Promise<boolean> => hasClient((await systems.get(systemId))?.value, clientId);
  for (const clientId of clientIds) {
    const found = await systemClients.get(clientId);
    if (found?.value.systemId !== systemId || (await isKept(clientId))) continue;
    await systemClients.remove(clientId, { expect: found.revision, facts }).catch((error: unknown) => {
      if (!(error instanceof ProblemError) || error.slug !== 'conflict') throw error;
    });
    if (await isKept(clientId)) await repeated(() => takeIfFree(parts, clientId, { systemId, at: toInstant(parts.clock()), facts }));
  }
}
