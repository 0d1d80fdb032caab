import type { Store, Stored } from '#storage';
import type { Asking } from '../administer/caller.js';
import { type Leave, leaveFor } from '../administer/leave.js';
import { SystembrukerFault } from '../faults.js';
import type { System, SystemId } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';

/** A system with its revision. */
export type SystemView = Stored<System>;

/** Whether there may be a system of this id: no other text is a key of the store. */
export function isSystemId(text: string): text is SystemId {
  return /^[0-9]{9}_[^\s\0]{1,200}$/u.test(text) && text.isWellFormed();
}

/** The system of an id that somebody has sent, with its revision; a deleted one too. */
export async function systemNamed({ store }: { readonly store: Store }, id: string): Promise<SystemView | undefined> {
  return isSystemId(id) ? collectionsOf(store).systems.get(id) : undefined;
}

/**
 * Leave for an act on a system, with the system as it stands.
 * @param isLiving one that is deleted is taken for none
 * @throws ProblemError and SystembrukerFault as leaveFor says; `AUTH-00011`
 */
export async function leaveForSystem(
  parts: SystembrukerParts,
  request: Asking,
  id: string,
  action: string,
  { isLiving = false }: { readonly isLiving?: boolean } = {},
): Promise<Leave & { readonly before: SystemView }> {
  const found = await systemNamed(parts, id);
  const before = isLiving && found?.value.deleted !== undefined ? undefined : found;
  const leave = await leaveFor(parts, request, { action, object: { exists: before !== undefined, vendor: before?.value.vendor } });
  if (before === undefined) throw new SystembrukerFault('AUTH-00011');
  return { ...leave, before };
}
