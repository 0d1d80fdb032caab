import { setImmediate } from 'node:timers/promises';
import { present } from '#domain';
import type { Asking } from '../administer/caller.js';
import type { SystemId } from '../nouns.js';
import type { SystembrukerParts } from '../parts.js';
import { leaveForSystem } from '../register/named.js';
import { type Told, toldOf } from './occurrences.js';
import { eventsOfSystem } from './read-events.js';

/** A part of what has happened to a system's requests and system users, the oldest first. */
export interface FeedPage {
  readonly items: readonly Told[];
  /** Where it goes on now; absent: that was all. */
  readonly next?: string;
  /** Where it goes on later; absent: nothing has happened yet. */
  readonly later?: string;
}

const READ_TOGETHER = 20;
const LOOKED_AT = 1000;

/**
 * What has happened to a system's requests and system users, as its vendor is told it by a webhook.
 * @throws ProblemError as leaveFor says; SystembrukerFault `AUTH-00011`; `invalid-request` for a cursor that is none of ours
 */
export async function listTold(
  parts: SystembrukerParts,
  request: Asking,
  systemId: SystemId,
  range: { readonly limit: number; readonly cursor?: string },
): Promise<FeedPage> {
  await leaveForSystem(parts, request, systemId, 'feed.read');
  const items: Told[] = [];
  let at = range.cursor;
  for (let looked = 0; ; ) {
    const { events, next } = await eventsOfSystem(parts.store, systemId, present({ limit: READ_TOGETHER, cursor: at }));
    for (const event of events) {
      if (items.length === range.limit) return present({ items, next: at, later: at });
      at = event.cursor;
      const told = toldOf(event, systemId);
      if (told !== undefined) items.push(told);
    }
    looked += events.length;
    if (next === undefined) return present({ items, later: at });
    if (looked >= LOOKED_AT) return present({ items, next: at, later: at });
    await setImmediate();
  }
}
