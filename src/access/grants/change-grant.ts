import { type Grant, type GrantDocument, type GrantTerms, givesThat, keptGrantOf, withGrant } from '#domain';
import { ProblemError } from '#problem';
import type { AdminRequest } from '../administer/authorize.js';
import { sourceOf, surroundingsOf } from '../administer/clearances.js';
import { checkPrecondition, type Precondition } from '../administer/precondition.js';
import { type GrantView, ownedBy, viewsIn } from '../ask/grant-views.js';
import { type AccessParts, documentKey } from '../parts.js';
import { changeDocument } from './change-document.js';
import { clearedForGrant, type GrantPlace, keptGrantAt } from './grant-place.js';

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
  const kept = await keptGrantAt(parts, await clearedForGrant(parts, request, place, 'grant.read'), place.brukerId);
  if (kept === undefined) throw new ProblemError('grant-not-found');
  const { stored, grant: held } = kept;
  checkPrecondition(precondition, held.revision);
  const terms = rewrite(held);
  const clearance = await clearedForGrant(parts, request, place, 'grant.change', terms);
  const { organisation, at, actor } = clearance;
  const change = (before: GrantDocument | undefined): GrantDocument => {
    const now = keptGrantOf(before, organisation.orgnr);
    if (before === undefined || now === undefined) throw new ProblemError('grant-not-found');
    // Judged by the terms that were read: whoever was faster has to be read again.
    if (now.revision !== held.revision) throw new ProblemError('precondition-failed');
    if (givesThat(now, terms) && now.reason === terms.reason) return before;
    const sorted = { ...terms, roles: [...terms.roles].sort() };
    return withGrant(before, organisation.orgnr, sorted, { givenBy: actor, givenAt: at, source: sourceOf(request) });
  };
  const key = documentKey(stored.value.appId, stored.value.brukerId);
  const after = await changeDocument(parts, key, stored, change, clearance.facts('grant.change', terms.reason));
  const [view] = await viewsIn(parts, surroundingsOf(clearance), ownedBy(organisation, [after as GrantDocument]), at);
  return view as GrantView;
}
