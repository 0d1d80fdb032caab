import type { Filter } from 'mongodb';
import { present } from '#domain';
import { checkCursor, sequenceText } from '../cursor.js';
import { followEvents } from '../follow.js';
import { checkKey, checkLimit } from '../limits.js';
import type { Entity, EventLog, EventPage } from '../port.js';
import { type Database, HOMES } from './database.js';
import { documentId, type KeptEvent, readEvent } from './layout.js';
import type { Outboxes } from './outboxes.js';
import type { Reads } from './reads.js';
import { verifyStore } from './verify.js';

/** What the log is read with. */
export interface EventLogParts {
  readonly database: Database;
  readonly reads: Reads;
  readonly outboxes: Outboxes;
  /** Are called when this process has written events. */
  readonly listeners: Set<() => void>;
  /** The entities of this process by name. */
  readonly declared: ReadonlyMap<string, Entity<unknown>>;
}

/** The event log of a store. */
export function createEventLog({ database, reads, outboxes, listeners, declared }: EventLogParts): EventLog {
  const { events, homes } = database;
  const page = async (filter: Filter<KeptEvent>, sort: Readonly<Record<string, 1 | -1>>, limit: number): Promise<EventPage> => {
    const found = await events.find(filter, { sort, limit: limit + 1, batchSize: limit + 2 }).toArray();
    const told = found.slice(0, limit).map((kept) => readEvent(sequenceText(kept._id), kept));
    const last = told.at(-1);
    return found.length > limit && last !== undefined ? { events: told, next: last.cursor } : { events: told };
  };
  const after = (cursor: string | undefined, limit: number): Promise<EventPage> =>
    reads.read(() => {
      checkLimit(limit);
      return page({ _id: { $gt: placeOf(cursor) ?? 0 } }, { _id: 1 }, limit);
    });
  return {
    of: (entity, key, { cursor, limit }) =>
      reads.read(async () => {
        checkLimit(limit);
        const before = placeOf(cursor);
        const id = documentId(entity, checkKey('the key', key));
        const chain = () => page({ d: id, ...present({ _id: before === undefined ? undefined : { $lt: before } }) }, { r: -1 }, limit);
        // What the document was made by is in its history, also if who wrote it has died in between.
        const [found, ...full] = await Promise.all([
          chain(),
          ...HOMES.map((home) => homes[home].find({ _id: id, o: { $exists: true } }).toArray()),
        ]);
        if (full.every((documents) => documents.length === 0)) return found;
        for (const [i, home] of HOMES.entries()) await outboxes.move(home, full[i] ?? []);
        return chain();
      }),
    concerning: (party, { cursor, limit, newestFirst }) =>
      reads.read(() => {
        checkLimit(limit);
        const place = placeOf(cursor);
        const beyond = place === undefined ? {} : { _id: newestFirst === true ? { $lt: place } : { $gt: place } };
        return page({ p: checkKey('the party', party), ...beyond }, { _id: newestFirst === true ? -1 : 1 }, limit);
      }),
    after,
    follow: (cursor, signal) => followEvents(after, listeners, cursor, signal),
    verify: (onProgress) => reads.read(() => verifyStore(database, declared, onProgress)),
  };
}

function placeOf(cursor: string | undefined): number | undefined {
  return checkCursor(cursor) === undefined ? undefined : Number(cursor);
}
