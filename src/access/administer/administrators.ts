import {
  type Administrators,
  type AdminRole,
  type BrukerId,
  ended,
  type Orgnr,
  type PersonNumber,
  present,
  type RoleAssignment,
  toInstant,
} from '#domain';
import { type FieldFault, ProblemError } from '#problem';
import type { ChangeFacts } from '#storage';
import { type AccessParts, collectionsOf, everyOf } from '../parts.js';
import { repeated } from '../repeated.js';
import { type Act, ownOrganisation } from './act.js';
import { type AdminRequest, authorize, type Basis, type Clearance, judge, refuse } from './authorize.js';
import { checkPrecondition, type Precondition } from './precondition.js';
import { replaced, seated } from './seated.js';
import { readOrganisation } from './settings.js';

/** What an administrator is to be. */
export type AssignmentTerms = Pick<RoleAssignment, 'roles' | 'applications' | 'mayGive' | 'from' | 'until' | 'reason'>;

/** An administrator with the number that the others know the person by. */
export interface AdministratorView {
  readonly assignment: RoleAssignment;
  readonly person: PersonNumber;
}

interface Whose {
  readonly orgnr: Orgnr | undefined;
  readonly brukerId: BrukerId | undefined;
}

/** The administrators of an organisation. @throws ProblemError as authorize says */
export async function listAdministrators(
  parts: AccessParts,
  request: AdminRequest,
  orgnr: Orgnr | undefined,
): Promise<readonly AdministratorView[]> {
  const { administrators } = await authorize(parts, request, { action: 'administrator.list', orgnr });
  return (administrators?.value.assignments ?? []).filter(({ withdrawn }) => withdrawn === undefined).map((one) => unsealed(parts, one));
}

/** One of them. @throws ProblemError as authorize says; `administrator-not-found` */
export async function readAdministrator(parts: AccessParts, request: AdminRequest, { orgnr, brukerId }: Whose): Promise<AdministratorView> {
  const { administrators } = await authorize(parts, request, { action: 'administrator.list', orgnr });
  return unsealed(parts, keptAssignment(administrators?.value, brukerId));
}

/** Leave to make a person an administrator on these terms, and nothing else. @throws ProblemError as appointAdministrator does for it */
export async function leaveToAppoint(
  parts: AccessParts,
  request: AdminRequest,
  orgnr: Orgnr | undefined,
  person: PersonNumber,
  terms: AssignmentTerms,
): Promise<Clearance> {
  const brukerId = parts.vault.nameOf(person);
  const appointed = { ...terms, brukerId, sealed: '', givenBy: '', givenAt: toInstant(parts.clock()), revision: 0 };
  const act = {
    action: 'administrator.appoint',
    orgnr,
    whom: brukerId,
    administrator: { brukerId, ...terms },
    remaining: (standing: readonly RoleAssignment[]) => replaced(standing, appointed),
    ...namedIn(terms),
  };
  const clearance = await authorize(parts, request, act);
  checkNamed(clearance);
  return clearance;
}

/**
 * Makes a person an administrator. What is already so stays as it is. The operator's terms take the place of those that there are.
 * @returns the assignment, whether it is a new one, whether anything had to be written, and whether that leaves nobody who could undo everything
 * @throws ProblemError as authorize says; `administrator-exists`, `invalid-request`, `quota-reached`
 */
export async function appointAdministrator(
  parts: AccessParts,
  request: AdminRequest,
  orgnr: Orgnr | undefined,
  person: PersonNumber,
  terms: AssignmentTerms,
): Promise<{ readonly view: AdministratorView; readonly isNew: boolean; readonly isWritten: boolean; readonly strands: boolean }> {
  const brukerId = parts.vault.nameOf(person);
  return repeated(async () => {
    const clearance = await leaveToAppoint(parts, request, orgnr, person, terms);
    const { held, standing, strands } = clearance;
    if (held !== undefined && standing !== 'over' && saysTheSame(held, terms))
      return { view: unsealed(parts, held), isNew: false, isWritten: false, strands: false };
    if (standing === 'standing') throw new ProblemError('administrator-exists');
    const assignment = assigned(terms, { brukerId, sealed: held?.sealed ?? parts.vault.seal(person, brukerId) }, clearance, held);
    await put(parts, clearance, assignment, clearance.facts('administrator.appoint', terms.reason));
    return { view: unsealed(parts, assignment), isNew: standing !== 'open', isWritten: true, strands };
  });
}

