import { ProblemError } from '#problem';
import type { Change } from './change.js';
import type { Tables } from './tables.js';
import { type Outcome, Transaction } from './transaction.js';

interface Waiting {
  readonly change: Change;
  /** Whose outcome it is, and at which place. */
  readonly order: Order;
  readonly at: number;
}

/** Changes that were handed in together. */
interface Order {
  readonly outcomes: Outcome[];
  left: number;
  readonly resolve: (outcomes: readonly Outcome[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Bounds how long one transaction keeps the write lock from other processes and the event loop from requests: some 0.1 s. Larger ones write fewer
 * pages for each change, but LMDB then carries their freed pages through every commit that follows: measured 18 ms for a single put after
 * transactions of 8192, 3 ms after these.
 */
const MAX_BATCH = 2048;

/** Groups changes: all that arrive while a transaction is being flushed share the next one. */
export class Writer {
  readonly #tables: Tables;
  readonly #now: () => string;
  readonly #onCommit: () => void;
  #queue: Waiting[] = [];
  #running: Promise<void> | undefined;

  /** @param now the moment as an instant's text */
  constructor(tables: Tables, now: () => string, onCommit: () => void) {
    this.#tables = tables;
    this.#now = now;
    this.#onCommit = onCommit;
  }

  /** The outcome of each, in their order; when all are flushed. Rejects if the store fails. */
  write(changes: readonly Change[]): Promise<readonly Outcome[]> {
    return new Promise((resolve, reject) => {
      if (changes.length === 0) return resolve([]);
      const order: Order = { outcomes: new Array(changes.length), left: changes.length, resolve, reject };
      for (const [at, change] of changes.entries()) this.#queue.push({ change, order, at });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits any more. */
  async drained(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #run(): Promise<void> {
    // One turn, so that the changes of the same turn come along.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, MAX_BATCH);
      try {
        const outcomes = await this.#commit(batch);
        for (const [i, { order, at }] of batch.entries()) {
          order.outcomes[at] = outcomes[i];
          order.left -= 1;
          if (order.left === 0) order.resolve(order.outcomes);
        }
        this.#onCommit();
      } catch (cause) {
        const problem = new ProblemError('store-unavailable', { detail: 'the change could not be written', cause });
        for (const { order } of batch) order.reject(problem);
      }
    }
    this.#running = undefined;
  }

  /** A child transaction, since only that is undone when something unforeseen throws between two puts. */
  #commit(batch: readonly Waiting[]): Promise<Outcome[]> {
    return this.#tables.root.childTransaction(() => {
      const transaction = new Transaction(this.#tables, this.#now());
      const outcomes = batch.map(({ change }) => transaction.apply(change));
      transaction.finish();
      return outcomes;
    });
  }
}
