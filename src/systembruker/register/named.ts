import type { Store, Stored } from '#storage';
import type { System, SystemId } from '../nouns.js';
import { collectionsOf } from '../parts.js';

/** Whether there may be a system of this id: no other text is a key of the store. */
export function isSystemId(text: string): text is SystemId {
  return /^[0-9]{9}_[^\s\0]{1,200}$/u.test(text) && text.isWellFormed();
}

/** The system of an id that somebody has sent, with its revision; a deleted one too. */
export async function systemNamed({ store }: { readonly store: Store }, id: string): Promise<Stored<System> | undefined> {
  return isSystemId(id) ? collectionsOf(store).systems.get(id) : undefined;
}
