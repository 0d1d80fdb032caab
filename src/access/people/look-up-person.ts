import { type BrukerId, grantOf, type Instant, keptGrantOf, type Orgnr, present, type RoleAssignment } from '#domain';
import { ProblemError } from '#problem';
import { assignmentOf } from '../administer/administrators.js';
import { type AdminRequest, authorize, type Clearance } from '../administer/authorize.js';
import { isReached } from '../administer/clearances.js';
import { type GrantView, ownedBy, viewsAcross } from '../ask/grant-views.js';
import { grantsOfPersonAt } from '../history/past-grants.js';
import { type AccessParts, collectionsOf } from '../parts.js';
import { documentsOfPerson, revisionOfPerson } from './person-grants.js';

/** All that a person has in an organisation. */
export interface PersonView {
  readonly brukerId: BrukerId;
  readonly grants: readonly GrantView[];
  /** What the person administers, if anything. */
  readonly assignment: RoleAssignment | undefined;
  /** Grows with every change of any of it. */
  readonly revision: number;
}

/** A person in an organisation; what was sent and is no such name is `undefined`. */
export interface Whose {
  readonly orgnr: Orgnr | undefined;
  readonly brukerId: BrukerId | undefined;
}

/**
 * Everything that a person has in an organisation, in all applications that the caller may see. Somebody who is not known has nothing.
 * The look-up is an event of the organisation.
 * @throws ProblemError as authorize says; `not-found` if what was sent names nobody
 */
export async function lookUpPerson(parts: AccessParts, request: AdminRequest, { orgnr, brukerId }: Whose): Promise<PersonView> {
  const clearance = await authorize(parts, request, { action: 'person.look_up', orgnr });
  const { organisation, applications, administrators, at } = clearance;
  if (brukerId === undefined) throw new ProblemError('not-found');
  await recordLookUp(parts, clearance, brukerId);
  const found = await documentsOfPerson(parts, organisation.orgnr, brukerId);
  const documents = found.map(({ value }) => value).filter(({ appId }) => isReached(applications, appId));
  const kept = documents.filter((document) => keptGrantOf(document, organisation.orgnr) !== undefined);
  const assignment = assignmentOf(administrators?.value, brukerId);
  return {
    brukerId,
    grants: await viewsAcross(parts, organisation, ownedBy(organisation, kept), at),
    assignment: assignment?.withdrawn === undefined ? assignment : undefined,
    revision: revisionOfPerson(
      documents.map((document) => grantOf(document, organisation.orgnr)),
      assignment,
    ),
  };
}

/**
 * What a person had in an organisation at a moment in the past, from the events.
 * @throws ProblemError as authorize says
 */
export async function lookUpPersonAt(
  parts: AccessParts,
  request: AdminRequest,
  { orgnr, brukerId }: { readonly orgnr: Orgnr | undefined; readonly brukerId: BrukerId },
  at: Instant,
): Promise<readonly GrantView[]> {
  const clearance = await authorize(parts, request, { action: 'person.look_up', orgnr });
  await recordLookUp(parts, clearance, brukerId, at);
  const views = await grantsOfPersonAt(parts, clearance.organisation.orgnr, brukerId, at);
  return views.filter(({ appId }) => isReached(clearance.applications, appId));
}

/** Who looked whom up is kept, also if there was nobody: that is what is asked when somebody has looked too much. */
export async function recordLookUp({ store }: AccessParts, clearance: Clearance, brukerId: BrukerId, at?: Instant): Promise<void> {
  const value = { ...present({ at }), orgnr: clearance.organisation.orgnr, actor: clearance.actor, brukerId };
  await collectionsOf(store).lookUps.put(value, { expect: 'any', facts: clearance.facts('person.look_up') });
}
