import { randomUUID } from 'node:crypto';
import { type Instant, toInstant } from '#domain';
import { ProblemError } from '#problem';
import type { ChangeFacts, Entity, Expectation, Store } from '#storage';

/** That a process is at something that only one may be at. */
export interface Claim {
  readonly what: string;
  readonly holder: string;
  /** It is renewed long before. */
  readonly expiresAt: Instant;
}

/** Key: what is claimed. */
export const claims: Entity<Claim> = {
  name: 'claim',
  key: ({ what }) => what,
  indexes: {},
  keepsNoHistory: true,
  expiresAt: ({ expiresAt }) => expiresAt,
};

const LIVES_MS = 30_000;

/**
 * Does what only one process may do at a time. A claim is renewed while its process is at work; of one that was killed it runs out by itself.
 * @param clock milliseconds since the epoch
 * @returns what the work answers, or `taken`, and then nothing was done
 */
export async function underClaim<T>(store: Store, clock: () => number, what: string, work: () => Promise<T>): Promise<T | 'taken'> {
  const collection = store.collection(claims);
  const facts = (): ChangeFacts => ({ action: 'claim.take', at: toInstant(clock()), actor: 'operator' });
  const holder = randomUUID();
  let revision: Expectation = 'absent';
  const take = async (): Promise<void> => {
    const claim = { what, holder, expiresAt: toInstant(clock() + LIVES_MS) };
    revision = (await collection.put(claim, { expect: revision, facts: facts() })).revision;
  };
  try {
    await take();
  } catch (error) {
    if (error instanceof ProblemError && error.slug === 'conflict') return 'taken';
    throw error;
  }
  let renewing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    renewing = renewing.then(take).catch(() => {});
  }, LIVES_MS / 3).unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await renewing;
    // Whoever has it by now keeps it.
    await collection.remove(what, { expect: revision, facts: facts() }).catch(() => {});
  }
}
