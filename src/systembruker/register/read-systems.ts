import { type PageOf, type PageRange, pickedPage } from '#access';
import type { Instant } from '#domain';
import type { Asking } from '../administer/caller.js';
import { leaveFor } from '../administer/leave.js';
import { systems as systemEntity, systemOf } from '../entities.js';
import { SystembrukerFault } from '../faults.js';
import type { System } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';
import { ofVendorsThatGoOn } from '../users/known.js';
import { leaveForSystem, type SystemView, systemNamed } from './named.js';

/** A change of a system, as its vendor is told of it. */
export interface SystemChange {
  readonly internalId: string;
  /** Who changed it: an organisation number, or `operator`. */
  readonly by: string;
  readonly kind: 'create' | 'update' | 'rightsupdate' | 'accesspackageupdate' | 'delete' | 'unknown';
  /** The system after it. */
  readonly after: System;
  readonly at: Instant;
}

/** The systems that customers can choose, by their ids. @throws ProblemError as leaveFor says; `invalid-request` for a cursor that is none of ours */
export async function listVisibleSystems(parts: SystembrukerParts, request: Asking, range: PageRange): Promise<PageOf<SystemView>> {
  await leaveFor(parts, request, { action: 'system.list-visible' });
  return pickedPage(collectionsOf(parts.store).systems, { index: 'visible' }, range, (found) => ofVendorsThatGoOn(parts.store, found));
}

/** A living system, whether it is shown in the list or not: whoever has its id has been told of it. @throws ProblemError as leaveFor says; SystembrukerFault */
export async function readSystem(parts: SystembrukerParts, request: Asking, id: string): Promise<SystemView> {
  await leaveFor(parts, request, { action: 'system.read' });
  const found = await systemNamed(parts, id);
  if (found === undefined || found.value.deleted !== undefined)
    throw new SystembrukerFault('AUTH-00011', { detail: 'There is no such system.' });
  return found;
}

/** The vendor's own systems that are not deleted, by their ids. @throws ProblemError as leaveFor says */
export async function listOwnSystems(parts: SystembrukerParts, request: Asking, range: PageRange): Promise<PageOf<SystemView>> {
  const { orgnr } = await leaveFor(parts, request, { action: 'system.list-own' });
  const { systems } = collectionsOf(parts.store);
  // The operator may ask for no vendor in particular.
  const where = orgnr === undefined ? { index: 'vendor' } : { index: 'vendor', prefix: systemOf(orgnr) };
  return pickedPage(systems, where, range, (found) => found);
}

/** A system of the vendor's, a deleted one too. @throws ProblemError as leaveFor says */
export async function readOwnSystem(parts: SystembrukerParts, request: Asking, id: string): Promise<SystemView> {
  return (await leaveForSystem(parts, request, id, 'system.read-own')).before;
}

/** All changes of a system of the vendor's, the newest first. @throws ProblemError as leaveFor says */
export async function listSystemChanges(parts: SystembrukerParts, request: Asking, id: string): Promise<readonly SystemChange[]> {
  const { before } = await leaveForSystem(parts, request, id, 'system.changelog');
  const changes: SystemChange[] = [];
  for (let cursor: string | undefined; ; ) {
    const range = cursor === undefined ? { limit: PAGE } : { limit: PAGE, cursor };
    const { events, next } = await parts.store.events.of(systemEntity.name, before.value.id, range);
    changes.push(
      ...events.map(({ action, actor, onBehalfOf, after, at }) => ({
        internalId: before.value.internalId,
        by: actor === 'operator' ? actor : (onBehalfOf ?? actor),
        kind: KINDS[action] ?? 'unknown',
        after: after as System,
        at,
      })),
    );
    if (next === undefined || changes.length >= MOST_TOLD) return changes.slice(0, MOST_TOLD);
    cursor = next;
  }
}

const PAGE = 50;
/** Older ones stand in the organisation's history. */
const MOST_TOLD = 1000;
const KINDS: Readonly<Record<string, SystemChange['kind']>> = {
  'system.create': 'create',
  'system.change': 'update',
  'system.change-rights': 'rightsupdate',
  'system.change-packages': 'accesspackageupdate',
  'system.delete': 'delete',
};
