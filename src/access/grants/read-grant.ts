import { ProblemError } from '#problem';
import type { AdminRequest } from '../administer/authorize.js';
import { surroundingsOf } from '../administer/clearances.js';
import { type GrantView, viewsIn } from '../ask/grant-views.js';
import type { AccessParts } from '../parts.js';
import { clearedForGrant, type GrantPlace, keptGrantAt } from './grant-place.js';

/** A grant that is kept. @throws ProblemError as authorize says; `grant-not-found` */
export async function readGrant(parts: AccessParts, request: AdminRequest, place: GrantPlace): Promise<GrantView> {
  const clearance = await clearedForGrant(parts, request, place, 'grant.read');
  const kept = await keptGrantAt(parts, clearance, place.brukerId);
  if (kept === undefined) throw new ProblemError('grant-not-found');
  const owned = { owner: kept.stored.value, grant: kept.grant };
  const [view] = await viewsIn(parts, surroundingsOf(clearance), [owned], clearance.at);
  return view as GrantView;
}
