import { ProblemError } from '#problem';
import type { Entity, EventLog, EventPage, EventRange, StoreEvent } from '../port.js';
import { checkLimit, type Read } from './collection.js';
import { CURSOR_LENGTH, checkText, concernsPrefix, historyPrefix, keyBytes, readEvent } from './layout.js';
import { keysBackwards, keysBetween, pastPrefix, type Table, type Tables } from './tables.js';
import { verifyStore } from './verify.js';

/** How long a change of another process may stay unseen by who follows. */
const POLL_MS = 100;
const FOLLOW_PAGE = 500;

/** @param declared the entities of this process by name */
export function createEventLog(
  tables: Tables,
  read: Read,
  listeners: Set<() => void>,
  declared: ReadonlyMap<string, Entity<unknown>>,
): EventLog {
  const { events, history, concerns } = tables;
  const at = (cursor: Buffer): StoreEvent => {
    const text = events.get(cursor);
    if (text === undefined) throw new ProblemError('store-unavailable', { detail: `the event ${cursor.toString()} is gone` });
    return readEvent(text);
  };
  const page = (places: readonly Buffer[], limit: number): EventPage => {
    const found = places.slice(0, limit).map((place) => at(place.subarray(place.length - CURSOR_LENGTH)));
    const last = found.at(-1);
    return places.length > limit && last !== undefined ? { events: found, next: last.cursor } : { events: found };
  };
  const listed = (table: Table, prefix: string, { cursor, limit, newestFirst }: EventRange): EventPage => {
    checkLimit(limit);
    const start = keyBytes(prefix + past(cursor));
    if (newestFirst !== true) return page(keysBetween(table, start, pastPrefix(prefix), limit + 1), limit);
    const end = cursor === undefined ? pastPrefix(prefix) : Buffer.from(prefix + cursor);
    return page(keysBackwards(table, Buffer.from(prefix), end, limit + 1), limit);
  };
  const after = (cursor: string | undefined, limit: number): Promise<EventPage> =>
    read(() => {
      checkLimit(limit);
      return page(keysBetween(events, Buffer.from(past(cursor)), Buffer.of(0xff), limit + 1), limit);
    });
  return {
    of: (entity, key, range) => read(() => listed(history, historyPrefix(entity, key), range)),
    concerning: (party, range) => read(() => listed(concerns, concernsPrefix(checkText('the party', party)), range)),
    after,
    follow: async function* (cursor, signal) {
      let seen = cursor;
      while (!signal.aborted) {
        const { events: found } = await after(seen, FOLLOW_PAGE);
        for (const event of found) {
          if (signal.aborted) return;
          yield event;
          seen = event.cursor;
        }
        if (found.length === 0) await pause(signal, listeners);
      }
    },
    verify: (onProgress) => verifyStore(tables, declared, read, onProgress),
  };
}

function past(cursor: string | undefined): string {
  if (cursor === undefined) return '0';
  if (!/^\d{16}$/.test(cursor)) throw new ProblemError('invalid-request', { detail: 'the cursor is none of ours' });
  return `${cursor}\0`;
}

/** Until the own process writes, the time is over, or the signal aborts. */
function pause(signal: AbortSignal, listeners: Set<() => void>): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      listeners.delete(done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, POLL_MS);
    listeners.add(done);
    signal.addEventListener('abort', done);
  });
}
