import {
  ADMIN_ROLES,
  type Administrators,
  type AdminRole,
  type BrukerId,
  ended,
  isHidden,
  type Orgnr,
  type PersonNumber,
  type RoleAssignment,
  toInstant,
} from '#domain';
import { type FieldFault, ProblemError } from '#problem';
import type { ChangeFacts, Stored } from '#storage';
import { type AccessParts, collectionsOf, everyOf } from '../parts.js';
import { repeated } from '../repeated.js';
import { type AdminRequest, authorize, type Clearance, judge, refuse } from './authorize.js';
import { checkPrecondition, type Precondition } from './precondition.js';

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
  return (administrators?.value.assignments ?? []).filter(({ withdrawn }) => withdrawn === undefined).map((one) => viewOf(parts, one));
}

/** One of them. @throws ProblemError as authorize says; `administrator-not-found` */
export async function readAdministrator(parts: AccessParts, request: AdminRequest, { orgnr, brukerId }: Whose): Promise<AdministratorView> {
  const { administrators } = await authorize(parts, request, { action: 'administrator.list', orgnr });
  return viewOf(parts, keptAssignment(administrators?.value, brukerId));
}

/**
 * Makes a person an administrator. What is already so stays as it is.
 * @throws ProblemError as authorize says; `administrator-exists`, `invalid-request`
 */
export async function appointAdministrator(
  parts: AccessParts,
  request: AdminRequest,
  orgnr: Orgnr | undefined,
  person: PersonNumber,
  terms: AssignmentTerms,
): Promise<{ readonly view: AdministratorView; readonly isNew: boolean }> {
  const brukerId = parts.vault.nameOf(person);
  return repeated(async () => {
    const clearance = await authorize(parts, request, { action: 'administrator.appoint', orgnr, administrator: { brukerId, ...terms } });
    await checkTerms(parts, clearance.organisation.orgnr, terms);
    const held = assignmentOf(clearance.administrators?.value, brukerId);
    const isOver = held === undefined || held.withdrawn !== undefined || (held.until !== undefined && held.until <= clearance.at);
    if (!isOver && isSame(held, terms)) return { view: viewOf(parts, held), isNew: false };
    if (!isOver) throw new ProblemError('administrator-exists');
    const assignment = assigned(terms, { brukerId, sealed: held?.sealed ?? parts.vault.seal(person, brukerId) }, clearance, held);
    await put(
      parts,
      clearance.organisation.orgnr,
      clearance.administrators,
      assignment,
      clearance.facts('administrator.appoint', terms.reason),
    );
    return { view: viewOf(parts, assignment), isNew: true };
  });
}

/**
 * Changes what an administrator may.
 * @param rewrite makes the new terms from the assignment as it stands
 * @throws ProblemError as authorize says; `administrator-not-found`, `precondition-failed`, `last-administrator`, `invalid-request`
 */
export async function changeAdministrator(
  parts: AccessParts,
  request: AdminRequest,
  whose: Whose,
  precondition: Precondition,
  rewrite: (assignment: RoleAssignment) => AssignmentTerms,
): Promise<AdministratorView> {
  return repeated(async () => {
    const { administrators: before } = await authorize(parts, request, { action: 'administrator.list', orgnr: whose.orgnr });
    const held = keptAssignment(before?.value, whose.brukerId);
    checkPrecondition(precondition, held.revision);
    const terms = rewrite(held);
    const { brukerId } = held;
    const act = { action: 'administrator.change', orgnr: whose.orgnr, administrator: { brukerId, ...terms }, held };
    const { sealed, givenBy, givenAt, revision } = held;
    const after = { brukerId, sealed, givenBy, givenAt, revision, ...terms };
    const standing = before?.value.assignments ?? [];
    const clearance = await authorize(parts, request, { ...act, standing, remaining: replaced(before?.value, after) });
    await checkTerms(parts, clearance.organisation.orgnr, terms);
    if (isSame(held, terms) && held.reason === terms.reason) return viewOf(parts, held);
    const assignment = assigned(terms, held, clearance, held);
    await put(parts, clearance.organisation.orgnr, before, assignment, clearance.facts('administrator.change', terms.reason));
    return viewOf(parts, assignment);
  });
}

