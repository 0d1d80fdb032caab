import { type PageOf, type PageRange, pickedPage } from '#access';
import { isFault, type Orgnr } from '#domain';
import type { Asking } from '../administer/caller.js';
import { leaveFor } from '../administer/leave.js';
import { inSystem, ofParty } from '../entities.js';
import { SystembrukerFault } from '../faults.js';
import type { SystemId, SystemUser } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';
import { leaveForSystem } from '../register/named.js';
import { changeById } from './changes.js';
import {
  asCustomers,
  asVendors,
  type ChangeView,
  everById,
  gone,
  livingOf,
  parseExternalRef,
  type RequestPlace,
  type SystemUserView,
  statusAt,
} from './standing.js';

/** Which system user, as its vendor names it. */
export interface VendorsName {
  readonly systemId: SystemId;
  /** `undefined` for what is no organisation number. */
  readonly party: Orgnr | undefined;
  readonly externalRef?: string | undefined;
}

type Type = SystemUser['type'];

/**
 * A request of the vendor's. @throws as leaveFor says; SystembrukerFault `AUTH-00010` for what is not there, another's, or of the other type; of what was its own it
 * says what has become of it
 */
export async function readRequest(parts: SystembrukerParts, request: Asking, { id, type }: RequestPlace): Promise<SystemUserView> {
  const ever = ofType(await everById(parts, id), type);
  const found = ever?.value.madeBy === 'vendor' ? ever : undefined;
  await leaveFor(parts, request, { action: 'request.read', object: asVendors(found) });
  if (found === undefined) throw new SystembrukerFault('AUTH-00010');
  if (found.value.removed !== undefined) throw gone('AUTH-00010', found.value, 'vendor');
  return found;
}

function ofType(found: SystemUserView | undefined, type: Type | undefined): SystemUserView | undefined {
  return type === undefined || found?.value.type === type ? found : undefined;
}

/** The same by the vendor's own name. @throws as readRequest; `AUTH-00011` */
export async function readRequestByName(
  parts: SystembrukerParts,
  request: Asking,
  name: VendorsName,
  type?: Type,
): Promise<SystemUserView> {
  const found = ofType(await named(parts, request, 'request.list', name), type);
  if (found === undefined || found.value.madeBy === 'customer') throw new SystembrukerFault('AUTH-00010');
  return found;
}

async function named(
  parts: SystembrukerParts,
  request: Asking,
  action: string,
  { systemId, party, externalRef }: VendorsName,
): Promise<SystemUserView | undefined> {
  const { before } = await leaveForSystem(parts, request, systemId, action, { isLiving: true });
  const ref = party === undefined ? undefined : parseExternalRef(externalRef, party);
  if (party === undefined || ref === undefined || isFault(ref)) return undefined;
  return livingOf(parts, { systemId: before.value.id, party, externalRef: ref });
}

/** What the vendor has asked for, for one of its systems, the oldest first. @throws as leaveFor says; SystembrukerFault `AUTH-00011` */
export async function listRequests(
  parts: SystembrukerParts,
  request: Asking,
  { systemId, type }: { readonly systemId: SystemId; readonly type: Type },
  range: PageRange,
): Promise<PageOf<SystemUserView>> {
  const { before } = await leaveForSystem(parts, request, systemId, 'request.list', { isLiving: true });
  return ofSystem(parts, before.value.id, range, ({ value }) => value.madeBy === 'vendor' && value.type === type);
}

function ofSystem(
  { store }: SystembrukerParts,
  systemId: SystemId,
  range: PageRange,
  fits: (view: SystemUserView) => boolean,
): Promise<PageOf<SystemUserView>> {
  return pickedPage(collectionsOf(store).systemUsers, { index: 'system', prefix: inSystem(systemId) }, range, (found) =>
    found.filter(fits),
  );
}

/** A change request of the vendor's. @throws as leaveFor says; SystembrukerFault `AUTH-00010` */
export async function readChange(parts: SystembrukerParts, request: Asking, id: string): Promise<ChangeView> {
  const found = await changeById(parts, id);
  await leaveFor(parts, request, { action: 'change-request.read', object: asVendors(found) });
  if (found === undefined) throw new SystembrukerFault('AUTH-00010');
  return found;
}

/** The latest change request for a system user by the vendor's own name of it. @throws as readChange; `AUTH-00011` */
export async function readChangeByName(parts: SystembrukerParts, request: Asking, name: VendorsName): Promise<ChangeView> {
  const found = await named(parts, request, 'change-request.list', name);
  const change = found?.value.changes.at(-1);
  if (found === undefined || change === undefined) throw new SystembrukerFault('AUTH-00010');
  return { ...found, change };
}

