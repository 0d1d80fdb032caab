import type { Orgnr } from '#domain';
import type { Client } from '../nouns.js';
import { collectionsOf, type MaskinportenParts } from '../parts.js';
import { seatIn } from '../seat.js';

/** How many may take a place together before one of them is told of it. */
export const MOST_AT_ONCE = 200;

/**
 * A free place among the active clients of whoever keeps this one.
 * @throws ProblemError `quota-reached`
 */
export async function seatFor(
  { store, quotas }: MaskinportenParts,
  { id, orgnr, supplier }: Pick<Client, 'id' | 'orgnr'> & { readonly supplier?: Orgnr | undefined },
): Promise<number> {
  const most = quotas.clientsPerOrganisation;
  return seatIn(
    collectionsOf(store).clients,
    { of: supplier ?? orgnr, most, name: id },
    `An organisation may keep ${most} active clients: deactivate one that is no longer needed, or ask the operator for more.`,
  );
}
