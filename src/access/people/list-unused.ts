import { type AppId, type BrukerId, type Day, type Instant, type Orgnr, present } from '#domain';
import { type AdminRequest, authorize } from '../administer/authorize.js';
import { type AccessParts, collectionsOf, pagesOf } from '../parts.js';
import { lastUsesOf, unusedSince } from '../uses/note-uses.js';

/** A grant that is kept and not used. */
export interface UnusedGrant {
  readonly app: AppId;
  readonly orgnr: Orgnr;
  readonly brukerId: BrukerId;
  readonly roles: readonly string[];
  readonly givenAt: Instant;
  /** Absent: never, as far as is known. */
  readonly lastUsed?: Day;
}

/** Read in one turn. */
const PAGE = 50;

/**
 * Every grant of all organisations that is not withdrawn and has not been used since a day, as far as is known, in a stable order: for the operator.
 * @throws ProblemError as authorize says; `store-unavailable`
 */
export async function unusedGrants(
  parts: AccessParts,
  request: AdminRequest,
  only: { readonly orgnr?: Orgnr; readonly appId?: AppId },
  since: Day,
): Promise<AsyncIterable<UnusedGrant>> {
  await authorize(parts, request, { action: 'grant.export', orgnr: 'all' });
  return unused(parts, only, since);
}

async function* unused(
  { store }: AccessParts,
  { orgnr, appId }: { readonly orgnr?: Orgnr; readonly appId?: AppId },
  since: Day,
): AsyncGenerator<UnusedGrant> {
  const isUnused = await unusedSince(store, since);
  for await (const page of pagesOf(collectionsOf(store).grantDocuments, { prefix: appId ?? '' }, PAGE)) {
    const kept = page.flatMap(({ value: { appId: app, brukerId, grants } }) =>
      grants
        .filter(({ withdrawn, konsument }) => withdrawn === undefined && (orgnr === undefined || konsument === orgnr))
        .map((grant) => ({ appId: app, brukerId, konsument: grant.konsument, grant })),
    );
    const days = await lastUsesOf(store, kept);
    for (const [i, { appId: app, brukerId, konsument, grant }] of kept.entries()) {
      const lastUsed = days[i];
      if (isUnused(grant, lastUsed))
        yield present({ app, orgnr: konsument, brukerId, roles: grant.roles, givenAt: grant.givenAt, lastUsed });
    }
  }
}
