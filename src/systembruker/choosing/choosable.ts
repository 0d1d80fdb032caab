import { organisations, type PageOf, type PageRange, pickedPage } from '#access';
import type { Orgnr } from '#domain';
import type { Stored } from '#storage';
import type { Asking } from '../administer/caller.js';
import { leaveFor } from '../administer/leave.js';
import { SystembrukerFault } from '../faults.js';
import type { System, SystemId } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';

/** The systems that a customer may choose by itself, in the order of their ids. @param request names the customer @param words each of which the names of a system or its vendor, or the vendor's number, must hold; blank: all @throws as leaveFor says */
export async function listChoosable(parts: SystembrukerParts, request: Asking, words: string, range: PageRange): Promise<PageOf<System>> {
  await leaveFor(parts, request, { action: 'system-user.list' });
  const wanted = foldedOf(words).split(/\s+/).filter(Boolean);
  const { store } = parts;
  return pickedPage(collectionsOf(store).systems, { index: 'visible' }, range, async (found) => {
    const systems = found.map(({ value }) => value);
    if (wanted.length === 0) return systems;
    const names = await namesOf(parts, found);
    return systems.filter(({ name, vendor }) => {
      const told = foldedOf([...Object.values(name), vendor, names.get(vendor) ?? ''].join(' '));
      return wanted.every((word) => told.includes(word));
    });
  });
}

/** One of them, or one of the customer's own. @param request names the customer @throws as leaveFor says; SystembrukerFault `AUTH-00011` */
export async function readChoosable(parts: SystembrukerParts, request: Asking, id: SystemId): Promise<System> {
  await leaveFor(parts, request, { action: 'system-user.list' });
  const found = KEY.test(id) ? (await collectionsOf(parts.store).systems.get(id))?.value : undefined;
  if (found === undefined || found.deleted !== undefined || !(found.isVisible || found.vendor === request.orgnr)) {
    throw new SystembrukerFault('AUTH-00011', { detail: 'There is no such system that customers can choose.' });
  }
  return found;
}

/** No other text can be a system's id. */
const KEY = /^\d{9}_[^\0\s]{1,200}$/;

function foldedOf(text: string): string {
  return text.normalize('NFC').toLocaleLowerCase('nb');
}

async function namesOf({ store }: SystembrukerParts, found: readonly Stored<System>[]): Promise<ReadonlyMap<Orgnr, string>> {
  const reading = await store.read([]);
  const vendors = [...new Set(found.map(({ value }) => value.vendor))];
  const registered = await Promise.all(vendors.map((orgnr) => reading.registry(store.collection(organisations), orgnr)));
  return new Map(registered.flatMap((one) => (one === undefined ? [] : [[one.value.orgnr, one.value.name] as const])));
}
