import type { AppId, BrukerId, GrantDocument, Instant, Orgnr, RoleAssignment } from '#domain';
import { ProblemError } from '#problem';
import { assignmentOf, removeAdministrator } from '../administer/administrators.js';
import { type AdminRequest, authorize, type Clearance } from '../administer/authorize.js';
import { keptGrant, withdrawUnder } from '../administer/keep-grant.js';
import { checkPrecondition, type Precondition } from '../administer/precondition.js';
import { type GrantView, grantOf, viewsOf } from '../ask/held-roles.js';
import { grantsAt } from '../history/history.js';
import { type AccessParts, collectionsOf, documentKey, everyOf } from '../parts.js';
import { mayBeSeen } from './list-grants.js';

/** All that a person has in an organisation. */
export interface PersonView {
  readonly brukerId: BrukerId;
  readonly grants: readonly GrantView[];
  /** What the person administers, if anything. */
  readonly assignment: RoleAssignment | undefined;
  /** Grows with every change of any of it. */
  readonly revision: number;
}

interface Whose {
  readonly orgnr: Orgnr | undefined;
  /** `undefined` if what was sent is none. */
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
  const konsument = organisation.orgnr;
  if (brukerId === undefined) throw new ProblemError('not-found');
  await record(parts, clearance, brukerId);
  const documents = await documentsOf(parts, brukerId, applications);
  const kept = documents.filter((document) => keptGrant(document, konsument) !== undefined);
  const assignment = assignmentOf(administrators?.value, brukerId);
  return {
    brukerId,
    grants: await viewsOf(parts, kept, konsument, at),
    assignment: assignment?.withdrawn === undefined ? assignment : undefined,
    revision: revisionOf(documents, konsument, assignment),
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
  const { organisation, applications } = clearance;
  await record(parts, clearance, brukerId, at);
  return grantsAt(parts, await documentsOf(parts, brukerId, applications), organisation.orgnr, at);
}

/**
 * Withdraws all that a person has in an organisation, the administration of it too. May be repeated: what is gone stays gone.
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
  const konsument = clearance.organisation.orgnr;
  if (brukerId === undefined) return { withdrawn: 0 };
  const documents = await documentsOf(parts, brukerId, clearance.applications);
  const kept = documents.filter((document) => keptGrant(document, konsument) !== undefined);
  const assignment = assignmentOf(clearance.administrators?.value, brukerId);
  // One that has ended is nothing to remove.
  const isOver = assignment?.until !== undefined && assignment.until <= clearance.at;
  const administers = assignment !== undefined && assignment.withdrawn === undefined && !isOver;
  if (kept.length === 0 && !administers) return { withdrawn: 0 };
  checkPrecondition(precondition, revisionOf(documents, konsument, assignment));
  // First what may be refused.
  if (administers) await removeAdministrator(parts, request, { orgnr, brukerId }, 'any', reason);
  const outcomes = await Promise.all(
    kept.map(({ appId }) => withdrawUnder(parts, { orgnr: konsument, appId, brukerId }, clearance, reason)),
  );
  return { withdrawn: outcomes.filter(Boolean).length };
}

/** Who looked whom up is kept, also if there was nobody: that is what is asked when somebody has looked too much. */
async function record({ store }: AccessParts, clearance: Clearance, brukerId: BrukerId, at?: Instant): Promise<void> {
  const value = { orgnr: clearance.organisation.orgnr, actor: clearance.actor, brukerId, ...(at === undefined ? {} : { at }) };
  await collectionsOf(store).lookUps.put(value, { expect: 'any', facts: clearance.facts('person.look_up') });
}

/** A person has at most one document in each application, and applications are few: no index of persons is needed. */
async function documentsOf(
  { store }: AccessParts,
  brukerId: BrukerId,
  applications: ReadonlySet<AppId> | undefined,
): Promise<readonly GrantDocument[]> {
  const { applications: known, grantDocuments } = collectionsOf(store);
  const keys: string[] = [];
  for await (const { id } of everyOf(known)) if (mayBeSeen(applications, id)) keys.push(documentKey(id, brukerId));
  return (await grantDocuments.getMany(keys)).flatMap((stored) => (stored === undefined ? [] : [stored.value]));
}

function revisionOf(documents: readonly GrantDocument[], konsument: Orgnr, assignment: RoleAssignment | undefined): number {
  return documents.reduce((sum, document) => sum + (grantOf(document, konsument)?.revision ?? 0), assignment?.revision ?? 0);
}
