import { repeated } from '#access';
import type { Asking } from '../administer/caller.js';
import { type Leave, leaveFor, mayDo } from '../administer/leave.js';
import { SystembrukerFault } from '../faults.js';
import type { RequestStatus, Rights, System, SystemUser } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';
import { systemNamed } from '../register/named.js';
import { assertOfSystem, assertOpen } from './ask.js';
import { assertGivable, type DelegationFault, delegationFaults } from './delegation.js';
import { isClosed } from './known.js';
import { NOTHING } from './rights.js';
import { asCustomers, NOBODYS, type RequestPlace, requestOf, type SystemUserView, statusAt } from './standing.js';

/** What a person of the customer sees of what a vendor has asked for. */
export interface Opened {
  readonly view: SystemUserView;
  readonly status: RequestStatus;
  /** Else the person can only send it on to those who may. */
  readonly mayAnswer: boolean;
  /** What of it the person could not give; of what can be answered, and for whoever may. */
  readonly faults: readonly DelegationFault[];
}

/**
 * Opens a request for whoever has a role in the organisation that it is for. The request says which that is.
 * @throws ProblemError and SystembrukerFault as leaveFor says: `AUTH-00010`, `AUTH-00066`
 */
export async function openRequest(parts: SystembrukerParts, request: Asking, place: RequestPlace): Promise<Opened> {
  const found = await requestOf(parts, place);
  const asking = forParty(request, found);
  const object = asCustomers(found);
  const { at } = await leaveFor(parts, asking, { action: 'request.open', object });
  if (found === undefined) throw new SystembrukerFault('AUTH-00010');
  const status = statusAt(found.value, at);
  const { allowed: mayAnswer } = await mayDo(parts, asking, { action: 'request.approve', object });
  const { type, party, asked } = found.value;
  const faults = mayAnswer && status === 'New' ? await delegationFaults(parts, { ...asked, type, party }, request.caller) : [];
  return { view: found, status, mayAnswer, faults };
}

/** A request that the caller's organisation has got. @param request names the organisation @throws as leaveFor says; SystembrukerFault `AUTH-00010`, also for another's */
export async function readReceivedRequest(parts: SystembrukerParts, request: Asking, place: RequestPlace): Promise<SystemUserView> {
  const { orgnr } = await leaveFor(parts, request, { action: 'request.list-pending' });
  const found = await requestOf(parts, place);
  if (found === undefined || found.value.party !== orgnr) throw new SystembrukerFault('AUTH-00010');
  return found;
}

/**
 * Approves a request: from then on the system user is there, with just what was asked.
 * @param request names the organisation, or leaves it to the request
 * @throws ProblemError and SystembrukerFault as leaveFor and assertGivable say; `AUTH-00013`, `AUTH-00011`, `AUTH-00001`, `AUTH-00063`
 */
export async function approveRequest(parts: SystembrukerParts, request: Asking, place: RequestPlace): Promise<SystemUserView> {
  return answered(parts, request, { place, action: 'request.approve' }, async (value, { at, actor }) => {
    await assertStillOffered(parts, value, value.asked);
    const { type, party, asked } = value;
    await assertGivable(parts, { ...asked, type, party }, request.caller);
    return { ...value, status: 'Accepted', has: asked, decided: { at, by: actor } };
  });
}

/** Rejects a request. The vendor sees it as rejected until it withdraws it. @throws as approveRequest */
export async function rejectRequest(parts: SystembrukerParts, request: Asking, place: RequestPlace): Promise<SystemUserView> {
  return answered(parts, request, { place, action: 'request.reject' }, (value, { at, actor }) => ({
    ...value,
    status: 'Rejected',
    has: NOTHING,
    decided: { at, by: actor },
  }));
}

/** Sends a request on to those who may answer it. @returns whether it had not been already @throws as approveRequest */
export async function escalateRequest(parts: SystembrukerParts, request: Asking, place: RequestPlace): Promise<boolean> {
  let isNew = false;
  await answered(parts, request, { place, action: 'request.escalate' }, (value, { at, actor }) => {
    isNew = value.escalated === undefined;
    return isNew ? { ...value, escalated: { at, by: actor } } : undefined;
  });
  return isNew;
}

/** One write of what stands open, from what was read; judged anew if somebody else has written meanwhile. */
async function answered(
  parts: SystembrukerParts,
  request: Asking,
  { place, action }: { readonly place: RequestPlace; readonly action: string },
  change: (value: SystemUser, leave: Leave) => Promise<SystemUser | undefined> | SystemUser | undefined,
): Promise<SystemUserView> {
  return repeated(async () => {
    const found = await requestOf(parts, place);
    const leave = await leaveFor(parts, forParty(request, found), { action, object: asCustomers(found) });
    if (found === undefined) throw new SystembrukerFault('AUTH-00010');
    assertOpen(found.value, leave.at, 'AUTH-00013');
    const value = await change(found.value, leave);
    if (value === undefined) return found;
    const facts = leave.facts(action);
    return collectionsOf(parts.store).systemUsers.put({ ...value, updated: leave.at }, { expect: found.revision, facts });
  });
}

/** Whose caller names no organisation asks for the one that it is about. What is not there is refused as it is to whoever has no role there. */
export function forParty(request: Asking, found: SystemUserView | undefined): Asking {
  return request.orgnr === undefined ? { ...request, orgnr: found?.value.party ?? NOBODYS } : request;
}

/** Holds that the vendor of a system has not ceased: it would be given what it can never use. @throws SystembrukerFault */
export async function assertVendorGoesOn({ store }: Pick<SystembrukerParts, 'store'>, { vendor }: Pick<System, 'vendor'>): Promise<void> {
  if (await isClosed(store, vendor)) throw new SystembrukerFault('AUTH-00011', { detail: 'The vendor of the system has ceased.' });
}

/** Holds that the system is there and may still have it: it may have changed since it was asked for. @throws SystembrukerFault */
export async function assertStillOffered(
  parts: Pick<SystembrukerParts, 'store'>,
  { systemId }: Pick<SystemUser, 'systemId'>,
  rights: Rights,
): Promise<System> {
  const system = (await systemNamed(parts, systemId))?.value;
  if (system === undefined || system.deleted !== undefined) {
    throw new SystembrukerFault('AUTH-00011', { detail: 'The vendor has deleted the system.' });
  }
  await assertVendorGoesOn(parts, system);
  assertOfSystem(rights, system);
  return system;
}
