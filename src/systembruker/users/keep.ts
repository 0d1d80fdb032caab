import { randomUUID } from 'node:crypto';
import { checkPrecondition, type Precondition, repeated } from '#access';
import { type Orgnr, present } from '#domain';
import type { PutOrder } from '#storage';
import type { Asking } from '../administer/caller.js';
import { type Leave, leaveFor } from '../administer/leave.js';
import { endClientsOfAgent } from '../agents/end-clients.js';
import { choosableBy } from '../choosing/choosable.js';
import { SystembrukerFault } from '../faults.js';
import type { Rights, System, SystemId, SystemUser } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';
import { systemNamed } from '../register/named.js';
import { assertStillOffered, assertVendorGoesOn } from './answer.js';
import { assertFit, assertOfSystem } from './ask.js';
import { assertGivable, type DelegationFault, delegationFaults } from './delegation.js';
import { differenceOf, isNothing, withoutRepeats } from './rights.js';
import { acceptedById, asCustomers, asVendors, everById, livingOf, type SystemUserView, soundTitle, titleOf } from './standing.js';

/** A system that a customer has chosen, and what a system user of it is to have: all that the system may ask for, if that is left out. */
export interface Choice {
  readonly systemId: SystemId;
  readonly title?: string;
  readonly rights?: Rights;
}

/**
 * Makes a system user of a system that the customer has chosen itself: one that customers can choose, or one of its own. A request of the vendor's that stands in its
 * place becomes it, with what the customer has chosen.
 * @param request names the organisation
 * @throws ProblemError and SystembrukerFault as leaveFor and assertGivable say; `AUTH-00011`, `AUTH-00004`, `AUTH-00059`
 */
export async function createSystemUser(parts: SystembrukerParts, request: Asking, choice: Choice): Promise<SystemUserView> {
  return repeated(async () => {
    const leave = await leaveFor(parts, request, { action: 'system-user.create' });
    const { value, expect } = await chosen(parts, request, leave, { ...choice, id: randomUUID() });
    return collectionsOf(parts.store).systemUsers.put(value, { expect, facts: leave.facts('system-user.create') });
  });
}

/** What of a choice the caller could not give; for the page on which it is made. @throws as createSystemUser */
export async function faultsOfChoice(parts: SystembrukerParts, request: Asking, choice: Choice): Promise<readonly DelegationFault[]> {
  const leave = await leaveFor(parts, request, { action: 'system-user.list' });
  const party = leave.orgnr as Orgnr;
  const has = chosenOf(choosableBy(party, await systemNamed(parts, choice.systemId)), choice);
  return delegationFaults(parts, { ...has, type: 'standard', party }, request.caller);
}

/** What of the system is chosen. */
function chosenOf(system: System, { rights }: Choice): Rights {
  const has = withoutRepeats(rights ?? { rights: system.rights, packages: system.packages });
  if (isNothing(has)) throw new SystembrukerFault('AUTH-00059');
  assertOfSystem(has, system);
  return has;
}

/** What is to be written. A request of the vendor's for the same that is not accepted is answered by it: its place is not free for another one. */
async function chosen(
  parts: SystembrukerParts,
  request: Asking,
  { orgnr, at, actor }: Leave,
  { id, ...choice }: Choice & { readonly id: string },
): Promise<PutOrder<SystemUser>> {
  const party = orgnr as Orgnr;
  const system = choosableBy(party, await systemNamed(parts, choice.systemId));
  await assertVendorGoesOn(parts, system);
  const has = chosenOf(system, choice);
  const place = { systemId: system.id, party, externalRef: party as string };
  const standing = await livingOf(parts, place);
  if (standing?.value.status === 'Accepted') throw new SystembrukerFault('AUTH-00004');
  if (standing?.value.type === 'agent')
    throw new SystembrukerFault('AUTH-00004', { detail: 'The vendor has asked for an agent: reject it first, or approve it.' });
  await assertGivable(parts, { ...has, type: 'standard', party }, request.caller);
  const { title } = choice;
  // Of what nobody has to answer, the time to answer is over.
  const { id: ofRequest, madeBy = 'customer', redirectUrl, created = at, expires = at, escalated } = standing?.value ?? {};
  const value = present({
    ...place,
    id: ofRequest ?? id,
    type: 'standard' as const,
    vendor: system.vendor,
    title: titleOf(title, system),
    madeBy,
    status: 'Accepted' as const,
    asked: has,
    has,
    redirectUrl,
    escalated,
    expires,
    decided: { at, by: actor },
    changes: [],
    created,
    updated: at,
  });
  return { value, expect: standing?.revision ?? 'absent' };
}

