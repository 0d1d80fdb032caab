import {
  type AppId,
  type Application,
  type BrukerId,
  type Grant,
  type GrantDocument,
  type GrantSource,
  type Instant,
  type Orgnr,
  type PersonNumber,
  toInstant,
} from '#domain';
import { type FieldFault, ProblemError } from '#problem';
import { type GrantView, grantOf, viewsOf } from '../ask/held-roles.js';
import { type AccessParts, collectionsOf, documentKey } from '../parts.js';
import { type AdminRequest, authorize, type Clearance, type JudgedGrant, refuse } from './authorize.js';
import { changeDocument } from './change-document.js';
import { type GrantOrder, isSame, withGrant, withoutGrant } from './give-grants.js';
import { checkPrecondition, type Precondition } from './precondition.js';

/** Whose grant: one person's, in one application, by one konsument. */
export interface GrantPlace {
  readonly orgnr: Orgnr | undefined;
  readonly appId: AppId | undefined;
  readonly brukerId: BrukerId | undefined;
}

/** What a grant is to say. */
export type GrantTerms = Pick<Grant, 'roles' | 'from' | 'until' | 'reason'>;

const DAY_MS = 86_400_000;

/** What the policy is told of a grant on these terms. */
export function judgedGrant(
  subject: BrukerId,
  { roles, from, until }: GrantTerms,
  now: Instant,
  place?: JudgedGrant['place'],
): JudgedGrant {
  const begins = from === undefined || from < now ? now : from;
  const days = until === undefined ? {} : { until, days: (Date.parse(until) - Date.parse(begins)) / DAY_MS };
  return { ...(place === undefined ? {} : { place }), subject, roles, ...days };
}

/**
 * Gives a person access, for whoever may. What is already so stays as it is.
 * @returns the grant, and whether it is new
 * @throws ProblemError as authorize says; `invalid-request` for roles that the application does not know; `grant-exists`
 */
export async function giveGrant(
  parts: AccessParts,
  request: AdminRequest,
  place: { readonly orgnr: Orgnr | undefined; readonly appId: AppId | undefined },
  person: PersonNumber,
  terms: GrantTerms,
): Promise<{ readonly view: GrantView; readonly isNew: boolean }> {
  const brukerId = parts.vault.nameOf(person);
  const { orgnr, appId, clearance } = await cleared(parts, request, { ...place, brukerId }, 'grant.give', terms);
  const now = clearance.at;
  const order: GrantOrder = { appId, person, brukerId, konsument: orgnr, ...terms, roles: [...terms.roles].sort() };
  const giver = { givenBy: clearance.actor, givenAt: now, source: sourceOf(request) };
  let isNew = false;
  const after = await change(parts, { appId, brukerId }, clearance, 'grant.give', terms.reason, (before) => {
    const held = grantOf(before, orgnr);
    const isOver = held?.withdrawn !== undefined || (held?.until !== undefined && held.until <= now);
    if (held !== undefined && !isOver && !isSame(held, order)) throw new ProblemError('grant-exists');
    const after = withGrant(parts, before, order, giver).document;
    isNew = after !== before;
    return after;
  });
  return { view: await viewOf(parts, after, orgnr, now), isNew };
}

/** A grant that is kept. @throws ProblemError as authorize says; `grant-not-found` */
export async function readGrant(parts: AccessParts, request: AdminRequest, place: GrantPlace): Promise<GrantView> {
  const { orgnr, document } = await read(parts, request, place);
  return viewOf(parts, document, orgnr, toInstant(parts.clock()));
}

/**
 * Changes the terms of a grant.
 * @param rewrite makes the new terms from the grant as it stands
 * @throws ProblemError as authorize says; `grant-not-found`, `precondition-failed`, `invalid-request`
 */
export async function changeGrant(
  parts: AccessParts,
  request: AdminRequest,
  place: GrantPlace,
  precondition: Precondition,
  rewrite: (grant: Grant) => GrantTerms,
): Promise<GrantView> {
  const { orgnr, appId, brukerId, document } = await read(parts, request, place);
  const held = keptGrant(document, orgnr) as Grant;
  checkPrecondition(precondition, held.revision);
  const terms = rewrite(held);
  const { clearance } = await cleared(parts, request, place, 'grant.change', terms);
  const giver = { givenBy: clearance.actor, givenAt: clearance.at, source: sourceOf(request) };
  const after = await change(parts, { appId, brukerId }, clearance, 'grant.change', terms.reason, (before) => {
    const now = keptGrant(before, orgnr);
    if (before === undefined || now === undefined) throw new ProblemError('grant-not-found');
    // Judged by the terms that were read: whoever was faster has to be read again.
    if (now.revision !== held.revision) throw new ProblemError('precondition-failed');
    if (isSame(now, terms) && now.reason === terms.reason) return before;
    const grant: Grant = { konsument: orgnr, ...terms, roles: [...terms.roles].sort(), ...giver, revision: now.revision + 1 };
    return { ...before, grants: before.grants.map((one) => (one === now ? grant : one)) };
  });
  return viewOf(parts, after, orgnr, toInstant(parts.clock()));
}

