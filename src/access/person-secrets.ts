import { toInstant } from '#domain';
import { openPersonVault, type PersonVault, type SecretFiles } from '#persons';
import { ProblemError } from '#problem';
import type { Entity, Store } from '#storage';

/** Under which secrets the store's persons are named and sealed. */
export interface PersonSecrets {
  readonly name: 'person-secrets';
  /** Of the naming secret, and of the sealing key that seals. */
  readonly fingerprint: string;
  /** A sealing key that every process must know, since it will seal. */
  readonly next?: string;
  /** Sealing keys that there may still be values under. */
  readonly former?: readonly string[];
  /** Sealing keys that no value is under any more. */
  readonly retired?: readonly string[];
}

/** One document. */
export const personSecrets: Entity<PersonSecrets> = {
  name: 'person-secrets',
  key: ({ name }) => name,
  indexes: {},
};

/** What the store keeps of its secrets once it has been opened. */
export function recordedSecrets(store: Store) {
  return store.collection(personSecrets).get('person-secrets');
}

/** What the record says of the secrets: the naming secret, the key that seals, and all that a process must know. */
export function keysInForce({ fingerprint, next, former = [] }: PersonSecrets) {
  const [namingId = '', seals = ''] = fingerprint.split('.');
  return { namingId, seals, all: [seals, ...(next === undefined ? [] : [next]), ...former] };
}

/** The fingerprint that a record has of these secrets. */
export function fingerprintOf(namingId: string, seals: string): string {
  return `${namingId}.${seals}`;
}

/** What a vault is opened with. */
export interface VaultPlace {
  /** Where secrets lie that no file is named for. */
  readonly folder: string;
  readonly files: SecretFiles;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /**
   * Lets others know which keys this process has, before it looks at which are asked for: so a rotation that begins is seen by one of the two. Without it nothing
   * is made or recorded.
   */
  readonly announce?: (vault: PersonVault) => Promise<void>;
}

/**
 * The vault under the secrets that the store was made under: under others nobody would be found, and each answer would be a silent no.
 * @throws ProblemError `store-unavailable` if the secrets are missing or others
 */
export async function openVaultOf(store: Store, { folder, files, clock, announce }: VaultPlace): Promise<PersonVault> {
  const isNew = (await recordedSecrets(store)) === undefined;
  if (isNew && announce === undefined) {
    throw new ProblemError('store-unavailable', {
      detail:
        'No gateway has been started on the store yet, or none to its end: it does not say under which secrets its persons are. Start one.',
    });
  }
  const vault = await openPersonVault(folder, files, { mayMake: isNew });
  await announce?.(vault);
  const recorded = isNew ? await record(store, vault, clock) : await recordedSecrets(store);
  const { namingId, seals, all } = keysInForce(recorded?.value as PersonSecrets);
  const missing = all.filter((id) => !vault.keys.known().includes(id));
  if (namingId !== vault.namingId || missing.length === all.length) {
    throw new ProblemError('store-unavailable', {
      detail: 'The store was made under other person secrets. Put back person-naming.secret and person-sealing.secret from the backup.',
    });
  }
  if (missing.length > 0) {
    throw new ProblemError('store-unavailable', {
      detail: `The sealing secret is being rotated, and ${vault.keys.file.path} lacks the key ${missing.join(', ')}: put the file there that the other processes have.`,
    });
  }
  vault.keys.use(seals);
  return vault;
}

async function record(store: Store, { namingId, keys }: PersonVault, clock: () => number) {
  const facts = { action: 'person-secrets.record', at: toInstant(clock()), actor: 'operator' };
  const value: PersonSecrets = { name: 'person-secrets', fingerprint: fingerprintOf(namingId, keys.current) };
  return store
    .collection(personSecrets)
    .put(value, { expect: 'absent', facts })
    .catch((error: unknown) => {
      if (!(error instanceof ProblemError) || error.slug !== 'conflict') throw error;
      return recordedSecrets(store); // Another process was first.
    });
}
