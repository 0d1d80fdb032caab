import { checkPrecondition, type PageOf, type PageRange, type Precondition, pickedPage, repeated } from '#access';
import { type Instant, isFault, type Orgnr, present } from '#domain';
import { invalidParameter, ProblemError } from '#problem';
import type { Stored } from '#storage';
import { type Asking, leaveFor } from '../administer/leave.js';
import { accessKey, delegatedBy, delegatedTo, delegationKey } from '../entities.js';
import { assertLater, notNumber } from '../faults.js';
import type { Delegation, DelegationSource, ScopeName } from '../nouns.js';
import { collectionsOf, type MaskinportenParts, type SideParts } from '../parts.js';
import { seatIn } from '../seat.js';
import { parseScopeName } from './names.js';
import { hasCeased } from './organisations.js';
import { delegationSources, OWN_SOURCE } from './own-scopes.js';
import { findScope } from './scopes.js';

/** A delegation with its revision. */
export type DelegationView = Stored<Delegation>;

/** Which delegation of the organisation; the operator names it. `undefined` for what is no organisation number. */
export interface DelegationPlace {
  readonly consumer?: Orgnr;
  readonly supplier: Orgnr | undefined;
  readonly scope: string;
}

/** Who keeps delegations, for everybody. @throws ProblemError as leaveFor says */
export async function listDelegationSources(parts: SideParts, request: Asking): Promise<readonly DelegationSource[]> {
  await leaveFor(parts, request, { action: 'delegation-source.list' });
  return delegationSources(parts.side.origin);
}

/**
 * What the organisation has delegated, or what has been delegated to it.
 * @param which whose the operator asks for; withdrawn ones too if `inactive`
 * @throws ProblemError as leaveFor says
 */
export async function listDelegations(
  parts: SideParts,
  request: Asking,
  { role, inactive, orgnr: of }: { readonly role: 'consumer' | 'supplier'; readonly inactive: boolean; readonly orgnr?: Orgnr },
  range: PageRange,
): Promise<PageOf<DelegationView>> {
  const { orgnr } = await leaveFor(parts, request, { action: 'delegation.list', orgnr: of });
  const standing = inactive ? undefined : 'kept';
  const prefix = role === 'consumer' ? delegatedBy(orgnr, standing) : delegatedTo(orgnr, standing);
  return pickedPage(collectionsOf(parts.store).delegations, { index: role, prefix }, range, (found) => found);
}

/** One delegation of the organisation. @throws ProblemError as leaveFor says; `not-found` */
export async function readDelegation(parts: SideParts, request: Asking, place: DelegationPlace): Promise<DelegationView> {
  const { orgnr } = await leaveFor(parts, request, { action: 'delegation.read', orgnr: place.consumer });
  const found = await standing(parts, orgnr, place);
  if (found === undefined) throw notThere();
  return found;
}

/**
 * Lets a supplier fetch tokens with a scope on behalf of the organisation, whether it has access by then or not; what is so already stays as it is.
 * @throws ProblemError as leaveFor says; `invalid-request`, `precondition-failed`, `quota-reached`
 */
export async function giveDelegation(
  parts: SideParts,
  request: Asking,
  { until, ...place }: DelegationPlace & { readonly until?: Instant },
  precondition: Precondition = 'any',
): Promise<DelegationView> {
  return repeated(async () => {
    const { name, object: found, stored } = await findScope(parts, place.scope);
    const consumer = request.orgnr ?? (request.caller.kind === 'machine' ? request.caller.consumer : place.consumer);
    const granted = consumer !== undefined && name !== undefined && (await hasAccess(parts, consumer, name));
    const recipientClosed = await hasCeased(parts, place.supplier);
    const object = { ...found, granted, recipientClosed, delegatedHere: stored?.value.delegationSource === OWN_SOURCE };
    const { orgnr, at, actor, facts } = await leaveFor(parts, request, { action: 'delegation.give', orgnr: place.consumer, object });
    const { supplier } = place;
    if (supplier === undefined) throw notNumber('supplier_orgno');
    if (supplier === orgnr) throw invalidParameter('supplier_orgno', 'must be another organisation than the one that delegates');
    assertLater(until, at);
    const before = await standing(parts, orgnr, place);
    const isOn = before !== undefined && before.value.withdrawn === undefined;
    if (isOn && before.value.until === until) return before;
    checkPrecondition(precondition, before?.revision ?? 0);
    const scope = name as ScopeName;
    const seat = isOn ? before.value.seat : await seatFor(parts, request, orgnr, delegationKey(orgnr, supplier, scope));
    const value: Delegation = present({
      consumer: orgnr,
      supplier,
      scope,
      source: OWN_SOURCE,
      by: actor,
      created: before?.value.created ?? at,
      updated: at,
      until,
      seat,
    });
    return collectionsOf(parts.store).delegations.put(value, { expect: before?.revision ?? 'absent', facts: facts('delegation.give') });
  });
}

/** Takes a delegation back: the supplier gets no new token from now on. @throws ProblemError as leaveFor says; `not-found`, `precondition-failed` */
export async function withdrawDelegation(
  parts: SideParts,
  request: Asking,
  place: DelegationPlace,
  precondition: Precondition = 'any',
): Promise<DelegationView> {
  return repeated(async () => {
    const { orgnr, at, actor, facts } = await leaveFor(parts, request, { action: 'delegation.withdraw', orgnr: place.consumer });
    const before = await standing(parts, orgnr, place);
    if (before === undefined) throw notThere();
    if (before.value.withdrawn !== undefined) return before;
    checkPrecondition(precondition, before.revision);
    const { seat: _, ...rest } = before.value;
    const value: Delegation = { ...rest, updated: at, withdrawn: { at, by: actor } };
    return collectionsOf(parts.store).delegations.put(value, { expect: before.revision, facts: facts('delegation.withdraw') });
  });
}

async function hasAccess({ store }: MaskinportenParts, consumer: Orgnr, scope: ScopeName): Promise<boolean> {
  const access = await collectionsOf(store).scopeAccesses.get(accessKey(consumer, scope));
  return access !== undefined && access.value.state !== 'DENIED';
}

async function standing({ store }: MaskinportenParts, consumer: Orgnr, { supplier, scope }: DelegationPlace) {
  const name = parseScopeName(scope);
  return supplier === undefined || isFault(name)
    ? undefined
    : collectionsOf(store).delegations.get(delegationKey(consumer, supplier, name));
}

/** A place among the consumer's delegations. What the operator gives is not counted. @throws ProblemError `quota-reached` */
async function seatFor(
  { store, quotas: { delegationsPerOrganisation: most } }: MaskinportenParts,
  { caller }: Asking,
  orgnr: Orgnr,
  name: string,
): Promise<number | undefined> {
  if (caller.kind === 'operator') return undefined;
  return seatIn(
    collectionsOf(store).delegations,
    { of: orgnr, most, name },
    `An organisation may have given ${most} delegations: withdraw one that is no longer needed, or ask the operator for more.`,
  );
}

function notThere(): ProblemError {
  return new ProblemError('not-found', { detail: 'The organisation has not delegated this scope to this supplier.' });
}
