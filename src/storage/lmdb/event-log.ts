import { ProblemError } from '#problem';
import type { EventLog, EventPage, StoreEvent } from '../port.js';
import { checkLimit, type Read } from './collection.js';
import { historyPrefix } from './layout.js';
import { keysBetween, pastPrefix, type Tables } from './tables.js';

/** How long a change of another process may stay unseen by who follows. */
const POLL_MS = 100;
const FOLLOW_PAGE = 500;
const HASH_LENGTH = 43;

export function createEventLog({ events, history }: Tables, read: Read, listeners: Set<() => void>): EventLog {
  const at = (cursor: Buffer): StoreEvent => {
    const text = events.get(cursor) as string;
    return { ...(JSON.parse(text.slice(HASH_LENGTH)) as Omit<StoreEvent, 'hash'>), hash: text.slice(0, HASH_LENGTH) };
  };
  const page = (places: readonly Buffer[], limit: number): EventPage => {
    const found = places.slice(0, limit).map((place) => at(place.subarray(place.length - 16)));
    const last = found.at(-1);
    return places.length > limit && last !== undefined ? { events: found, next: last.cursor } : { events: found };
  };
  const after = (cursor: string | undefined, limit: number): Promise<EventPage> =>
    read(() => {
      checkLimit(limit);
      return page(keysBetween(events, Buffer.from(past(cursor)), Buffer.of(0xff), limit + 1), limit);
    });
  return {
    of: (entity, key, { cursor, limit }) =>
      read(() => {
        checkLimit(limit);
        const prefix = historyPrefix(entity, key);
        return page(keysBetween(history, Buffer.from(prefix + past(cursor)), pastPrefix(prefix), limit + 1), limit);
      }),
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
