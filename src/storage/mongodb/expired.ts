import { type Database, HOMES } from './database.js';

/** How many are removed at once, so that nothing else waits for long. */
const SWEPT_TOGETHER = 256;

/** Removes what has expired, a piece at a time and one piece after the other: the nodes do it by their own clocks. The server has an index that does so an hour later. */
export class Expired {
  readonly #database: Database;
  readonly #clock: () => number;
  #running: Promise<void> | undefined;

  constructor(database: Database, clock: () => number) {
    this.#database = database;
    this.#clock = clock;
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

  /** Resolves when no piece is at work. */
  async close(): Promise<void> {
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
