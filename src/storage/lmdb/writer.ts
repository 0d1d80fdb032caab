import { Batches } from '../batches.js';
import type { Change } from '../change.js';
import type { Derived } from './layout.js';
import type { Notes } from './notes.js';
import type { Room } from './room.js';
import type { Tables } from './tables.js';
import { type Outcome, Transaction } from './transaction.js';

/** What is done in a transaction. */
type Work = (transaction: Transaction) => Outcome;

/**
 * Bounds how long one transaction keeps the write lock from other processes and the event loop from requests: some 8 ms. Larger ones save a seventh of
 * the CPU of an operator's import, and LMDB carries their freed pages through every commit that follows.
 */
const MAX_BATCH = 256;

/** Writes changes: all that arrive while a transaction is being flushed share the next one. */
export class Writer {
  readonly #batches: Batches<Work, Outcome>;
  readonly #tables: Tables;
  readonly #notes: Notes;
  readonly #room: Room;
  readonly #now: () => string;

  /** @param now the moment as an instant's text */
  constructor(tables: Tables, notes: Notes, room: Room, now: () => string, onCommit: () => void) {
    this.#tables = tables;
    this.#notes = notes;
    this.#room = room;
    this.#now = now;
    this.#batches = new Batches({
      most: MAX_BATCH,
      carry: async (works) => {
        const outcomes = await this.#commit(works);
        onCommit();
        return outcomes;
      },
      problemOf: (cause) => room.problemOf(cause),
    });
  }

  /**
   * The outcome of each change, in their order; when all are flushed.
   * @throws ProblemError `store-unavailable`, `store-full`: then those in a transaction before may have been written, and no later one is
   */
  write(changes: readonly Change<Derived>[]): Promise<readonly Outcome[]> {
    return this.submit(changes.map((change) => (transaction) => transaction.apply(change)));
  }

  /** The same for any work. */
  submit(works: readonly Work[]): Promise<readonly Outcome[]> {
    return this.#batches.submit(works);
  }

  /** Resolves when nothing waits any more. */
  drained(): Promise<void> {
    return this.#batches.drained();
  }

  /** A child transaction, since only that is undone when something unforeseen throws between two puts. */
  async #commit(works: readonly Work[]): Promise<readonly Outcome[]> {
    this.#room.refuseIfFull();
    try {
      const outcomes = await this.#tables.root.childTransaction(() => {
        this.#room.refuseGrowth(works.length);
        const transaction = new Transaction(this.#tables, this.#notes, this.#now());
        const done = works.map((work) => work(transaction));
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
