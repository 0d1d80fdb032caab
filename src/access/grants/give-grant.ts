import { type AppId, type GrantDocument, type GrantTerms, givesThat, grantOf, type Orgnr, type PersonNumber, withGrant } from '#domain';
import { ProblemError } from '#problem';
import type { AdminRequest, Clearance } from '../administer/authorize.js';
import { clearedApplication, sourceOf, surroundingsOf } from '../administer/clearances.js';
import { type GrantView, ownedBy, viewsIn } from '../ask/grant-views.js';
import { isOver } from '../ask/over.js';
import { type AccessParts, collectionsOf, documentKey } from '../parts.js';
import { changeDocument } from './change-document.js';
import { clearedForGrant } from './grant-place.js';

/** Leave to give a person access on these terms, and nothing else. @throws ProblemError as giveGrant does for it */
export function leaveToGive(
  parts: AccessParts,
  request: AdminRequest,
  place: { readonly orgnr: Orgnr | undefined; readonly appId: AppId | undefined },
  person: PersonNumber,
  terms: GrantTerms,
): Promise<Clearance> {
  return clearedForGrant(parts, request, { ...place, brukerId: parts.vault.nameOf(person) }, 'grant.give', terms);
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
  const { store, vault, judge } = parts;
  const brukerId = vault.nameOf(person);
  const clearance = await leaveToGive(parts, request, place, person, terms);
  const { organisation, at, actor } = clearance;
  const { id: appId } = clearedApplication(clearance);
  const sorted = { ...terms, roles: [...terms.roles].sort() };
  const key = documentKey(appId, brukerId);
  let isNew = false;
  const give = async (before: GrantDocument | undefined): Promise<GrantDocument> => {
    const held = grantOf(before, organisation.orgnr);
    isNew = held === undefined || !givesThat(held, sorted);
    if (before !== undefined && !isNew) return before;
    if (held !== undefined && !(await isOver(judge, held, at))) throw new ProblemError('grant-exists');
    const document = before ?? { appId, brukerId, sealed: vault.seal(person, brukerId), grants: [] };
    return withGrant(document, organisation.orgnr, sorted, { givenBy: actor, givenAt: at, source: sourceOf(request) });
  };
  const read = await collectionsOf(store).grantDocuments.get(key);
  const after = await changeDocument(parts, key, read, give, clearance.facts('grant.give', terms.reason));
  const [view] = await viewsIn(parts, surroundingsOf(clearance), ownedBy(organisation, [after as GrantDocument]), at);
  return { view: view as GrantView, isNew };
}
