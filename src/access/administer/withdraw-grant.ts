import { type AppId, type Orgnr, type PersonNumber, toInstant } from '#domain';
import { type AccessParts, collectionsOf, documentKey } from '../parts.js';
import { changeDocument } from './change-document.js';
import { withoutGrant } from './give-grants.js';
import { keptGrant } from './keep-grant.js';

/**
 * Withdraws the konsument's grant to a person; the next decision no longer sees it.
 * @returns whether there was a grant in force to withdraw: withdrawing twice changes nothing
 */
export async function withdrawGrant(
  parts: AccessParts,
  grant: { readonly appId: AppId; readonly person: PersonNumber; readonly konsument: Orgnr },
  options: { readonly actor: string; readonly reason?: string },
): Promise<boolean> {
  const key = documentKey(grant.appId, parts.vault.nameOf(grant.person));
  const at = toInstant(parts.clock());
  const { actor, reason } = options;
  let withdrew = false;
  await changeDocument(
    parts,
    key,
    await collectionsOf(parts.store).grantDocuments.get(key),
    (before) => {
      const held = keptGrant(before, grant.konsument);
      withdrew = held !== undefined;
      return before === undefined || held === undefined ? before : withoutGrant(before, held, { at, by: actor });
    },
    { action: 'grant.withdraw', at, actor, ...(reason === undefined ? {} : { reason }) },
  );
  return withdrew;
}
