import { type AppId, type Instant, type Orgnr, toInstant } from '#domain';
import { type AdminRequest, authorize } from '../administer/authorize.js';
import { keptGrant } from '../administer/keep-grant.js';
import { type GrantView, viewsOf } from '../ask/held-roles.js';
import { type PageOf, type PageRange, pickedPage } from '../pages.js';
import { type AccessParts, collectionsOf, endingIndex, konsumentIndex } from '../parts.js';

/**
 * The grants of a konsument in an application that are not withdrawn, in a stable order.
 * @throws ProblemError as authorize says
 */
export async function listGrants(
  parts: AccessParts,
  request: AdminRequest,
  { orgnr, appId }: { readonly orgnr: Orgnr | undefined; readonly appId: AppId | undefined },
  range: PageRange,
): Promise<PageOf<GrantView>> {
  const { organisation, application, at } = await authorize(parts, request, { action: 'grant.list', orgnr, about: { appId } });
  const konsument = organisation.orgnr;
  const where = { index: 'konsument', equals: konsumentIndex(konsument, application?.value.id, 'kept') };
  return pickedPage(collectionsOf(parts.store).grantDocuments, where, range, (documents) =>
    viewsOf(
      parts,
      documents.map(({ value }) => value),
      konsument,
      at,
    ),
  );
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
  return pickedPage(collectionsOf(parts.store).grantDocuments, where, range, (documents) =>
    viewsOf(
      parts,
      documents.flatMap(({ value }) => (mayBeSeen(applications, value.appId) && keptGrant(value, konsument) !== undefined ? [value] : [])),
      konsument,
      at,
    ),
  );
}

export function mayBeSeen(applications: ReadonlySet<AppId> | undefined, appId: AppId): boolean {
  return applications === undefined || applications.has(appId);
}
