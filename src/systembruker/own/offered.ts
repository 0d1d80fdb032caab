import { pickedPage } from '#access';
import type { Orgnr } from '#domain';
import { termsRef } from '#maskinporten';
import type { Asking } from '../administer/caller.js';
import { leaveFor } from '../administer/leave.js';
import type { AccessPackage, Resource } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';
import { delegationFaults } from '../users/index.js';

/** What a business may let a system of its own have. */
export interface Offered {
  readonly resources: readonly Resource[];
  readonly packages: readonly AccessPackage[];
  /** There is more: other words find it. */
  readonly isMore: boolean;
  /** Without that the organisation has no clients. */
  readonly hasSignedTerms: boolean;
}

/**
 * Services and packages that somebody of the organisation could give, and whose titles hold all of the words; whether this person can is judged when it does.
 * @param words blank: all
 * @param most of each
 * @throws as leaveFor says
 */
export async function listOffered(parts: SystembrukerParts, request: Asking, words: string, most: number): Promise<Offered> {
  const party = (await leaveFor(parts, request, { action: 'own-system.create' })).orgnr as Orgnr;
  const wanted = foldedOf(words).split(/\s+/).filter(Boolean);
  const isMeant = ({ title }: Resource | AccessPackage): boolean => {
    const told = foldedOf(Object.values(title).join(' '));
    return wanted.every((word) => told.includes(word));
  };
  const { resources, accessPackages } = collectionsOf(parts.store);
  const [active, range, nothing] = [{ index: 'active' }, { limit: most }, { type: 'standard' as const, party, rights: [], packages: [] }];
  const [
    services,
    packages,
    {
      documents: [terms],
    },
  ] = await Promise.all([
    pickedPage(resources, active, range, async (found) => {
      const meant = found.map(({ value }) => value).filter(isMeant);
      const faults = await delegationFaults(parts, { ...nothing, rights: meant.map(({ id }) => ({ resources: [id] })) });
      return meant.filter(({ id }) => !faults.some(({ right }) => right?.resources[0] === id));
    }),
    pickedPage(accessPackages, active, range, async (found) => {
      const meant = found.map(({ value }) => value).filter(isMeant);
      const faults = await delegationFaults(parts, { ...nothing, packages: meant.map(({ name }) => name) });
      return meant.filter(({ name }) => !faults.some((fault) => fault.package === name));
    }),
    parts.store.read([termsRef(parts.store, party)]),
  ]);
  const isMore = services.next !== undefined || packages.next !== undefined;
  return { resources: services.items, packages: packages.items, isMore, hasSignedTerms: terms !== undefined };
}

function foldedOf(text: string): string {
  return text.normalize('NFC').toLocaleLowerCase('nb');
}
