import { setTimeout as delay } from 'node:timers/promises';
import { type Orgnr, present } from '#domain';
import type { StoreEvent, Verification } from '#storage';
import { type AdminRequest, authorize } from '../administer/authorize.js';
import type { AccessParts } from '../parts.js';

const PAGE = 500;
/** How long an event may stay unseen by who follows. */
const POLL_MS = 200;

/** Which events of the store, oldest first. */
export interface HistoryRange {
  /** Only those that concern this organisation, whether it is registered or not. */
  readonly orgnr?: Orgnr;
  /** Only those after the event of this cursor. */
  readonly after?: string;
  /** At most so many. */
  readonly limit?: number;
  /** Goes on with events as they happen, until `over`. */
  readonly follow?: boolean;
  readonly over: AbortSignal;
}

/** The store's events as they are kept, of every organisation. @throws ProblemError as authorize says */
export async function readHistory(parts: AccessParts, request: AdminRequest, range: HistoryRange): Promise<AsyncIterable<StoreEvent>> {
  await authorize(parts, request, { action: 'history.read', orgnr: 'all' });
  return eventsIn(parts, range);
}

async function* eventsIn(
  { store }: AccessParts,
  { orgnr, after, limit = Number.POSITIVE_INFINITY, follow, over }: HistoryRange,
): AsyncGenerator<StoreEvent> {
  let cursor = after;
  for (let left = limit; left > 0 && !over.aborted; ) {
    const size = Math.min(left, PAGE);
    const { events, next } = await (orgnr === undefined
      ? store.events.after(cursor, size)
      : store.events.concerning(orgnr, present({ limit: size, cursor })));
    yield* events;
    cursor = events.at(-1)?.cursor ?? cursor;
    left -= events.length;
    if (next !== undefined) continue;
    if (follow !== true) return;
    await delay(POLL_MS, undefined, { signal: over }).catch(() => {});
  }
}

/**
 * Reads the whole history and compares it with what is stored.
 * @param onProgress is told now and then how many events have been read
 * @throws ProblemError as authorize says
 */
export async function verifyHistory(
  parts: AccessParts,
  request: AdminRequest,
  onProgress: (events: number) => void,
): Promise<Verification> {
  await authorize(parts, request, { action: 'history.verify', orgnr: 'all' });
  return parts.store.events.verify(onProgress);
}