/**
 * Removes an administrator; somebody who is none is no fault.
 * @throws ProblemError as authorize says; `precondition-failed`, `last-administrator`
 */
export async function removeAdministrator(
  parts: AccessParts,
  request: AdminRequest,
  { orgnr, brukerId }: Whose,
  precondition: Precondition,
  reason: string | undefined,
): Promise<void> {
  await repeated(async () => {
    const before = orgnr === undefined ? undefined : await collectionsOf(parts.store).administrators.get(orgnr);
    const held = brukerId === undefined ? undefined : assignmentOf(before?.value, brukerId);
    const isKept = held !== undefined && held.withdrawn === undefined;
    const standing = before?.value.assignments ?? [];
    const clearance = await authorize(parts, request, {
      action: 'administrator.remove',
      orgnr,
      ...(held === undefined ? {} : { held }),
      standing,
      remaining: standing.filter((one) => one.brukerId !== brukerId),
    });
    if (!isKept) return;
    checkPrecondition(precondition, held.revision);
    const { at, actor: by } = clearance;
    const assignment = ended(held, { at, by });
    await put(parts, clearance.organisation.orgnr, before, assignment, clearance.facts('administrator.remove', reason));
  });
}

/**
 * What the operator does for an organisation's first administrator: no policy is asked.
 * @throws ProblemError `organisation-not-found`
 */
export async function appointByOperator(
  parts: AccessParts,
  orgnr: Orgnr,
  person: PersonNumber,
  terms: AssignmentTerms,
): Promise<RoleAssignment> {
  const { organisations, administrators } = collectionsOf(parts.store);
  const brukerId = parts.vault.nameOf(person);
  return repeated(async () => {
    if ((await organisations.get(orgnr)) === undefined) throw new ProblemError('organisation-not-found');
    const before = await administrators.get(orgnr);
    const held = assignmentOf(before?.value, brukerId);
    if (held !== undefined && held.withdrawn === undefined && isSame(held, terms)) return held;
    const at = toInstant(parts.clock());
    const who = { brukerId, sealed: held?.sealed ?? parts.vault.seal(person, brukerId) };
    const assignment = assigned(terms, who, { at, actor: 'operator' }, held);
    await put(parts, orgnr, before, assignment, {
      action: 'administrator.appoint',
      at,
      actor: 'operator',
      onBehalfOf: orgnr,
      ...reasonOf(terms),
    });
    return assignment;
  });
}

/** The operator's removal, the last one too; answers whether the person was one. */
export async function removeByOperator(parts: AccessParts, orgnr: Orgnr, person: PersonNumber): Promise<boolean> {
  const brukerId = parts.vault.nameOf(person);
  return repeated(async () => {
    const before = await collectionsOf(parts.store).administrators.get(orgnr);
    const held = assignmentOf(before?.value, brukerId);
    if (held === undefined || held.withdrawn !== undefined) return false;
    const at = toInstant(parts.clock());
    const assignment = ended(held, { at, by: 'operator' });
    await put(parts, orgnr, before, assignment, { action: 'administrator.remove', at, actor: 'operator', onBehalfOf: orgnr });
    return true;
  });
}

/**
 * The organisations that a person may act for.
 * @throws ProblemError `security-level-too-low` if the log-in is too weak for any of them
 */
export async function organisationsOf(
  parts: AccessParts,
  request: AdminRequest,
  brukerId: BrukerId,
): Promise<readonly { readonly orgnr: Orgnr; readonly name: string; readonly roles: readonly AdminRole[] }[]> {
  const found: { orgnr: Orgnr; name: string; roles: readonly AdminRole[] }[] = [];
  for await (const document of everyOf(collectionsOf(parts.store).administrators, { index: 'bruker', equals: brukerId })) {
    const { orgnr } = document;
    const act = { action: 'organisation.read', orgnr };
    const { clearance, reasons, organisation } = await judge(parts, request, act);
    if (reasons.includes('security_level_too_low')) throw await refuse(parts, request, act, organisation, reasons);
    if (clearance === undefined) continue;
    found.push({ orgnr, name: clearance.organisation.name, roles: assignmentOf(document, brukerId)?.roles ?? [] });
  }
  return found;
}

