import { grantOf, keptGrantOf } from '#domain';
import { assignmentOf, removeAdministrator } from '../administer/administrators.js';
import { type AdminRequest, authorize } from '../administer/authorize.js';
import { isReached } from '../administer/clearances.js';
import { checkPrecondition, type Precondition } from '../administer/precondition.js';
import { isOver } from '../ask/over.js';
import { withdrawUnder } from '../grants/withdraw-grant.js';
import { type AccessParts, collectionsOf, useKey } from '../parts.js';
import type { Whose } from './look-up-person.js';
import { documentsOfPerson, revisionOfPerson } from './person-grants.js';

/**
 * Withdraws all that a person has in an organisation, the administration of it too; when it was used last is forgotten. May be repeated: what is gone stays gone.
 * @returns how many grants were withdrawn
 * @throws ProblemError as authorize says, before anything is changed; `precondition-failed`, `last-administrator`
 */
export async function removePerson(
  parts: AccessParts,
  request: AdminRequest,
  { orgnr, brukerId }: Whose,
  precondition: Precondition,
  reason: string | undefined,
): Promise<{ readonly withdrawn: number }> {
  const clearance = await authorize(parts, request, { action: 'person.remove', orgnr });
  const { organisation, applications, administrators, at } = clearance;
  if (brukerId === undefined) return { withdrawn: 0 };
  const documents = (await documentsOfPerson(parts, organisation.orgnr, brukerId)).filter(({ value }) =>
    isReached(applications, value.appId),
  );
  const kept = documents.filter(({ value }) => keptGrantOf(value, organisation.orgnr) !== undefined);
  const assignment = assignmentOf(administrators?.value, brukerId);
  // One that is over is nothing to remove.
  const administers = assignment !== undefined && !(await isOver(parts.judge, assignment, at));
  if (kept.length === 0 && !administers) return { withdrawn: 0 };
  const grants = documents.map(({ value }) => grantOf(value, organisation.orgnr));
  checkPrecondition(precondition, revisionOfPerson(grants, assignment));
  // First what may be refused.
  if (administers) await removeAdministrator(parts, request, { orgnr, brukerId }, 'any', reason);
  const outcomes = await Promise.all(kept.map((stored) => withdrawUnder(parts, clearance, stored, reason)));
  const { grantUses } = collectionsOf(parts.store);
  const facts = clearance.facts('person.remove', reason);
  for (const { value } of documents) await grantUses.remove(useKey(value.appId, brukerId, organisation.orgnr), { expect: 'any', facts });
  return { withdrawn: outcomes.filter(Boolean).length };
}
