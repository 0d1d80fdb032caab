import { setImmediate } from 'node:timers/promises';
import { ProblemError } from '#problem';
import { CURSOR_LENGTH, checkCursor, sequenceText } from '../cursor.js';
import { followEvents } from '../follow.js';
import { checkKey, checkLimit } from '../limits.js';
import type { DirectedRange, Entity, EventLog, EventPage, EventRange, StoreEvent } from '../port.js';
import type { Access } from './collection.js';
import { concernsPrefix, documentKey, readEvent, readKept, splitEvent } from './layout.js';
import type { Snapshots } from './snapshots.js';
import { keysBackwards, keysBetween, pastPrefix, type Tables } from './tables.js';
import { verifyStore } from './verify/verify-store.js';

/** How many events are passed over in one turn of the event loop: some 5 ms. */
const STRIDE = 500;

/**
 * The event log of a store.
 * @param listeners are called after each commit of this process
 * @param declared the entities of this process by name
 */
export function createEventLog(
  { tables, snapshots, notes, writer }: Access,
  listeners: Set<() => void>,
  declared: ReadonlyMap<string, Entity<unknown>>,
): EventLog {
  const { events, concerns } = tables;
  const at = (cursor: string): StoreEvent => readEvent(cursor, keptAt(tables, cursor));
  const page = (places: readonly Buffer[], limit: number): EventPage => {
    const found = places.slice(0, limit).map((place) => at(place.subarray(place.length - CURSOR_LENGTH).toString()));
    const last = found.at(-1);
    return places.length > limit && last !== undefined ? { events: found, next: last.cursor } : { events: found };
  };
  const listed = (prefix: string, { cursor, limit, newestFirst }: DirectedRange): EventPage => {
    checkLimit(limit);
    const start = Buffer.from(prefix + past(cursor));
    if (newestFirst !== true) return page(keysBetween(concerns, start, pastPrefix(prefix), limit + 1), limit);
    const end = cursor === undefined ? pastPrefix(prefix) : Buffer.from(prefix + cursor);
    return page(keysBackwards(concerns, Buffer.from(prefix), end, limit + 1), limit);
  };
  const after = (cursor: string | undefined, limit: number): Promise<EventPage> =>
    snapshots.read(() => {
      checkLimit(limit);
      return page(keysBetween(events, Buffer.from(past(cursor)), Buffer.of(0xff), limit + 1), limit);
    });
  // What processes of other versions could not list.
  const settled = async (): Promise<void> => {
    if (await snapshots.read(() => notes.isAny())) await notes.settleAll(writer, declared.values());
  };
  return {
    of: (entity, key, range) => eventsOf(tables, snapshots, entity, key, range),
    concerning: async (party, range) => {
      await settled();
      return snapshots.read(() => listed(concernsPrefix(checkKey('the party', party)), range));
    },
    after,
    follow: (cursor, signal) => followEvents(after, listeners, cursor, signal),
    verify: async (onProgress) => {
      await settled();
      return verifyStore({ tables, declared, snapshots, onProgress });
    },
  };
}

function keptAt({ events }: Tables, cursor: string): string {
  const text = events.get(cursor);
  if (text === undefined) throw new ProblemError('store-unavailable', { detail: `the event ${cursor} is gone` });
  return text;
}

/** The chain of a document's events, from where the cursor says backwards. */
async function eventsOf(tables: Tables, snapshots: Snapshots, entity: string, key: string, range: EventRange): Promise<EventPage> {
  const { limit, cursor } = range;
  let next = await snapshots.read(() => {
    checkLimit(limit);
    past(cursor);
    return chainBelow(tables, entity, checkKey('the key', key), cursor);
  });
  // A cursor of another document's event: the newer ones are passed over.
  while (cursor !== undefined && next !== 0 && sequenceText(next) >= cursor) {
    const from = next;
    next = await snapshots.read(() => {
      let at = from;
      for (let i = 0; i < STRIDE && at !== 0 && sequenceText(at) >= cursor; i += 1)
        at = splitEvent(keptAt(tables, sequenceText(at))).previous;
      return at;
    });
    await setImmediate();
  }
  return snapshots.read(() => {
    const found: StoreEvent[] = [];
    let at = next;
    for (; at !== 0 && found.length < limit; ) {
      const text = keptAt(tables, sequenceText(at));
      found.push(readEvent(sequenceText(at), text));
      at = splitEvent(text).previous;
    }
    const last = found.at(-1);
    return at !== 0 && last !== undefined ? { events: found, next: last.cursor } : { events: found };
  });
}

/** Where the chain goes on below the cursor if that is one of the document's events; else where the chain begins. 0: there is none. */
function chainBelow({ documents, graves, events }: Tables, entity: string, key: string, cursor: string | undefined): number {
  const text = cursor === undefined ? undefined : events.get(cursor);
  if (cursor !== undefined && text !== undefined) {
    const event = readEvent(cursor, text);
    if (event.entity === entity && event.key === key) return splitEvent(text).previous;
  }
  const place = documentKey(entity, key);
  const kept = documents.get(place) ?? graves.get(place);
  return kept === undefined ? 0 : readKept(kept).last;
}

/** The least key beyond the cursor. */
function past(cursor: string | undefined): string {
  return cursor === undefined ? '0' : `${checkCursor(cursor)}\0`;
}