/** Stops a system user for the time being: no token and no decision until it is activated. One that is stopped stays so. @throws as leaveFor says; `AUTH-00015`, `AUTH-00024` */
export async function deactivateSystemUser(
  parts: SystembrukerParts,
  request: Asking,
  id: string,
  precondition: Precondition = 'any',
): Promise<SystemUserView> {
  return kept(parts, request, { id, action: 'system-user.deactivate', precondition }, (value, { at, actor }) =>
    value.deactivated === undefined ? { ...value, deactivated: { at, by: actor } } : undefined,
  );
}

/** Lets a system user go on. @throws as deactivateSystemUser */
export async function activateSystemUser(
  parts: SystembrukerParts,
  request: Asking,
  id: string,
  precondition: Precondition = 'any',
): Promise<SystemUserView> {
  return kept(parts, request, { id, action: 'system-user.activate', precondition }, ({ deactivated, ...value }) =>
    deactivated === undefined ? undefined : value,
  );
}

/**
 * Lets a system user have just these rights of its system's, and be called so. What is added is judged as at an approval; an agent has packages alone.
 * @throws as deactivateSystemUser, and as approveRequest says of rights
 */
export async function changeSystemUser(
  parts: SystembrukerParts,
  request: Asking,
  id: string,
  { title, rights }: { readonly title?: string; readonly rights?: Rights },
  precondition: Precondition = 'any',
): Promise<SystemUserView> {
  return kept(parts, request, { id, action: 'system-user.change', precondition }, async (value) => {
    const has = rights === undefined ? value.has : withoutRepeats(rights);
    const { added } = differenceOf(value.has, has);
    assertFit(has, value.type, 'Delete the system user if it is to have nothing.');
    if (!isNothing(added)) {
      await assertStillOffered(parts, value, added);
      await assertGivable(parts, { ...added, type: value.type, party: value.party }, request.caller);
    }
    return { ...value, has, title: title === undefined ? value.title : soundTitle(title) };
  });
}

/**
 * Moves the customer's use of a system to another one, of any vendor. The old system user ends, so that its vendor's tokens stop at once and tokens that are out mean
 * nothing more; a new one, with an id of its own, has what was chosen, judged as at an approval. Done again after it broke off between the two, it goes on.
 * @returns the new one
 * @throws as deleteSystemUser and createSystemUser
 */
export async function moveSystemUser(parts: SystembrukerParts, request: Asking, oldId: string, choice: Choice): Promise<SystemUserView> {
  return repeated(async () => {
    const { systemUsers } = collectionsOf(parts.store);
    const found = await movable(parts, oldId);
    const leave = await leaveFor(parts, request, { action: 'system-user.move', object: asCustomers(found) });
    if (found === undefined) throw new SystembrukerFault('AUTH-00015');
    const { at, actor, facts } = leave;
    if (found.value.type === 'agent')
      throw new SystembrukerFault('AUTH-00036', { detail: 'An agent is asked for by the new vendor, and the old one deleted.' });
    if (choice.systemId === found.value.systemId)
      throw new SystembrukerFault('AUTH-00005', { detail: 'It is a system user of this system: change its rights instead.' });
    const { removed } = found.value;
    const id = (await isFree(parts, removed?.into)) ? removed?.into : undefined;
    const { value, expect } = await chosen(parts, request, leave, { title: found.value.title, ...choice, id: id ?? randomUUID() });
    if (removed?.into !== value.id) {
      const ended: SystemUser = {
        ...found.value,
        removed: { at, by: actor, side: 'customer', ...removed, into: value.id },
        updated: at,
      };
      await systemUsers.put(ended, { expect: found.revision, facts: facts('system-user.move') });
    }
    return systemUsers.put(value, { expect, facts: facts('system-user.create') });
  });
}