/**
 * Withdraws a grant; the next decision no longer sees it. Nothing to withdraw is no fault.
 * @throws ProblemError as authorize says; `precondition-failed`
 */
export async function withdrawKeptGrant(
  parts: AccessParts,
  request: AdminRequest,
  place: GrantPlace,
  precondition: Precondition,
  reason: string | undefined,
): Promise<void> {
  const { orgnr, appId, clearance } = await cleared(parts, request, place, 'grant.withdraw');
  const { brukerId } = place;
  if (brukerId === undefined) return;
  await withdrawUnder(parts, { orgnr, appId, brukerId }, clearance, reason, precondition);
}

/** Withdraws what a clearance already covers; answers whether there was something. */
export async function withdrawUnder(
  parts: AccessParts,
  { orgnr, appId, brukerId }: { readonly orgnr: Orgnr; readonly appId: AppId; readonly brukerId: BrukerId },
  clearance: Clearance,
  reason: string | undefined,
  precondition: Precondition = 'any',
): Promise<boolean> {
  let withdrew = false;
  const { at, actor } = clearance;
  await change(parts, { appId, brukerId }, clearance, 'grant.withdraw', reason, (before) => {
    const held = keptGrant(before, orgnr);
    withdrew = held !== undefined;
    if (before === undefined || held === undefined) return before;
    checkPrecondition(precondition, held.revision);
    return withoutGrant(before, held, { at, by: actor });
  });
  return withdrew;
}

export function keptGrant(document: GrantDocument | undefined, konsument: Orgnr): Grant | undefined {
  const grant = grantOf(document, konsument);
  return grant?.withdrawn === undefined ? grant : undefined;
}

/** @throws ProblemError `invalid-request` that names each role that is none of the application's */
export function checkRoles(application: Application, roles: readonly string[], pointer: string): void {
  const at = roles.flatMap((role, i): FieldFault[] =>
    application.roles.includes(role) ? [] : [{ pointer: `${pointer}/${i}`, detail: 'is no role of the application' }],
  );
  if (at.length > 0) throw new ProblemError('invalid-request', { at });
}

function sourceOf({ caller }: AdminRequest): GrantSource {
  return caller.kind === 'person' || caller.kind === 'operator' ? caller.kind : 'machine';
}

async function read(
  parts: AccessParts,
  request: AdminRequest,
  place: GrantPlace,
): Promise<{ orgnr: Orgnr; appId: AppId; brukerId: BrukerId; document: GrantDocument }> {
  const { orgnr, appId } = await cleared(parts, request, place, 'grant.read');
  const { brukerId } = place;
  const document = brukerId === undefined ? undefined : (await documentAt(parts, appId, brukerId))?.value;
  if (brukerId === undefined || document === undefined || keptGrant(document, orgnr) === undefined)
    throw new ProblemError('grant-not-found');
  return { orgnr, appId, brukerId, document };
}

function documentAt({ store }: AccessParts, appId: AppId, brukerId: BrukerId) {
  return collectionsOf(store).grantDocuments.get(documentKey(appId, brukerId));
}

/** Asks for leave about a grant, on these terms if it is to be changed. */
async function cleared(
  parts: AccessParts,
  request: AdminRequest,
  { orgnr, appId, brukerId }: GrantPlace,
  action: string,
  terms?: GrantTerms,
): Promise<{ readonly orgnr: Orgnr; readonly appId: AppId; readonly clearance: Clearance }> {
  const act = { action, orgnr, about: { appId } };
  const isJudged = terms !== undefined && brukerId !== undefined;
  const grants = isJudged ? [judgedGrant(brukerId, terms, toInstant(parts.clock()))] : [];
  const clearance = await authorize(parts, request, { ...act, grants });
  const [faults = []] = clearance.grantFaults;
  // Which of the roles is named below.
  if (faults.length > 0 && faults[0] !== 'role_unknown') throw await refuse(parts, request, act, clearance.organisation, faults);
  const { value: application } = clearance.application as { readonly value: Application };
  if (terms !== undefined) checkRoles(application, terms.roles, '/roller');
  return { orgnr: clearance.organisation.orgnr, appId: application.id, clearance };
}

/** Changes the document and answers it as it is then. */
async function change(
  parts: AccessParts,
  { appId, brukerId }: { readonly appId: AppId; readonly brukerId: BrukerId },
  clearance: Clearance,
  action: string,
  reason: string | undefined,
  rewrite: (before: GrantDocument | undefined) => GrantDocument | undefined,
): Promise<GrantDocument | undefined> {
  let after: GrantDocument | undefined;
  await changeDocument(
    parts,
    documentKey(appId, brukerId),
    await documentAt(parts, appId, brukerId),
    (before) => {
      after = rewrite(before);
      return after;
    },
    clearance.facts(action, reason),
  );
  return after;
}

async function viewOf(parts: AccessParts, document: GrantDocument | undefined, orgnr: Orgnr, now: Instant): Promise<GrantView> {
  const [view] = document === undefined ? [] : await viewsOf(parts, [document], orgnr, now);
  if (view === undefined) throw new ProblemError('grant-not-found');
  return view;
}
