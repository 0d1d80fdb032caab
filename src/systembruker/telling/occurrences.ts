import { createHash } from 'node:crypto';
import { type Instant, type Orgnr, present } from '#domain';
import type { StoreEvent } from '#storage';
import { systemUsers } from '../entities.js';
import type { ChangeRequest, RequestStatus, SystemId, SystemUser } from '../nouns.js';

/** What a vendor is told that has happened. */
export const OCCURRENCES = [
  'request-created',
  'request-approved',
  'request-rejected',
  'request-escalated',
  'request-withdrawn',
  'change-request-created',
  'change-request-approved',
  'change-request-rejected',
  'change-request-withdrawn',
  'system-user-created',
  'system-user-changed',
  'system-user-deactivated',
  'system-user-activated',
  'system-user-moved-here',
  'system-user-moved-away',
  'system-user-removed',
] as const;
/** One of them. */
export type Occurrence = (typeof OCCURRENCES)[number];

/** What a vendor is told of an event of one of its systems: never who did it, nor what is another system's. */
export interface Told {
  /** The same whenever and wherever it is told. */
  readonly id: string;
  readonly at: Instant;
  readonly occurrences: readonly Occurrence[];
  readonly systemUserId: string;
  readonly systemId: SystemId;
  readonly party: Orgnr;
  readonly externalRef: string;
  readonly type: SystemUser['type'];
  readonly status: RequestStatus;
  /** The change request that it is about. */
  readonly changeId?: string;
}

/** What the vendor of a system is told of an event; `undefined`: nothing. */
export function toldOf(event: Pick<StoreEvent, 'entity' | 'at' | 'hash' | 'before' | 'after'>, systemId: SystemId): Told | undefined {
  if (event.entity !== systemUsers.name) return undefined;
  const [before, after] = [event.before, event.after] as [SystemUser | undefined, SystemUser | undefined];
  const [was, is] = [before, after].map((one) => (one?.systemId === systemId ? one : undefined));
  const change = changedRequest(was, is);
  const occurrences = was === undefined || is === undefined ? crossing(before, was, is) : within(was, is, change);
  const seen = is ?? was;
  if (seen === undefined || occurrences.length === 0) return undefined;
  return present({
    id: createHash('sha256').update(`${event.hash} ${systemId}`).digest('base64url'),
    at: event.at,
    occurrences,
    systemUserId: seen.id,
    systemId,
    party: seen.party,
    externalRef: seen.externalRef,
    type: seen.type,
    status: seen.status,
    changeId: change?.id,
  });
}

/** It comes to the system, or leaves it. */
function crossing(before: SystemUser | undefined, was: SystemUser | undefined, is: SystemUser | undefined): Occurrence[] {
  if (is === undefined) return was === undefined || was.removed !== undefined ? [] : ['system-user-moved-away'];
  if (before !== undefined) return ['system-user-moved-here'];
  return [is.status === 'Accepted' ? 'system-user-created' : 'request-created'];
}

function within(was: SystemUser, is: SystemUser, change: ReturnType<typeof changedRequest>): Occurrence[] {
  const found: Occurrence[] = [];
  if (was.status === 'New' && is.status !== 'New') found.push(is.status === 'Accepted' ? 'request-approved' : 'request-rejected');
  if (was.escalated === undefined && is.escalated !== undefined) found.push('request-escalated');
  if (change !== undefined) found.push(change.occurrence);
  if (was.deactivated === undefined && is.deactivated !== undefined) found.push('system-user-deactivated');
  if (was.deactivated !== undefined && is.deactivated === undefined) found.push('system-user-activated');
  if (was.removed === undefined && is.removed !== undefined) {
    found.push(was.status === 'Accepted' ? 'system-user-removed' : 'request-withdrawn');
  }
  if (found.length === 0 && JSON.stringify(was.has) !== JSON.stringify(is.has)) found.push('system-user-changed');
  return found;
}

/** The change request that has come, was answered, or is gone. */
function changedRequest(was: SystemUser | undefined, is: SystemUser | undefined): { id: string; occurrence: Occurrence } | undefined {
  if (was === undefined || is === undefined) return undefined;
  const before = new Map(was.changes.map((one) => [one.id, one]));
  for (const { id, status } of is.changes) {
    const known: ChangeRequest | undefined = before.get(id);
    before.delete(id);
    if (known === undefined) return { id, occurrence: 'change-request-created' };
    if (known.status === 'New' && status !== 'New') {
      return { id, occurrence: status === 'Accepted' ? 'change-request-approved' : 'change-request-rejected' };
    }
  }
  // Answered ones may be forgotten to make room.
  const [gone] = [...before.values()].filter(({ status }) => status === 'New');
  return gone && { id: gone.id, occurrence: 'change-request-withdrawn' };
}
