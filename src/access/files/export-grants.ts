import { setImmediate } from 'node:timers/promises';
import type { AppId, GrantDocument, Kommunenummer, Orgnr, PersonNumber } from '#domain';
import type { Page } from '#storage';
import { type AccessParts, collectionsOf, konsumentIndex } from '../parts.js';

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

/** Read without a pause: requests that wait get their turn between pages. */
const PAGE = 100;

/**
 * Every grant that is not withdrawn, in a stable order, with the person number in the clear: for whoever may see it.
 * @throws ProblemError `store-unavailable`
 */
export async function* exportGrants(
  { store, vault }: AccessParts,
  only: { readonly appId?: AppId; readonly konsument?: Orgnr } = {},
): AsyncGenerator<ExportedGrant> {
  const { grantDocuments, organisations } = collectionsOf(store);
  const kommuner = new Map<Orgnr, Kommunenummer | undefined>();
  let cursor: string | undefined;
  do {
    const where =
      only.konsument === undefined
        ? { prefix: only.appId ?? '' }
        : { index: 'konsument', prefix: konsumentIndex(only.konsument, only.appId) };
    const page: Page<GrantDocument> = await grantDocuments.query({ ...where, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const { value } of page.items) {
      if (only.appId !== undefined && value.appId !== only.appId) continue;
      for (const { konsument, roles, from, until, reason, withdrawn } of value.grants) {
        if (withdrawn !== undefined || (only.konsument !== undefined && konsument !== only.konsument)) continue;
        if (!kommuner.has(konsument)) kommuner.set(konsument, (await organisations.get(konsument))?.value.kommunenummer);
        const kommune = kommuner.get(konsument);
        yield {
          app: value.appId,
          brukerIdent: vault.unseal(value.sealed, value.brukerId),
          ...(kommune === undefined ? {} : { kommune }),
          orgnr: konsument,
          roles,
          ...(from === undefined ? {} : { from }),
          ...(until === undefined ? {} : { until }),
          ...(reason === undefined ? {} : { reason }),
        };
      }
    }
    cursor = page.next;
    await setImmediate();
  } while (cursor !== undefined);
}
