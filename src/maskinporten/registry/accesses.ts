import { checkPrecondition, type PageOf, type PageRange, type Precondition, pickedPage, repeated } from '#access';
import { type Instant, type Orgnr, present } from '#domain';
import { ProblemError } from '#problem';
import type { Stored } from '#storage';
import { type Asking, leaveFor } from '../administer/leave.js';
import { accessKey, consumersOf, givenTo, gotBy } from '../entities.js';
import { assertLater, notNumber } from '../faults.js';
import type { ScopeAccess, ScopeName } from '../nouns.js';
import { collectionsOf, type MaskinportenParts, type SideParts } from '../parts.js';
import { seatIn } from '../seat.js';
import { hasCeased } from './organisations.js';
import { type FoundScope, findScope } from './scopes.js';

/** An access with its revision. */
export type AccessView = Stored<ScopeAccess>;

/** Which access: `undefined` for what is no organisation number. */
export interface AccessPlace {
  readonly scope: string;
  readonly consumer: Orgnr | undefined;
}

/** Who has a scope. @param inactive revoked ones too. @throws ProblemError as leaveFor says */
export async function listAccesses(
  parts: SideParts,
  request: Asking,
  { scope, inactive }: { readonly scope: string; readonly inactive: boolean },
  range: PageRange,
): Promise<PageOf<AccessView>> {
  const { name, object } = await findScope(parts, scope);
  await leaveFor(parts, request, { action: 'access.list', object });
  return page(parts, { index: 'scope', prefix: consumersOf(name as ScopeName, inactive ? undefined : 'kept') }, range);
}

/** Which of the organisation's scopes a consumer has. @throws ProblemError as leaveFor says; `invalid-request` */
export async function listAccessesOfConsumer(
  parts: SideParts,
  request: Asking,
  { consumer, inactive }: { readonly consumer: Orgnr | undefined; readonly inactive: boolean },
  range: PageRange,
): Promise<PageOf<AccessView>> {
  const { orgnr } = await leaveFor(parts, request, { action: 'access.list-given' });
  if (consumer === undefined) throw notNumber('consumer_orgno');
  return page(parts, { index: 'owner', prefix: givenTo(orgnr, consumer, inactive ? undefined : 'kept') }, range);
}

/** What the organisation itself has got. @throws ProblemError as leaveFor says */
export async function listOwnAccesses(parts: SideParts, request: Asking, inactive: boolean, range: PageRange): Promise<PageOf<AccessView>> {
  const { orgnr } = await leaveFor(parts, request, { action: 'access.list-got' });
  return page(parts, { index: 'consumer', prefix: gotBy(orgnr, inactive ? undefined : 'kept') }, range);
}

/**
 * Grants a scope to a consumer; what is so already stays as it is.
 * @throws ProblemError as leaveFor says; `invalid-request`, `precondition-failed`, `quota-reached`
 */
export async function grantAccess(
  parts: SideParts,
  request: Asking,
  { until, ...place }: AccessPlace & { readonly until?: Instant },
  precondition: Precondition = 'any',
): Promise<AccessView> {
  return repeated(async () => {
    const found = await findScope(parts, place.scope);
    const object = { ...found.object, recipientClosed: await hasCeased(parts, place.consumer) };
    const { at, facts } = await leaveFor(parts, request, { action: 'access.grant', object });
    const { consumer, before, owner, scope } = await standing(parts, found, place);
    assertLater(until, at);
    if (before?.value.state === 'APPROVED' && before.value.until === until) return before;
    checkPrecondition(precondition, before?.revision ?? 0);
    const seat = before?.value.state === 'APPROVED' ? before.value.seat : await seatFor(parts, request, owner, accessKey(consumer, scope));
    const value: ScopeAccess = present({
      scope,
      owner,
      consumer,
      state: 'APPROVED' as const,
      until,
      seat,
      created: before?.value.created ?? at,
      updated: at,
    });
    return collectionsOf(parts.store).scopeAccesses.put(value, { expect: before?.revision ?? 'absent', facts: facts('access.grant') });
  });
}

/** Revokes an access: no new token from now on. @throws ProblemError as leaveFor says; `invalid-request`, `not-found`, `precondition-failed` */
export async function revokeAccess(
  parts: SideParts,
  request: Asking,
  place: AccessPlace,
  precondition: Precondition = 'any',
): Promise<AccessView> {
  return repeated(async () => {
    const found = await findScope(parts, place.scope);
    const { at, facts } = await leaveFor(parts, request, { action: 'access.revoke', object: found.object });
    const { before } = await standing(parts, found, place);
    if (before === undefined) throw new ProblemError('not-found', { detail: 'The consumer has not been granted this scope.' });
    if (before.value.state === 'DENIED') return before;
    checkPrecondition(precondition, before.revision);
    const { seat: _, until: __, ...rest } = before.value;
    const value: ScopeAccess = { ...rest, state: 'DENIED', updated: at };
    return collectionsOf(parts.store).scopeAccesses.put(value, { expect: before.revision, facts: facts('access.revoke') });
  });
}

/** How the consumer's access to a scope stands. @throws ProblemError `invalid-request` */
async function standing({ store }: SideParts, { name, object: { owner } }: FoundScope, { consumer }: AccessPlace) {
  if (consumer === undefined) throw notNumber('consumer_orgno');
  const scope = name as ScopeName;
  return { consumer, scope, owner, before: await collectionsOf(store).scopeAccesses.get(accessKey(consumer, scope)) };
}

/** A place among the owner's accesses. What the operator grants is not counted. @throws ProblemError `quota-reached` */
async function seatFor(
  { store, quotas: { accessesPerOrganisation: most } }: MaskinportenParts,
  { caller }: Asking,
  owner: Orgnr | undefined,
  name: string,
): Promise<number | undefined> {
  if (caller.kind === 'operator' || owner === undefined) return undefined;
  return seatIn(
    collectionsOf(store).scopeAccesses,
    { of: owner, most, name },
    `An organisation may have granted ${most} accesses: revoke one that is no longer needed, or ask the operator for more.`,
  );
}

function page(
  { store }: SideParts,
  where: { readonly index: string; readonly prefix: string },
  range: PageRange,
): Promise<PageOf<AccessView>> {
  return pickedPage(collectionsOf(store).scopeAccesses, where, range, (found) => found);
}
