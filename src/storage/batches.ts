/** Work that was handed in together. */
interface Order<O> {
  readonly outcomes: O[];
  left: number;
  isOver: boolean;
  readonly resolve: (outcomes: readonly O[]) => void;
  readonly reject: (error: unknown) => void;
}

interface Waiting<W, O> {
  readonly work: W;
  /** Whose outcome it is, and at which place. */
  readonly order: Order<O>;
  readonly at: number;
}

/** What is done with the work of a batch. */
export interface Carrier<W, O> {
  /** How much goes together at most. */
  readonly most: number;
  /** The outcome of each, in their order. */
  carry(works: readonly W[]): Promise<readonly O[]>;
  /** What whoever handed the work in is told when a batch failed. */
  problemOf(cause: unknown): Error;
}

/** A batch that took so long to fail has met a store that does not answer: those behind it are not made to wait for the same, batch after batch. */
const LONG_MS = 1000;

/** Groups work: all that arrives while a batch is carried out shares the next one. */
export class Batches<W, O> {
  readonly #carrier: Carrier<W, O>;
  #queue: Waiting<W, O>[] = [];
  #running: Promise<void> | undefined;

  constructor(carrier: Carrier<W, O>) {
    this.#carrier = carrier;
  }

  /**
   * The outcomes, in the order of the works. Rejects when a batch failed: those in one before may have been carried out, and no later one is. After a
   * batch that has taken long to fail, all that wait are rejected with it: nothing of theirs has been carried out.
   */
  submit(works: readonly W[]): Promise<readonly O[]> {
    return new Promise((resolve, reject) => {
      if (works.length === 0) return resolve([]);
      const order: Order<O> = { outcomes: new Array(works.length), left: works.length, isOver: false, resolve, reject };
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
      const batch = this.#queue.splice(0, this.#carrier.most).filter(({ order }) => !order.isOver);
      if (batch.length === 0) continue;
      const sinceMs = performance.now();
      try {
        this.#settle(batch, await this.#carrier.carry(batch.map(({ work }) => work)));
      } catch (cause) {
        const problem = this.#carrier.problemOf(cause);
        const behind = performance.now() - sinceMs < LONG_MS ? [] : this.#queue.splice(0);
        for (const { order } of [...batch, ...behind]) {
          order.isOver = true;
          order.reject(problem);
        }
      }
    }
    this.#running = undefined;
  }

  #settle(batch: readonly Waiting<W, O>[], outcomes: readonly O[]): void {
    for (const [i, { order, at }] of batch.entries()) {
      order.outcomes[at] = outcomes[i] as O;
      order.left -= 1;
      if (order.left === 0) order.resolve(order.outcomes);
    }
  }
}
