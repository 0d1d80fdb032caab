import { repeated } from '#access';
import { isFault, parseUuid, present } from '#domain';
import type { Asking } from '../administer/caller.js';
import { type Leave, leaveFor, mayDo } from '../administer/leave.js';
import { SystembrukerFault } from '../faults.js';
import type { ChangeRequest, RequestStatus, Rights, System, SystemUser } from '../nouns.js';
import { collectionsOf, type SystembrukerParts, type SystembrukerSideParts } from '../parts.js';
import { assertStillOffered, forParty } from './answer.js';
import { assertOpen, expiryOf } from './ask.js';
import { assertEverGivable, assertGivable, type DelegationFault, delegationFaults } from './delegation.js';
import { isInUse, knownOf } from './known.js';
import { actionsIn, allOf, changed, type Difference, differenceOf, isNothing, ofPlaces } from './rights.js';
import { acceptedById, asCustomers, assertRedirect, asVendors, type ChangeView, type SystemUserView, statusAt } from './standing.js';

/** A change request as a vendor sends it. */
export interface SentChange {
  /** The vendor's correlation id. */
  readonly id: string;
  readonly systemUserId: string;
  readonly required: Rights;
  readonly unwanted: Rights;
  readonly redirectUrl?: string;
}

/** What has become of a change request that was sent. */
export type AskedChange =
  | { readonly kind: 'made' | 'known'; readonly view: ChangeView }
  /** The system user has what is required and nothing of what is unwanted: nothing is kept. */
  | { readonly kind: 'needless'; readonly view: SystemUserView };

/** Of one system user; those that are over give way to new ones. */
const MOST_KEPT = 20;

/**
 * Asks a customer to let a system user have more or less. Sent again with the same id, it is answered as it stands.
 * @throws ProblemError and SystembrukerFault as leaveFor says, and of what is wrong with what was sent
 */
export async function askForChange(parts: SystembrukerSideParts, request: Asking, sent: SentChange): Promise<AskedChange> {
  return repeated(async () => {
    const found = await acceptedById(parts, sent.systemUserId);
    const object = asVendors(found);
    const leave = await leaveFor(parts, request, { action: 'change-request.create', object });
    if (found === undefined) throw new SystembrukerFault('AUTH-00015');
    const id = parseUuid(sent.id);
    if (isFault(id)) throw wrong('correlation-id must be a UUID.');
    if (id === found.value.id) throw wrong('correlation-id must be another UUID than that of the system user.');
    if (isNothing(sent.required) && isNothing(sent.unwanted)) return { kind: 'needless', view: found };
    const known = await changeById(parts, id);
    if (known !== undefined) {
      if (known.value.vendor !== found.value.vendor) throw wrong('correlation-id is in use: make a new UUID.');
      return { kind: 'known', view: known };
    }
    if (found.value.type === 'agent') {
      throw new SystembrukerFault('AUTH-00015', { detail: 'An agent is not changed: give it back, and ask anew.' });
    }
    if (!(await isInUse(parts.store, found.value.party))) throw new SystembrukerFault('AUTH-00000');
    const { system, difference } = await assertSound(parts, found.value, sent);
    if (isNothing(difference.added) && isNothing(difference.removed)) return { kind: 'needless', view: found };
    // What the system user cannot come to have need not be remembered.
    const unwanted = ofPlaces(sent.unwanted, [system, found.value.has]);
    const change = changeOf(parts, leave, { ...sent, unwanted, id });
    const value = { ...found.value, changes: withChange(found.value.changes, change), updated: leave.at };
    const facts = leave.facts('change-request.create');
    return {
      kind: 'made',
      view: { ...(await collectionsOf(parts.store).systemUsers.put(value, { expect: found.revision, facts })), change },
    };
  });
}

function wrong(detail: string): SystembrukerFault {
  return new SystembrukerFault('AUTH-00005', { detail });
}

async function assertSound(
  parts: SystembrukerSideParts,
  user: SystemUser,
  { required, unwanted, redirectUrl }: SentChange,
): Promise<{ readonly system: System; readonly difference: Difference }> {
  const system = await assertStillOffered(parts, user, required);
  if (redirectUrl !== undefined) assertRedirect(redirectUrl, system.redirectUrls);
  await assertEverGivable(parts, { ...required, type: user.type, party: user.party });
  return { system, difference: await differenceFor(parts, user, { required, unwanted }) };
}

/** What a change would make of what the system user has now. */
async function differenceFor(
  parts: Pick<SystembrukerParts, 'store'>,
  user: SystemUser,
  change: Pick<ChangeRequest, 'required' | 'unwanted'>,
): Promise<Difference> {
  return differenceOf(user.has, await afterChange(parts, user, change));
}

async function afterChange(
  { store }: Pick<SystembrukerParts, 'store'>,
  user: SystemUser,
  change: Pick<ChangeRequest, 'required' | 'unwanted'>,
): Promise<Rights> {
  return changed(user.has, change, actionsIn(await knownOf(store, [...allOf(user), change.unwanted])));
}

function changeOf(parts: SystembrukerSideParts, { at }: Leave, { id, required, unwanted, redirectUrl }: SentChange): ChangeRequest {
  return present({ id, required, unwanted, status: 'New' as const, redirectUrl, created: at, expires: expiryOf(parts, at) });
}

