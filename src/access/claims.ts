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

/** What is done under a claim. @param held aborts once another process may have the claim: what goes on for long looks at it */
type Work<T> = (held: AbortSignal) => Promise<T>;

/**
 * Does what only one process may do at a time. A claim is renewed while its process is at work; of one that was killed it runs out by itself.
 * @param clock milliseconds since the epoch
 * @param livesMs how long a claim counts that is not renewed
 * @returns what the work answers, or `taken`: another process had the claim, or has it by now and the work was broken off
 */
export async function underClaim<T>(
  store: Store,
  clock: () => number,
  what: string,
  work: Work<T>,
  livesMs = LIVES_MS,
): Promise<T | 'taken'> {
  const collection = store.collection(claims);
  const facts = (): ChangeFacts => ({ action: 'claim.take', at: toInstant(clock()), actor: 'operator' });
  const holder = randomUUID();
  let revision: Expectation = 'absent';
  let takenMs = 0;
  const take = async (): Promise<void> => {
    const ms = performance.now();
    const claim = { what, holder, expiresAt: toInstant(clock() + livesMs) };
    revision = (await collection.put(claim, { expect: revision, facts: facts() })).revision;
    takenMs = ms;
  };
  try {
    await take();
  } catch (error) {
    if (isConflict(error)) return 'taken';
    throw error;
  }
  const held = new AbortController();
  let renewing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    if (performance.now() - takenMs >= livesMs) held.abort();
    renewing = renewing.then(take).catch((error: unknown) => {
      if (isConflict(error)) held.abort();
    });
  }, livesMs / 3).unref();
  try {
    return await work(held.signal);
  } catch (error) {
    if (held.signal.aborted) return 'taken';
    throw error;
  } finally {
    clearInterval(timer);
    await renewing;
    // Whoever has it by now keeps it.
    await collection.remove(what, { expect: revision, facts: facts() }).catch(() => {});
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof ProblemError && error.slug === 'conflict';
}
