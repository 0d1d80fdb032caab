import { type AppId, type Day, type GrantDocument, type Instant, keptGrantOf, type Orgnr, toInstant } from '#domain';
import type { Stored } from '#storage';
import { type AdminRequest, authorize } from '../administer/authorize.js';
import { clearedApplication, isReached, surroundingsOf } from '../administer/clearances.js';
import { type GrantView, ownedBy, viewsAcross, viewsIn } from '../ask/grant-views.js';
import { type PageOf, type PageRange, pickedPage } from '../pages.js';
import { type AccessParts, collectionsOf, endingIndex, konsumentIndex } from '../parts.js';
import { unusedSince } from '../uses/note-uses.js';

/**
 * The grants of a konsument in an application that are not withdrawn, in a stable order.
 * @param since only those that have not been used since that day, as far as is known
 * @throws ProblemError as authorize says
 */
export async function listGrants(
  parts: AccessParts,
  request: AdminRequest,
  { orgnr, appId, since }: { readonly orgnr: Orgnr | undefined; readonly appId: AppId | undefined; readonly since?: Day },
  range: PageRange,
): Promise<PageOf<GrantView>> {
  const clearance = await authorize(parts, request, { action: 'grant.list', orgnr, about: { appId } });
  const { organisation, at } = clearance;
  const where = { index: 'konsument', equals: konsumentIndex(organisation.orgnr, clearedApplication(clearance).id, 'kept') };
  const isListed = since === undefined ? () => true : await unusedSince(parts.store, since);
  return pickedPage(collectionsOf(parts.store).grantDocuments, where, range, async (documents) => {
    const views = await viewsIn(parts, surroundingsOf(clearance), ownedBy(organisation, documents.map(valueOf)), at);
    return views.filter(({ grant, lastUsed }) => isListed(grant, lastUsed));
  });
}

/**
 * The grants of a konsument that end before a moment, in all applications that the caller may see, the soonest first.
 * @throws ProblemError as authorize says
 */
export async function listEndingGrants(
  parts: AccessParts,
  request: AdminRequest,
  orgnr: Orgnr | undefined,
  until: Instant,
  range: PageRange,
): Promise<PageOf<GrantView>> {
  const { organisation, applications, at } = await authorize(parts, request, { action: 'grant.list', orgnr });
  const konsument = organisation.orgnr;
  const where = { index: 'ending', from: endingIndex(konsument, toInstant(parts.clock())), until: endingIndex(konsument, until) };
  return pickedPage(collectionsOf(parts.store).grantDocuments, where, range, (documents) => {
    const own = documents.map(valueOf).filter((one) => isReached(applications, one.appId) && keptGrantOf(one, konsument) !== undefined);
    return viewsAcross(parts, organisation, ownedBy(organisation, own), at);
  });
}

function valueOf({ value }: Stored<GrantDocument>): GrantDocument {
  return value;
}
