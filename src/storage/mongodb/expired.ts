import { type Database, HOMES } from './database.js';

/** How many are removed at once, so that nothing else waits for long. */
const SWEPT_TOGETHER = 256;

/** Removes what has expired, a piece at a time and one piece after the other: the nodes do it by their own clocks. The server has an index that does so an hour later. */
export class Expired {
  readonly #database: Database;
  readonly #clock: () => number;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | undefined;

  /** @param sweepMs how often what has expired is looked for where nothing is written */
  constructor(database: Database, clock: () => number, sweepMs: number) {
    this.#database = database;
    this.#clock = clock;
    this.#timer = setInterval(() => this.sweep(), sweepMs).unref();
  }

  /** Begins with a piece, unless one is at work. */
  sweep(): void {
    this.#running ??= this.#sweepOnce()
      // Whatever is in the way, it is tried again, and nothing depends on it.
      .catch(() => {})
      .then(() => {
        this.#running = undefined;
      });
  }

  /** Sweeps no more, and waits for the piece at work. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async #sweepOnce(): Promise<void> {
    const gone = { x: { $lte: new Date(this.#clock()) } };
    for (const home of HOMES) {
      const found = await this.#database.homes[home]
        .find(gone, { projection: { _id: 1 }, limit: SWEPT_TOGETHER, batchSize: SWEPT_TOGETHER + 1 })
        .toArray();
      // One that has come back meanwhile expires later.
      if (found.length > 0) await this.#database.homes[home].deleteMany({ ...gone, _id: { $in: found.map(({ _id }) => _id) } });
    }
  }
}
