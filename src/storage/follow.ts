import type { EventPage, StoreEvent } from './port.js';

/** How long a change of another process may stay unseen by who follows. */
const POLL_MS = 100;
const FOLLOW_PAGE = 500;

/**
 * EventLog.follow, by reading what came after.
 * @param after EventLog.after
 * @param listeners are called when this process has written events
 */
export async function* followEvents(
  after: (cursor: string | undefined, limit: number) => Promise<EventPage>,
  listeners: Set<() => void>,
  cursor: string | undefined,
  signal: AbortSignal,
): AsyncIterable<StoreEvent> {
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
