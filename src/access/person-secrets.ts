import { toInstant } from '#domain';
import { openPersonVault, type PersonVault, type SecretFiles } from '#persons';
import { ProblemError } from '#problem';
import type { Entity, Store } from '#storage';

/** Under which secrets the store's persons are named and sealed. */
export const personSecrets: Entity<{ readonly name: 'person-secrets'; readonly fingerprint: string }> = {
  name: 'person-secrets',
  key: ({ name }) => name,
  indexes: {},
};

/**
 * The vault under the secrets that the store was made under: under others nobody would be found, and each answer would be a silent no.
 * @param folder where secrets lie that no file is named for
 * @param clock milliseconds since the epoch
 * @throws ProblemError `store-unavailable` if the secrets are missing or others
 */
export async function openVaultOf(store: Store, folder: string, files: SecretFiles, clock: () => number): Promise<PersonVault> {
  const collection = store.collection(personSecrets);
  let recorded = await collection.get('person-secrets');
  const vault = await openPersonVault(folder, files, { mayMake: recorded === undefined });
  const { fingerprint } = vault;
  if (recorded === undefined) {
    const facts = { action: 'person-secrets.record', at: toInstant(clock()), actor: 'operator' };
    recorded = await collection.put({ name: 'person-secrets', fingerprint }, { expect: 'absent', facts }).catch((error: unknown) => {
      if (!(error instanceof ProblemError) || error.slug !== 'conflict') throw error;
      return collection.get('person-secrets'); // Another process was first.
    });
  }
  if (recorded?.value.fingerprint === fingerprint) return vault;
  throw new ProblemError('store-unavailable', {
    detail: 'The store was made under other person secrets. Put back person-naming.secret and person-sealing.secret from the backup.',
  });
}