/** The change requests for a system's users: those of one stand together, so a page may have some more than was asked for. @throws as listRequests */
export async function listChanges(
  parts: SystembrukerParts,
  request: Asking,
  systemId: SystemId,
  range: PageRange,
): Promise<PageOf<ChangeView>> {
  const { before } = await leaveForSystem(parts, request, systemId, 'change-request.list', { isLiving: true });
  const where = { index: 'changed', prefix: inSystem(before.value.id) };
  return pickedPage(collectionsOf(parts.store).systemUsers, where, range, (found) =>
    found.flatMap((view) => view.value.changes.map((change) => ({ ...view, change }))),
  );
}

/** The system users of one of the vendor's systems, of both types. @throws as listRequests */
export async function listSystemUsersOfSystem(
  parts: SystembrukerParts,
  request: Asking,
  systemId: SystemId,
  range: PageRange,
): Promise<PageOf<SystemUserView>> {
  const { before } = await leaveForSystem(parts, request, systemId, 'system-user.list-of-system', { isLiving: true });
  return ofSystem(parts, before.value.id, range, ({ value }) => value.status === 'Accepted');
}

/** A system user by the vendor's own name. @throws as leaveFor says; SystembrukerFault `AUTH-00011`, `AUTH-00015` */
export async function findSystemUser(parts: SystembrukerParts, request: Asking, name: VendorsName): Promise<SystemUserView> {
  const found = await named(parts, request, 'system-user.find', name);
  if (found?.value.status !== 'Accepted') throw new SystembrukerFault('AUTH-00015');
  return found;
}

/** The organisation's system users, the oldest first. @param request names the organisation @throws as leaveFor says */
export async function listSystemUsers(
  parts: SystembrukerParts,
  request: Asking,
  type: Type | undefined,
  range: PageRange,
): Promise<PageOf<SystemUserView>> {
  const { orgnr } = await leaveFor(parts, request, { action: 'system-user.list' });
  const party = orgnr as Orgnr;
  const where = { index: 'party', prefix: ofParty(party), until: ofParty(party, 'over') };
  return pickedPage(collectionsOf(parts.store).systemUsers, where, range, (found) =>
    found.filter(({ value }) => value.status === 'Accepted' && (type === undefined || value.type === type)),
  );
}

/**
 * One of them. @throws as leaveFor says; SystembrukerFault `AUTH-00015` also for another organisation's; of what was its own it says what has become of it, and
 * (`MovedTo`) which one it is now
 */
export async function readSystemUser(parts: SystembrukerParts, request: Asking, id: string): Promise<SystemUserView> {
  const ever = await everById(parts, id);
  const isOwn = request.orgnr === undefined || ever?.value.party === request.orgnr;
  const found = isOwn && ever?.value.status === 'Accepted' ? ever : undefined;
  await leaveFor(parts, request, { action: 'system-user.read', object: asCustomers(found) });
  if (found === undefined) throw new SystembrukerFault('AUTH-00015');
  if (found.value.removed !== undefined) throw gone('AUTH-00015', found.value, 'customer');
  return found;
}

/** The requests that wait for the organisation's answer, the oldest first. @throws as leaveFor says */
export async function listPending(
  parts: SystembrukerParts,
  request: Asking,
  { type, isEscalated }: { readonly type?: Type; readonly isEscalated?: boolean },
  range: PageRange,
): Promise<PageOf<SystemUserView>> {
  const { orgnr, at } = await leaveFor(parts, request, { action: 'request.list-pending' });
  const where = { index: 'party', prefix: ofParty(orgnr as Orgnr, 'asked') };
  return pickedPage(collectionsOf(parts.store).systemUsers, where, range, (found) =>
    found.filter(
      ({ value }) =>
        statusAt(value, at) === 'New' &&
        (type === undefined || value.type === type) &&
        (isEscalated !== true || value.escalated !== undefined),
    ),
  );
}

/** The changes that wait for the organisation's answer. @throws as leaveFor says */
export async function listPendingChanges(parts: SystembrukerParts, request: Asking, range: PageRange): Promise<PageOf<ChangeView>> {
  const { orgnr, at } = await leaveFor(parts, request, { action: 'change-request.list-pending' });
  const where = { index: 'party', prefix: ofParty(orgnr as Orgnr, 'asked') };
  return pickedPage(collectionsOf(parts.store).systemUsers, where, range, (found) =>
    found.flatMap((view) => {
      const open = view.value.changes.filter((change) => statusAt(change, at) === 'New');
      return view.value.status === 'Accepted' ? open.map((change) => ({ ...view, change })) : [];
    }),
  );
}
