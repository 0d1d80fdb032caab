import type { BrukerId, Grant, GrantDocument, Orgnr, RoleAssignment } from '#domain';
import type { Stored } from '#storage';
import { type AccessParts, collectionsOf, pagesOf, personIn } from '../parts.js';

/**
 * The documents of a person in which a konsument has a grant, or once had one. Found by the konsument's own index: what others have given to the
 * person, and how many applications there are, neither shows nor costs anything.
 */
export async function documentsOfPerson(
  { store }: AccessParts,
  konsument: Orgnr,
  brukerId: BrukerId,
): Promise<readonly Stored<GrantDocument>[]> {
  const { grantDocuments } = collectionsOf(store);
  const found: Stored<GrantDocument>[] = [];
  const own = { index: 'person', equals: personIn(konsument, brukerId) };
  for await (const page of pagesOf(grantDocuments, own)) found.push(...page);
  return found;
}

/** Counts every change of what a person has in an organisation: its grants, withdrawn ones too, and what is administered. */
export function revisionOfPerson(grants: readonly (Grant | undefined)[], assignment: RoleAssignment | undefined): number {
  return grants.reduce((sum, grant) => sum + (grant?.revision ?? 0), assignment?.revision ?? 0);
}
