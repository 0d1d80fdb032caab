import { type GrantDocument, keptGrantOf, withoutGrant } from '#domain';
import type { Stored } from '#storage';
import type { AdminRequest, Clearance } from '../administer/authorize.js';
import { checkPrecondition, type Precondition } from '../administer/precondition.js';
import { type AccessParts, documentKey } from '../parts.js';
import { changeDocument } from './change-document.js';
import { clearedForGrant, type GrantPlace, keptGrantAt } from './grant-place.js';

/**
 * Withdraws a grant; the next decision no longer sees it. Nothing to withdraw is no fault.
 * @returns whether there was something to withdraw
 * @throws ProblemError as authorize says; `precondition-failed`
 */
export async function withdrawGrant(
  parts: AccessParts,
  request: AdminRequest,
  place: GrantPlace,
  precondition: Precondition,
  reason: string | undefined,
): Promise<boolean> {
  const clearance = await clearedForGrant(parts, request, place, 'grant.withdraw');
  const kept = await keptGrantAt(parts, clearance, place.brukerId);
  return kept !== undefined && withdrawUnder(parts, clearance, kept.stored, reason, precondition);
}

/**
 * Withdraws the organisation's grant in a document that has been read, under a clearance that covers it.
 * @returns whether there was something to withdraw
 * @throws ProblemError `precondition-failed`
 */
export async function withdrawUnder(
  parts: AccessParts,
  { organisation, at, actor, facts }: Clearance,
  read: Stored<GrantDocument>,
  reason: string | undefined,
  precondition: Precondition = 'any',
): Promise<boolean> {
  let withdrew = false;
  const withdraw = (before: GrantDocument | undefined): GrantDocument | undefined => {
    const held = keptGrantOf(before, organisation.orgnr);
    withdrew = held !== undefined;
    if (before === undefined || held === undefined) return before;
    checkPrecondition(precondition, held.revision);
    return withoutGrant(before, organisation.orgnr, { at, by: actor });
  };
  const { appId, brukerId } = read.value;
  await changeDocument(parts, documentKey(appId, brukerId), read, withdraw, facts('grant.withdraw', reason));
  return withdrew;
}
