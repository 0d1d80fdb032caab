import { hash } from 'node:crypto';
import { type Instant, toInstant } from '#domain';
import type { PersonVault } from '#persons';
import { ProblemError } from '#problem';
import type { ChangeFacts, Entity, Store } from '#storage';

/** What is remembered of a provider upstream for a while: a login that is under way there, whose a login was, which of its messages have come. */
export interface EidOnce {
  /** A hash of what it is known by. */
  readonly key: string;
  /** Sealed, and bound to its key. */
  readonly sealed?: string;
  readonly expiresAt: Instant;
}

/** Key: its key. */
export const eidOnce: Entity<EidOnce> = {
  name: 'eid-once',
  key: ({ key }) => key,
  indexes: {},
  keepsNoHistory: true,
  expiresAt: ({ expiresAt }) => expiresAt,
};

/** What works on them is handed. */
export interface OnceParts {
  readonly store: Store;
  readonly vault: PersonVault;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** Keeps a content under a name that was not there before. @returns false if it was */
export async function keepOnce(parts: OnceParts, name: string, content: object, forMs: number): Promise<boolean> {
  const { store, clock } = parts;
  try {
    await store.collection(eidOnce).put(valueOf(parts, name, content, forMs), { expect: 'absent', facts: factsOf(clock) });
    return true;
  } catch (error) {
    if (error instanceof ProblemError && error.slug === 'conflict') return false;
    throw error;
  }
}

/** Keeps a content under a name, whatever was there. */
export async function keepLast(parts: OnceParts, name: string, content: object, forMs: number): Promise<void> {
  const { store, clock } = parts;
  await store.collection(eidOnce).put(valueOf(parts, name, content, forMs), { expect: 'any', facts: factsOf(clock) });
}

function valueOf({ vault, clock }: OnceParts, name: string, content: object, forMs: number): EidOnce {
  const key = keyOf(name);
  return { key, sealed: vault.sealText(JSON.stringify(content), key), expiresAt: toInstant(clock() + forMs) };
}

/** What is kept under the name. */
export async function keptOnce<T>({ store, vault }: OnceParts, name: string): Promise<T | undefined> {
  const key = keyOf(name);
  const sealed = (await store.collection(eidOnce).get(key))?.value.sealed;
  return sealed === undefined ? undefined : (JSON.parse(vault.unsealText(sealed, key)) as T);
}

/** The same, for one of all who ask, on whichever node: it is gone then. */
export async function takeOnce<T>(parts: OnceParts, name: string): Promise<T | undefined> {
  const { store, vault, clock } = parts;
  const key = keyOf(name);
  const found = await store.collection(eidOnce).get(key);
  if (found?.value.sealed === undefined) return undefined;
  try {
    await store.collection(eidOnce).remove(key, { expect: found.revision, facts: factsOf(clock) });
  } catch (error) {
    if (error instanceof ProblemError && error.slug === 'conflict') return undefined;
    throw error;
  }
  return JSON.parse(vault.unsealText(found.value.sealed, key)) as T;
}

function factsOf(clock: () => number): ChangeFacts {
  return { action: 'eid.once', at: toInstant(clock()), actor: 'operator' };
}

function keyOf(name: string): string {
  return hash('sha256', name, 'base64url');
}
