import type { Change } from './change.js';
import type { Notes } from './notes.js';
import type { Room } from './room.js';
import type { Tables } from './tables.js';
import { type Outcome, Transaction } from './transaction.js';

/** What is done in a transaction. */
type Work = (transaction: Transaction) => Outcome;

interface Waiting {
  readonly work: Work;
  /** Whose outcome it is, and at which place. */
  readonly order: Order;
  readonly at: number;
}

/** Work that was handed in together. */
interface Order {
  readonly outcomes: Outcome[];
  left: number;
  isOver: boolean;
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
  readonly #notes: Notes;
  readonly #room: Room;
  readonly #now: () => string;
  readonly #onCommit: () => void;
  #queue: Waiting[] = [];
  #running: Promise<void> | undefined;

  /** @param now the moment as an instant's text */
  constructor(tables: Tables, notes: Notes, room: Room, now: () => string, onCommit: () => void) {
    this.#tables = tables;
    this.#notes = notes;
    this.#room = room;
    this.#now = now;
    this.#onCommit = onCommit;
  }

  /**
   * The outcome of each change, in their order; when all are flushed.
   * @throws ProblemError `store-unavailable`, `store-full`: then those in a transaction before may have been written, and no later one is
   */
  write(changes: readonly Change[]): Promise<readonly Outcome[]> {
    return this.submit(changes.map((change) => (transaction) => transaction.apply(change)));
  }

  /** The same for any work. */
  submit(works: readonly Work[]): Promise<readonly Outcome[]> {
    return new Promise((resolve, reject) => {
      if (works.length === 0) return resolve([]);
      const order: Order = { outcomes: new Array(works.length), left: works.length, isOver: false, resolve, reject };
      for (const [at, work] of works.entries()) this.#queue.push({ work, order, at });
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
      const batch = this.#queue.splice(0, MAX_BATCH).filter(({ order }) => !order.isOver);
      if (batch.length === 0) continue;
      try {
        this.#settle(batch, await this.#commit(batch));
        this.#onCommit();
      } catch (cause) {
        const problem = this.#room.problemOf(cause);
        for (const { order } of batch) {
          order.isOver = true;
          order.reject(problem);
        }
      }
    }
    this.#running = undefined;
  }

  #settle(batch: readonly Waiting[], outcomes: readonly Outcome[]): void {
    for (const [i, { order, at }] of batch.entries()) {
      order.outcomes[at] = outcomes[i];
      order.left -= 1;
      if (order.left === 0) order.resolve(order.outcomes);
    }
  }

  /** A child transaction, since only that is undone when something unforeseen throws between two puts. */
  async #commit(batch: readonly Waiting[]): Promise<Outcome[]> {
    this.#room.refuseIfFull();
    try {
      const outcomes = await this.#tables.root.childTransaction(() => {
        this.#room.refuseGrowth(batch.length);
        const transaction = new Transaction(this.#tables, this.#notes, this.#now());
        const done = batch.map(({ work }) => work(transaction));
        transaction.finish();
        return done;
      });
      this.#room.found();
      return outcomes;
    } catch (error) {
      throw await this.#room.reasonOf(error);
    }
  }
}
