import { setImmediate } from 'node:timers/promises';
import { type AppId, type BrukerId, type Grant, type GrantDocument, type Instant, keptGrantOf, type Orgnr } from '#domain';
import { ProblemError } from '#problem';
import { type AdminRequest, authorize } from '../administer/authorize.js';
import { clearedApplication } from '../administer/clearances.js';
import { type GrantView, type OwnedGrant, viewsIn } from '../ask/grant-views.js';
import { type PageOf, type PageRange, pickedPage } from '../pages.js';
import { type AccessParts, collectionsOf, grantDocuments, konsumentIndex, personIn } from '../parts.js';
import { documentsOfPerson } from '../people/person-grants.js';
import { newestConcerning, surroundingsAt } from './past-states.js';

/**
 * Who had access to an application for a konsument at a moment in the past, from the events; only those who really had it.
 * @throws ProblemError as authorize says
 */
export async function listHoldersAt(
  parts: AccessParts,
  request: AdminRequest,
  { orgnr, appId }: { readonly orgnr: Orgnr | undefined; readonly appId: AppId | undefined },
  at: Instant,
  range: PageRange,
): Promise<PageOf<GrantView>> {
  const clearance = await authorize(parts, request, { action: 'grant.list', orgnr, about: { appId } });
  const konsument = clearance.organisation.orgnr;
  const { id } = clearedApplication(clearance);
  const surroundings = await surroundingsAt(parts, id, konsument, at);
  // Withdrawn grants stay marked, so whoever ever had one is in the index.
  const where = { index: 'konsument', prefix: konsumentIndex(konsument, id) };
  return pickedPage(collectionsOf(parts.store).grantDocuments, where, range, async (documents) => {
    const owned: OwnedGrant[] = [];
    for (const { value } of documents) {
      await setImmediate(); // Each has a history of its own.
      for await (const { grant, owner } of ownedAt(parts, konsument, value.brukerId, at)) {
        if (owner.appId !== id) continue;
        owned.push({ owner: value, grant });
        break;
      }
    }
    const views = await viewsIn(parts, surroundings, owned, at);
    return views.filter(({ inEffect }) => inEffect.length > 0);
  });
}

/** What a konsument's grants gave a person at a moment in the past, in the order of the applications. */
export async function grantsOfPersonAt(
  parts: AccessParts,
  konsument: Orgnr,
  brukerId: BrukerId,
  at: Instant,
): Promise<readonly GrantView[]> {
  const documents = new Map((await documentsOfPerson(parts, konsument, brukerId)).map(({ value }) => [value.appId, value]));
  const owned: OwnedGrant[] = [];
  for await (const { grant, owner: was } of ownedAt(parts, konsument, brukerId, at)) {
    const owner = documents.get(was.appId);
    if (owner !== undefined) owned.push({ owner, grant });
  }
  const views = await Promise.all(
    owned.map(async (one) => viewsIn(parts, await surroundingsAt(parts, one.owner.appId, konsument, at), [one], at)),
  );
  return views.flat().sort((a, b) => (a.appId < b.appId ? -1 : 1));
}

/**
 * The grants of a konsument that a person had at a moment, from the events of that person in that organisation: in each application it stood as its
 * last change until then had left it. The events' own sealed values are not opened: they may be under a key that was given up since.
 */
async function* ownedAt(
  parts: AccessParts,
  konsument: Orgnr,
  brukerId: BrukerId,
  at: Instant,
): AsyncGenerator<{ readonly owner: Pick<GrantDocument, 'appId'>; readonly grant: Grant }> {
  const seen = new Set<AppId>();
  for await (const event of newestConcerning(parts, personIn(konsument, brukerId))) {
    if (event.entity !== grantDocuments.name || event.at > at) continue;
    const owner = event.after as GrantDocument;
    if (seen.has(owner.appId)) continue;
    seen.add(owner.appId);
    const grant = keptGrantOf(owner, konsument);
    if (grant !== undefined) yield { owner, grant };
  }
}

/** Refuses a moment that is not yet. @param where the field or parameter that holds it. @throws ProblemError `invalid-request` for a moment that is not yet */
export function checkPast(at: Instant, now: Instant, where: { readonly pointer: string; readonly parameter?: string }): void {
  if (at > now)
    throw new ProblemError('invalid-request', { at: [{ ...where, detail: 'must be now or earlier: only what has been is told' }] });
}