function withChange(changes: readonly ChangeRequest[], change: ChangeRequest): readonly ChangeRequest[] {
  if (changes.length < MOST_KEPT) return [...changes, change];
  // What is over and not written as such has still to be told.
  const over = changes.findIndex(({ status }) => status !== 'New');
  if (over === -1) throw wrong(`${MOST_KEPT} change requests wait for an answer: withdraw one of them.`);
  return [...changes.slice(0, over), ...changes.slice(over + 1), change];
}

/** A change request by its id. */
export async function changeById({ store }: Pick<SystembrukerParts, 'store'>, sent: string): Promise<ChangeView | undefined> {
  const id = parseUuid(sent);
  if (isFault(id)) return undefined;
  const { items } = await collectionsOf(store).systemUsers.query({ index: 'change', equals: id, limit: 1 });
  const [found] = items;
  const change = found?.value.changes.find((one) => one.id === id);
  return found === undefined || change === undefined ? undefined : { ...found, change };
}

/** Withdraws a change request, whatever its status. @throws as leaveFor says; SystembrukerFault `AUTH-00010` */
export async function withdrawChange(parts: SystembrukerParts, request: Asking, id: string): Promise<void> {
  await repeated(async () => {
    const found = await changeById(parts, id);
    const object = asVendors(found);
    const { at, facts } = await leaveFor(parts, request, { action: 'change-request.withdraw', object });
    if (found === undefined) throw new SystembrukerFault('AUTH-00010');
    const value = { ...found.value, changes: found.value.changes.filter((one) => one !== found.change), updated: at };
    await collectionsOf(parts.store).systemUsers.put(value, { expect: found.revision, facts: facts('change-request.withdraw') });
  });
}

/** What a person of the customer sees of a change that a vendor has asked for. */
export interface OpenedChange {
  readonly view: ChangeView;
  readonly status: RequestStatus;
  readonly mayAnswer: boolean;
  /** What it would make of what the system user has now. */
  readonly difference: Difference;
  /** What of it the person could not give. */
  readonly faults: readonly DelegationFault[];
}

/** Opens a change request; see openRequest. @throws as openRequest */
export async function openChange(parts: SystembrukerParts, request: Asking, id: string): Promise<OpenedChange> {
  const found = await changeById(parts, id);
  const asking = forParty(request, found);
  const object = asCustomers(found);
  const { at } = await leaveFor(parts, asking, { action: 'change-request.open', object });
  if (found === undefined) throw new SystembrukerFault('AUTH-00010');
  const status = statusAt(found.change, at);
  const { allowed: mayAnswer } = await mayDo(parts, asking, { action: 'change-request.approve', object });
  const difference = await differenceFor(parts, found.value, found.change);
  const { type, party } = found.value;
  const faults = mayAnswer && status === 'New' ? await delegationFaults(parts, { ...difference.added, type, party }, request.caller) : [];
  return { view: found, status, mayAnswer, difference, faults };
}

/** A change request that the caller's organisation has got. @throws as readReceivedRequest */
export async function readReceivedChange(parts: SystembrukerParts, request: Asking, id: string): Promise<ChangeView> {
  const { orgnr } = await leaveFor(parts, request, { action: 'change-request.list-pending' });
  const found = await changeById(parts, id);
  if (found === undefined || found.value.party !== orgnr) throw new SystembrukerFault('AUTH-00010');
  return found;
}

/**
 * Approves a change: the system user has what it had by then, and what is required, without what is unwanted.
 * @throws ProblemError and SystembrukerFault as leaveFor and assertGivable say; `AUTH-00061`, `AUTH-00011`, `AUTH-00001`, `AUTH-00063`
 */
export async function approveChange(parts: SystembrukerParts, request: Asking, id: string): Promise<ChangeView> {
  return answeredChange(parts, request, { id, action: 'change-request.approve', status: 'Accepted' }, async ({ value, change }) => {
    const after = await afterChange(parts, value, change);
    const { added } = differenceOf(value.has, after);
    await assertStillOffered(parts, value, added);
    await assertGivable(parts, { ...added, type: value.type, party: value.party }, request.caller);
    return after;
  });
}

/** Rejects a change. @throws as approveChange */
export async function rejectChange(parts: SystembrukerParts, request: Asking, id: string): Promise<ChangeView> {
  return answeredChange(parts, request, { id, action: 'change-request.reject', status: 'Rejected' }, ({ value }) => value.has);
}

async function answeredChange(
  parts: SystembrukerParts,
  request: Asking,
  { id, action, status }: { readonly id: string; readonly action: string; readonly status: 'Accepted' | 'Rejected' },
  rightsOf: (view: ChangeView) => Promise<Rights> | Rights,
): Promise<ChangeView> {
  return repeated(async () => {
    const found = await changeById(parts, id);
    const { at, actor, facts } = await leaveFor(parts, forParty(request, found), { action, object: asCustomers(found) });
    if (found === undefined) throw new SystembrukerFault('AUTH-00010');
    assertOpen(found.change, at, 'AUTH-00061');
    const has = await rightsOf(found);
    const change: ChangeRequest = { ...found.change, status, decided: { at, by: actor } };
    const changes = found.value.changes.map((one) => (one === found.change ? change : one));
    const value: SystemUser = { ...found.value, has, changes, updated: at };
    return { ...(await collectionsOf(parts.store).systemUsers.put(value, { expect: found.revision, facts: facts(action) })), change };
  });
}
