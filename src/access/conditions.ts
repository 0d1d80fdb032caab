import type { Installation } from './parts.js';
import { type PersonSecrets, recordedSecrets } from './person-secrets.js';
import { migrations, readSchema, schemaOf } from './schema.js';

/** What has been begun and not ended. */
export interface Condition {
  readonly name: string;
  /** A sentence each. */
  readonly found: string;
  readonly remedy: string;
}

/** What has been begun in a store and not ended. */
export async function conditionsOf({ store, vault }: Pick<Installation, 'store' | 'vault'>): Promise<readonly Condition[]> {
  const secrets = (await recordedSecrets(store))?.value as PersonSecrets;
  const found: Condition[] = [];
  if (secrets.next !== undefined || secrets.former !== undefined) {
    const remedy = 'Go on with it: tilgang secrets rotate.';
    found.push({ name: 'sealing secret', found: 'a rotation was begun and has not ended', remedy });
  } else if (vault.keys.inFile().some((id) => secrets.retired?.includes(id))) {
    const remedy = vault.keys.file.isOwn ? 'Take it out: tilgang secrets rotate.' : `Take it out: \`tilgang secrets status\` names it.`;
    found.push({ name: 'sealing secret', found: `${vault.keys.file.path} holds a key that nothing is sealed under any more`, remedy });
  }
  const schema = (await readSchema(store))?.value.version ?? 1;
  if (schema < schemaOf({ migrations })) {
    const remedy = 'Stop the processes of older versions, then start one of this version.';
    found.push({ name: 'data', found: `are of version ${schema}, since processes of an older version need it`, remedy });
  }
  return found;
}