/**
 * Changes what an administrator may.
 * @param rewrite makes the new terms from the assignment as it stands
 * @throws ProblemError as authorize says; `administrator-not-found`, `precondition-failed`, `last-administrator`, `invalid-request`, `quota-reached`
 */
export async function changeAdministrator(
  parts: AccessParts,
  request: AdminRequest,
  { orgnr, brukerId: whom }: Whose,
  precondition: Precondition,
  rewrite: (assignment: RoleAssignment) => AssignmentTerms,
): Promise<AdministratorView> {
  return repeated(async () => {
    const { basis } = await authorize(parts, request, { action: 'administrator.list', orgnr });
    const held = keptAssignment(basis.administrators?.value, whom);
    checkPrecondition(precondition, held.revision);
    const terms = rewrite(held);
    const { brukerId, sealed, givenBy, givenAt, revision } = held;
    const after = { brukerId, sealed, givenBy, givenAt, revision, ...terms };
    const clearance = await authorize(
      parts,
      request,
      {
        action: 'administrator.change',
        orgnr,
        whom,
        administrator: { brukerId, ...terms },
        remaining: (standing) => replaced(standing, after),
        ...namedIn(terms),
      },
      { ...basis, named: await applicationsNamed(parts, terms) },
    );
    checkNamed(clearance);
    if (saysTheSame(held, terms) && held.reason === terms.reason) return unsealed(parts, held);
    const assignment = assigned(terms, held, clearance, held);
    await put(parts, clearance, assignment, clearance.facts('administrator.change', terms.reason));
    return unsealed(parts, assignment);
  });
}

/**
 * Removes an administrator; somebody who is none is no fault.
 * @returns whether there was one to remove, and whether nobody is left who could undo everything
 * @throws ProblemError as authorize says; `precondition-failed`, `last-administrator`
 */
export async function removeAdministrator(
  parts: AccessParts,
  request: AdminRequest,
  { orgnr, brukerId: whom }: Whose,
  precondition: Precondition,
  reason: string | undefined,
): Promise<{ readonly wasOne: boolean; readonly strands: boolean }> {
  return repeated(async () => {
    const clearance = await authorize(parts, request, {
      action: 'administrator.remove',
      orgnr,
      whom,
      remaining: (standing) => standing.filter(({ brukerId }) => brukerId !== whom),
    });
    const { held, at, actor: by, strands } = clearance;
    if (held === undefined || held.withdrawn !== undefined) return { wasOne: false, strands: false };
    checkPrecondition(precondition, held.revision);
    await put(parts, clearance, ended(held, { at, by }), clearance.facts('administrator.remove', reason));
    return { wasOne: true, strands };
  });
}

/**
 * The organisations that the caller may act for: the one that a machine is, or those where a person administers something.
 * @throws ProblemError as authorize says; `security-level-too-low` if the log-in is too weak for any of them
 */