export function assignmentOf(administrators: Administrators | undefined, brukerId: BrukerId): RoleAssignment | undefined {
  return administrators?.assignments.find((one) => one.brukerId === brukerId);
}

function keptAssignment(administrators: Administrators | undefined, brukerId: BrukerId | undefined): RoleAssignment {
  const held = brukerId === undefined ? undefined : assignmentOf(administrators, brukerId);
  if (held === undefined || held.withdrawn !== undefined) throw new ProblemError('administrator-not-found');
  return held;
}

function viewOf({ vault }: AccessParts, assignment: RoleAssignment): AdministratorView {
  return { assignment, person: vault.unseal(assignment.sealed, assignment.brukerId) };
}

function replaced(administrators: Administrators | undefined, assignment: RoleAssignment): readonly RoleAssignment[] {
  const { assignments = [] } = administrators ?? {};
  const at = assignments.findIndex(({ brukerId }) => brukerId === assignment.brukerId);
  return at === -1 ? [...assignments, assignment] : assignments.with(at, assignment);
}

function assigned(
  terms: AssignmentTerms,
  { brukerId, sealed }: Pick<RoleAssignment, 'brukerId' | 'sealed'>,
  { at, actor }: Pick<Clearance, 'at' | 'actor'>,
  held: RoleAssignment | undefined,
): RoleAssignment {
  const { roles, applications, mayGive } = terms;
  return {
    brukerId,
    sealed,
    ...terms,
    roles: [...roles].sort(),
    ...(applications === undefined ? {} : { applications: [...applications].sort() }),
    ...(mayGive === undefined ? {} : { mayGive: [...mayGive].sort() }),
    givenBy: actor,
    givenAt: at,
    revision: (held?.revision ?? 0) + 1,
  };
}

async function put(
  { store }: AccessParts,
  orgnr: Orgnr,
  before: Stored<Administrators> | undefined,
  assignment: RoleAssignment,
  facts: ChangeFacts,
): Promise<void> {
  const value = { orgnr, assignments: replaced(before?.value, assignment) };
  await collectionsOf(store).administrators.put(value, { expect: before?.revision ?? 'absent', facts });
}

function isSame(held: RoleAssignment, terms: AssignmentTerms): boolean {
  const list = (values: readonly string[] | undefined): string => (values === undefined ? '*' : [...values].sort().join(' '));
  return (
    list(held.roles) === list(terms.roles) &&
    list(held.applications) === list(terms.applications) &&
    list(held.mayGive) === list(terms.mayGive) &&
    held.from === terms.from &&
    held.until === terms.until
  );
}

function reasonOf({ reason }: AssignmentTerms): { readonly reason?: string } {
  return reason === undefined ? {} : { reason };
}

/** @throws ProblemError `invalid-request` for roles and applications that there are not */
async function checkTerms({ store }: AccessParts, orgnr: Orgnr, { roles, applications = [] }: AssignmentTerms): Promise<void> {
  const known = await collectionsOf(store).applications.getMany(applications);
  const at: FieldFault[] = [
    ...roles.flatMap((role, i) =>
      ADMIN_ROLES.includes(role) ? [] : [{ pointer: `/roller/${i}`, detail: 'is no role of an administrator' }],
    ),
    ...known.flatMap((one, i) =>
      one === undefined || isHidden(one.value, orgnr) ? [{ pointer: `/applikasjoner/${i}`, detail: 'is no application' }] : [],
    ),
  ];
  if (at.length > 0) throw new ProblemError('invalid-request', { at });
}
