import { type AppId, type GrantDocument, type Kommunenummer, type Orgnr, type PersonNumber, present } from '#domain';
import type { Stored } from '#storage';
import { type AdminRequest, authorize } from '../administer/authorize.js';
import { isReached } from '../administer/clearances.js';
import { type AccessParts, collectionsOf, konsumentIndex, pagesOf } from '../parts.js';

/** A grant as import takes it; a withdrawn one is not exported. */
export interface ExportedGrant {
  readonly app: AppId;
  readonly brukerIdent: PersonNumber;
  readonly kommune?: Kommunenummer;
  readonly orgnr: Orgnr;
  readonly roles: readonly string[];
  readonly from?: string;
  readonly until?: string;
  readonly reason?: string;
}

/** Read and opened in one turn. */
const PAGE = 10;

/**
 * Every grant of an organisation that is not withdrawn, in the applications that the caller reaches, in a stable order, with the person number in the
 * clear.
 * @param only `all` organisations for the operator; of one application if it is named
 * @throws ProblemError as authorize says, also while it is read; `store-unavailable`
 */
export async function exportGrants(
  parts: AccessParts,
  request: AdminRequest,
  { orgnr, appId }: { readonly orgnr: Orgnr | 'all' | undefined; readonly appId?: AppId | undefined },
): Promise<AsyncIterable<ExportedGrant>> {
  const leave = () => authorize(parts, request, { action: 'grant.export', orgnr });
  const { organisation } = await leave();
  const only = orgnr === 'all' ? undefined : organisation.orgnr;
  return exported(parts, only, appId, leave);
}

async function* exported(
  { store, vault }: AccessParts,
  only: Orgnr | undefined,
  appId: AppId | undefined,
  leave: () => Promise<{ readonly applications: ReadonlySet<AppId> | undefined }>,
): AsyncGenerator<ExportedGrant> {
  const { grantDocuments, organisations } = collectionsOf(store);
  const kommuner = new Map<Orgnr, Kommunenummer | undefined>();
  const where = only === undefined ? { prefix: appId ?? '' } : { index: 'konsument', prefix: konsumentIndex(only, appId) };
  for await (const page of pagesOf(grantDocuments, where, PAGE)) {
    // Asked anew for each page: a right that is withdrawn in the middle ends the file there (threat 52).
    const { applications: reached } = await leave();
    for (const { value } of page as readonly Stored<GrantDocument>[]) {
      if ((appId !== undefined && value.appId !== appId) || !isReached(reached, value.appId)) continue;
      for (const { konsument, roles, from, until, reason, withdrawn } of value.grants) {
        if (withdrawn !== undefined || (only !== undefined && konsument !== only)) continue;
        if (!kommuner.has(konsument)) kommuner.set(konsument, (await organisations.get(konsument))?.value.kommunenummer);
        const kommune = kommuner.get(konsument);
        const brukerIdent = vault.unseal(value.sealed, value.brukerId);
        yield { app: value.appId, brukerIdent, ...present({ kommune }), orgnr: konsument, roles, ...present({ from, until, reason }) };
      }
    }
  }
}
