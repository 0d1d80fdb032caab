import { setImmediate } from 'node:timers/promises';
import { underClaim } from '#access';
import { toInstant } from '#domain';
import { ProblemError } from '#problem';
import type { Store } from '#storage';
import type { Client, WarnedDays } from '../nouns.js';
import { collectionsOf } from '../parts.js';
import { warnedAt } from './key-warnings.js';

const LOOKS_MS = 3_600_000;
/** Written in one turn. */
const TOGETHER = 50;

/** That an organisation has been told that a key of its client ends. */
export interface KeyWarning {
  readonly client: Pick<Client, 'id' | 'orgnr' | 'supplier'>;
  readonly kid: string;
  readonly until: string;
  readonly days: WarnedDays;
}

/**
 * Tells organisations 60, 30 and 7 days ahead that a key of a client ends: an event in the history of the client, once for each of the three, whichever
 * process writes it. What is due stands in an index, so a look reads nothing else.
 */
export class KeyEndings {
  readonly #store: Store;
  readonly #clock: () => number;
  readonly #onWarned: (warning: KeyWarning) => void;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<number> = Promise.resolve(0);

  /** @param onWarned is told of each that this process has written */
  constructor(store: Store, clock: () => number, onWarned: (warning: KeyWarning) => void = () => {}) {
    this.#store = store;
    this.#clock = clock;
    this.#onWarned = onWarned;
  }

  /** Looks now, and about once an hour. */
  begin(onFault: (fault: Error) => void): void {
    const look = (): void => void this.look().catch(onFault);
    this.#timer = setInterval(look, LOOKS_MS).unref();
    look();
  }

  /** Writes what is due. @returns how many clients it has written of @throws ProblemError `store-unavailable` */
  look(): Promise<number> {
    this.#looking = this.#looking.catch(() => 0).then(() => this.#look());
    return this.#looking;
  }

  /** Looks no more, and waits for a look that is under way. */
  async end(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking.catch(() => {});
  }

  async #look(): Promise<number> {
    const due = { index: 'keyWarning', until: toInstant(this.#clock() + 1) };
    const { clients } = collectionsOf(this.#store);
    if ((await clients.query({ ...due, limit: 1 })).items.length === 0) return 0;
    const told = await underClaim(this.#store, this.#clock, 'warnings of keys that end', async (held) => {
      let count = 0;
      for (;;) {
        // What has been told of is no longer due, so that the first page is always the next one.
        const { items } = await clients.query({ ...due, limit: TOGETHER });
        if (items.length === 0 || held.aborted) return count;
        count += await this.#tell(items);
        await setImmediate();
      }
    });
    return told === 'taken' ? 0 : told;
  }

  async #tell(items: readonly { readonly value: Client; readonly revision: number }[]): Promise<number> {
    const at = toInstant(this.#clock());
    const warned = items.map(({ value, revision }) => ({
      value: { ...value, keys: value.keys.map((key) => warnedAt(key, at)) },
      expect: revision,
    }));
    const outcomes = await collectionsOf(this.#store).clients.putMany(warned, { action: 'client-key.ends-soon', at, actor: 'operator' });
    for (const [i, outcome] of outcomes.entries()) {
      // Whoever has changed it meanwhile leaves it due.
      if (outcome instanceof ProblemError) continue;
      const before = items[i]?.value.keys ?? [];
      for (const [place, { kid, until, warned: days }] of outcome.value.keys.entries()) {
        if (days === undefined || days === before[place]?.warned) continue;
        this.#onWarned({ client: outcome.value, kid, until, days });
      }
    }
    return outcomes.filter((one) => !(one instanceof ProblemError)).length;
  }
}