export async function listOwnOrganisations(
  parts: AccessParts,
  request: AdminRequest,
): Promise<readonly { readonly orgnr: Orgnr; readonly name: string; readonly roles: readonly AdminRole[] }[]> {
  const { caller } = request;
  if (caller.kind !== 'person') {
    const { orgnr, name } = await readOrganisation(parts, request, ownOrganisation(caller));
    return [{ orgnr, name, roles: [] }];
  }
  const { administrators, organisations: registered } = collectionsOf(parts.store);
  const own: { readonly orgnr: Orgnr; readonly assignments: readonly RoleAssignment[] }[] = [];
  for await (const document of everyOf(administrators, { index: 'bruker', equals: caller.brukerId })) {
    const { orgnr, assignments } = document;
    own.push({ orgnr, assignments: assignments.filter(({ brukerId }) => brukerId === caller.brukerId) });
  }
  const [first] = own;
  if (first === undefined) return [];
  const act = { action: 'organisation.list', orgnr: 'all', organisations: own } as const;
  const { clearance, reasons } = await judge(parts, request, act);
  if (clearance === undefined) throw await refuse(parts, request, { action: 'organisation.read', orgnr: first.orgnr }, first, reasons);
  const listed = own.filter((_, i) => clearance.organisationFaults[i]?.length === 0);
  const known = await registered.getMany(listed.map(({ orgnr }) => orgnr));
  return listed.flatMap(({ orgnr, assignments: [assignment] }, i) => {
    const organisation = known[i]?.value;
    return organisation === undefined ? [] : [{ orgnr, name: organisation.name, roles: assignment?.roles ?? [] }];
  });
}

/** Somebody's assignment among those of an organisation, withdrawn or not. */
export function assignmentOf(administrators: Administrators | undefined, brukerId: BrukerId): RoleAssignment | undefined {
  return administrators?.assignments.find((one) => one.brukerId === brukerId);
}

function keptAssignment(administrators: Administrators | undefined, brukerId: BrukerId | undefined): RoleAssignment {
  const held = brukerId === undefined ? undefined : assignmentOf(administrators, brukerId);
  if (held === undefined || held.withdrawn !== undefined) throw new ProblemError('administrator-not-found');
  return held;
}

function unsealed({ vault }: AccessParts, assignment: RoleAssignment): AdministratorView {
  return { assignment, person: vault.unseal(assignment.sealed, assignment.brukerId) };
}

function assigned(
  terms: AssignmentTerms,
  { brukerId, sealed }: Pick<RoleAssignment, 'brukerId' | 'sealed'>,
  { at, actor }: Clearance,
  held: RoleAssignment | undefined,
): RoleAssignment {
  const inOrder = <T>(values: readonly T[] | undefined): readonly T[] | undefined => values && [...values].sort();
  return present({
    brukerId,
    sealed,
    ...terms,
    roles: [...terms.roles].sort(),
    applications: inOrder(terms.applications),
    mayGive: inOrder(terms.mayGive),
    givenBy: actor,
    givenAt: at,
    revision: (held?.revision ?? 0) + 1,
  });
}

async function put({ store, quotas }: AccessParts, clearance: Clearance, assignment: RoleAssignment, facts: ChangeFacts): Promise<void> {
  const { organisation, administrators: before } = clearance;
  const assignments = seated(before?.value.assignments ?? [], assignment, quotas.administratorsPerOrganisation);
  const value = { orgnr: organisation.orgnr, assignments };
  await collectionsOf(store).administrators.put(value, { expect: before?.revision ?? 'absent', facts });
}

/** Whether the assignment is already on these terms, in whatever order; another reason alone is no other assignment. */
function saysTheSame(held: RoleAssignment, terms: AssignmentTerms): boolean {
  const list = (values: readonly string[] | undefined): string => (values === undefined ? '*' : [...values].sort().join(' '));
  return (
    list(held.roles) === list(terms.roles) &&
    list(held.applications) === list(terms.applications) &&
    list(held.mayGive) === list(terms.mayGive) &&
    held.from === terms.from &&
    held.until === terms.until
  );
}

function namedIn({ applications }: AssignmentTerms): Pick<Act, 'named'> {
  return present({ named: applications });
}

function applicationsNamed({ store }: AccessParts, { applications = [] }: AssignmentTerms): Promise<Basis['named']> {
  return applications.length === 0 ? Promise.resolve([]) : collectionsOf(store).applications.getMany(applications);
}

/** @throws ProblemError `invalid-request` for applications that there are not for the organisation */
function checkNamed({ shown }: Clearance): void {
  const at = shown.flatMap((isShown, i): FieldFault[] =>
    isShown ? [] : [{ pointer: `/applikasjoner/${i}`, detail: 'must be the App-ID of an application on offer here' }],
  );
  if (at.length > 0) throw new ProblemError('invalid-request', { at });
}
