import { type Database, HOMES } from './database.js';
import { Sweeper } from './sweeper.js';

/** How many are removed at once, so that nothing else waits for long. */
const SWEPT_TOGETHER = 256;

/** Removes what has expired, a piece at a time and one piece after the other: the nodes do it by their own clocks. The server has an index that does so an hour later. */
export function expiredSweeper(database: Database, clock: () => number): Sweeper {
  return new Sweeper(async () => {
    const gone = { x: { $lte: new Date(clock()) } };
    for (const home of HOMES) {
      const found = await database.homes[home]
        .find(gone, { projection: { _id: 1 }, limit: SWEPT_TOGETHER, batchSize: SWEPT_TOGETHER + 1 })
        .toArray();
      // One that has come back meanwhile expires later.
      if (found.length > 0) await database.homes[home].deleteMany({ ...gone, _id: { $in: found.map(({ _id }) => _id) } });
    }
  });
}
