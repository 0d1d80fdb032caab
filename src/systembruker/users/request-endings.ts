import { setImmediate } from 'node:timers/promises';
import { underClaim } from '#access';
import { type Instant, toInstant } from '#domain';
import { ProblemError } from '#problem';
import type { Store, Stored } from '#storage';
import type { SystemUser } from '../nouns.js';
import { collectionsOf } from '../parts.js';
import { statusAt } from './standing.js';

const LOOKS_MS = 5000;
const TOGETHER = 20;

/**
 * Writes down what has not been answered in time, so that vendors are told of it as of any answer, it stands in no list of what waits, and its place is free. Nothing depends on
 * when that is done: from its end on it can be answered by nobody (statusAt).
 */
export class RequestEndings {
  readonly #store: Store;
  readonly #clock: () => number;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<unknown> = Promise.resolve();
  #isOver = false;

  constructor({ store, clock }: { readonly store: Store; readonly clock: () => number }) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Looks every few seconds. @param onFault is told what is in the way */
  begin(onFault: (fault: Error) => void): void {
    let isLooking = false;
    const look = async (): Promise<void> => {
      // While the store is away a look may take longer than it is to the next.
      if (isLooking) return;
      isLooking = true;
      await this.look().catch(onFault);
      isLooking = false;
    };
    this.#timer = setInterval(() => void look(), LOOKS_MS).unref();
  }

  /** Writes what is due. @throws ProblemError `store-unavailable`, `store-full` */
  look(): Promise<void> {
    const looked = this.#looking.catch(() => {}).then(() => this.#look());
    this.#looking = looked;
    return looked;
  }

  /** Looks no more, and waits for a look that is under way. */
  async end(): Promise<void> {
    this.#isOver = true;
    clearInterval(this.#timer);
    await this.#looking.catch(() => {});
  }

  async #look(): Promise<void> {
    if (this.#isOver || (await this.#due(toInstant(this.#clock()), 1)).length === 0) return;
    // Each is written at the revision that was read, so two that write would do no harm: it is for the work.
    await underClaim(this.#store, this.#clock, 'endings of requests', async (held) => {
      while (!this.#isOver && !held.aborted) {
        const at = toInstant(this.#clock());
        const found = await this.#due(at, TOGETHER);
        if (found.length === 0) return;
        await this.#write(found, at);
        await setImmediate();
      }
    });
  }

  /** What is over and not written as such: what has been written is in the index no more, so that the first page is always the next one. */
  async #due(at: Instant, limit: number): Promise<readonly Stored<SystemUser>[]> {
    const until = toInstant(Date.parse(at) + 1);
    return (await collectionsOf(this.#store).systemUsers.query({ index: 'expiry', until, limit })).items;
  }

  async #write(found: readonly Stored<SystemUser>[], at: Instant): Promise<void> {
    const { systemUsers } = collectionsOf(this.#store);
    await Promise.all(
      found.map(async ({ value, revision }) => {
        const facts = { action: value.status === 'New' ? 'request.expire' : 'change-request.expire', at, actor: 'operator' };
        await systemUsers.put(ended(value, at), { expect: revision, facts }).catch(unlessConflict);
      }),
    );
  }
}

/** Of several changes one, so that each has an event of its own. */
function ended(value: SystemUser, at: Instant): SystemUser {
  if (value.status === 'New') return { ...value, status: 'Timedout', updated: at };
  const over = value.changes.findIndex((change) => change.status === 'New' && statusAt(change, at) === 'Timedout');
  const changes = value.changes.map((change, i) => (i === over ? { ...change, status: 'Timedout' as const } : change));
  return { ...value, changes, updated: at };
}

/** Somebody has answered it before its end, or has taken it back: the next look sees how it stands. */
function unlessConflict(error: unknown): void {
  if (!(error instanceof ProblemError) || error.slug !== 'conflict') throw error;
}