/** What is to be moved: a living one, or one whose move broke off. */
async function movable(parts: SystembrukerParts, id: string): Promise<SystemUserView | undefined> {
  const found = await everById(parts, id);
  if (found?.value.status !== 'Accepted') return undefined;
  const { removed } = found.value;
  if (removed === undefined) return found;
  const into = removed.into === undefined ? undefined : await everById(parts, removed.into);
  return removed.into === undefined || into?.value.status === 'Accepted' ? undefined : found;
}

/** Whether nothing has the id that a move which broke off was to have: it may have been that of a vendor's request. */
async function isFree(parts: SystembrukerParts, id: string | undefined): Promise<boolean> {
  return id !== undefined && (await everById(parts, id)) === undefined;
}

/**
 * Ends a system user for good; its place is free.
 * @param type which it must be, if that is said
 * @throws as leaveFor says; `AUTH-00015` also if it is deleted already, `AUTH-00024`, `AUTH-00034`, `AUTH-00036`
 */
export async function deleteSystemUser(
  parts: SystembrukerParts,
  request: Asking,
  id: string,
  { type, precondition = 'any' }: { readonly type?: SystemUser['type']; readonly precondition?: Precondition } = {},
): Promise<void> {
  let leave: Leave | undefined;
  const { value } = await kept(parts, request, { id, action: 'system-user.delete', precondition }, (value, given) => {
    leave = given;
    const { at, actor } = given;
    if (type !== undefined && type !== value.type) throw new SystembrukerFault(type === 'agent' ? 'AUTH-00034' : 'AUTH-00036');
    return { ...value, removed: { at, by: actor, side: 'customer' } };
  });
  if (value.type === 'agent' && leave !== undefined) await endClientsOfAgent(parts.store, value.id, leave.facts('agent-client.end'));
}

/** The vendor gives back a system user that it needs no more. @throws as leaveFor says; `AUTH-00015` also for another vendor's */
export async function giveBackSystemUser(parts: SystembrukerParts, request: Asking, id: string): Promise<void> {
  await repeated(async () => {
    const found = await acceptedById(parts, id);
    const object = asVendors(found);
    const { at, actor, facts } = await leaveFor(parts, request, { action: 'system-user.give-back', object });
    if (found === undefined) throw new SystembrukerFault('AUTH-00015');
    const value: SystemUser = { ...found.value, removed: { at, by: actor, side: 'vendor' }, updated: at };
    await collectionsOf(parts.store).systemUsers.put(value, { expect: found.revision, facts: facts('system-user.give-back') });
    if (value.type === 'agent') await endClientsOfAgent(parts.store, value.id, facts('agent-client.end'));
  });
}

/** One write of the customer's, from what was read. */
async function kept(
  parts: SystembrukerParts,
  request: Asking,
  { id, action, precondition }: { readonly id: string; readonly action: string; readonly precondition: Precondition },
  change: (value: SystemUser, leave: Leave) => Promise<SystemUser | undefined> | SystemUser | undefined,
): Promise<SystemUserView> {
  return repeated(async () => {
    const found = await acceptedById(parts, id);
    const leave = await leaveFor(parts, request, { action, object: asCustomers(found) });
    if (found === undefined) throw new SystembrukerFault('AUTH-00015');
    checkPrecondition(precondition, found.revision);
    const value = await change(found.value, leave);
    if (value === undefined) return found;
    const facts = leave.facts(action);
    return collectionsOf(parts.store).systemUsers.put(present({ ...value, updated: leave.at }) as SystemUser, {
      expect: found.revision,
      facts,
    });
  });
}
