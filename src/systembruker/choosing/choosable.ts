import { type PageOf, type PageRange, pickedPage } from '#access';
import type { Orgnr } from '#domain';
import { namesOf } from '#maskinporten';
import type { Stored } from '#storage';
import type { Asking } from '../administer/caller.js';
import { leaveFor } from '../administer/leave.js';
import { SystembrukerFault } from '../faults.js';
import type { System, SystemId } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';
import { systemNamed } from '../register/named.js';
import { ofVendorsThatGoOn } from '../users/known.js';

/** The systems that a customer may choose by itself, in the order of their ids. @param request names the customer @param words each of which the names of a system or its vendor, or the vendor's number, must hold; blank: all @throws as leaveFor says */
export async function listChoosable(parts: SystembrukerParts, request: Asking, words: string, range: PageRange): Promise<PageOf<System>> {
  await leaveFor(parts, request, { action: 'system-user.list' });
  const wanted = foldedOf(words).split(/\s+/).filter(Boolean);
  const { store } = parts;
  return pickedPage(collectionsOf(store).systems, { index: 'visible' }, range, async (found) => {
    const systems = (await ofVendorsThatGoOn(store, found)).map(({ value }) => value);
    if (wanted.length === 0) return systems;
    const names = await namesOf(
      parts,
      systems.map(({ vendor }) => vendor),
    );
    return systems.filter(({ name, vendor }) => {
      const told = foldedOf([...Object.values(name), vendor, names.get(vendor) ?? ''].join(' '));
      return wanted.every((word) => told.includes(word));
    });
  });
}

/** One of them, or one of the customer's own. @param request names the customer @throws as leaveFor says; SystembrukerFault `AUTH-00011` */
export async function readChoosable(parts: SystembrukerParts, request: Asking, id: SystemId): Promise<System> {
  await leaveFor(parts, request, { action: 'system-user.list' });
  return choosableBy(request.orgnr, await systemNamed(parts, id));
}

/** Holds that a customer may choose the system by itself: one that is shown to all, or one of its own. @throws SystembrukerFault `AUTH-00011` */
export function choosableBy(orgnr: Orgnr | undefined, found: Stored<System> | undefined): System {
  if (found === undefined || found.value.deleted !== undefined || !(found.value.isVisible || found.value.vendor === orgnr)) {
    throw new SystembrukerFault('AUTH-00011', { detail: 'There is no such system that customers can choose.' });
  }
  return found.value;
}

function foldedOf(text: string): string {
  return text.normalize('NFC').toLocaleLowerCase('nb');
}
