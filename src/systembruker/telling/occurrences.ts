import { createHash } from 'node:crypto';
import { type Instant, type Orgnr, present } from '#domain';
import type { StoreEvent } from '#storage';
import { systemUsers } from '../entities.js';
import type { ChangeRequest, RequestStatus, SystemId, SystemUser } from '../nouns.js';

/** What a vendor is told that has happened. */
const OCCURRENCES = [
  'request-created',
  'request-approved',
  'request-rejected',
  'request-escalated',
  'request-expired',
  'request-withdrawn',
  'change-request-created',
  'change-request-approved',
  'change-request-rejected',
  'change-request-expired',
  'change-request-withdrawn',
  'system-user-created',
  'system-user-changed',
  'system-user-deactivated',
  'system-user-activated',
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
  // A system user is one system's for ever: moved to another one it ends, and a new one is made.
  const [was, is] = [event.before, event.after] as [SystemUser | undefined, SystemUser | undefined];
  if (is?.systemId !== systemId) return undefined;
  const change = changedRequest(was, is);
  const occurrences = was === undefined ? [begun(is)] : within(was, is, change);
  if (occurrences.length === 0) return undefined;
  return present({
    id: createHash('sha256').update(`${event.hash} ${systemId}`).digest('base64url'),
    at: event.at,
    occurrences,
    systemUserId: is.id,
    systemId,
    party: is.party,
    externalRef: is.externalRef,
    type: is.type,
    status: is.status,
    changeId: change?.id,
  });
}

function begun({ status }: SystemUser): Occurrence {
  return status === 'Accepted' ? 'system-user-created' : 'request-created';
}

/** What has become of what waited for an answer. */
const ANSWERS = { Accepted: 'approved', Rejected: 'rejected', Timedout: 'expired' } as const;

function within(was: SystemUser, is: SystemUser, change: ReturnType<typeof changedRequest>): Occurrence[] {
  const found: Occurrence[] = [];
  if (was.status !== is.status && is.status !== 'New') found.push(`request-${ANSWERS[is.status]}`);
  if (was.escalated === undefined && is.escalated !== undefined) found.push('request-escalated');
  if (change !== undefined) found.push(change.occurrence);
  if (was.deactivated === undefined && is.deactivated !== undefined) found.push('system-user-deactivated');
  if (was.deactivated !== undefined && is.deactivated === undefined) found.push('system-user-activated');
  if (was.removed === undefined && is.removed !== undefined) {
    const isMoved = is.removed.into !== undefined;
    found.push(isMoved ? 'system-user-moved-away' : was.status === 'Accepted' ? 'system-user-removed' : 'request-withdrawn');
  }
  if (found.length === 0 && JSON.stringify(was.has) !== JSON.stringify(is.has)) found.push('system-user-changed');
  return found;
}

/** The change request that has come, was answered, or is gone. */
function changedRequest(was: SystemUser | undefined, is: SystemUser): { id: string; occurrence: Occurrence } | undefined {
  if (was === undefined) return undefined;
  const before = new Map(was.changes.map((one) => [one.id, one]));
  for (const { id, status } of is.changes) {
    const known: ChangeRequest | undefined = before.get(id);
    before.delete(id);
    if (known === undefined) return { id, occurrence: 'change-request-created' };
    if (known.status === 'New' && status !== 'New') return { id, occurrence: `change-request-${ANSWERS[status]}` };
  }
  // Answered ones may be forgotten to make room.
  const [gone] = [...before.values()].filter(({ status }) => status === 'New');
  return gone && { id: gone.id, occurrence: 'change-request-withdrawn' };
}
