import { isDeepStrictEqual } from 'node:util';
import { checkPrecondition, type Precondition } from '#access';
import { type Orgnr, present } from '#domain';
import type { Asking } from '../administer/leave.js';
import { Faults } from '../faults.js';
import type { Client } from '../nouns.js';
import { collectionsOf, type SideParts } from '../parts.js';
import { type SentClient, soundTerms } from './client-terms.js';
import { hasSecret } from './integration-types.js';
import { assertScopes } from './judge-scopes.js';
import { type ClientLeave, type ClientView, changing } from './leave-for-client.js';
import { seatFor } from './seat.js';
import { isTrialStore } from './trial-store.js';

/** A client as it is to be: what never changes may be left out, or is what it was. */
export interface WholeClient extends SentClient {
  readonly id?: string;
  readonly orgnr?: Orgnr;
  readonly supplier?: Orgnr;
}

/**
 * Replaces all that is said of a client; its keys stay, and its secret where it still shows who it is by one. A deactivated one is made active again by `active` alone: left out, it stays as it is.
 * @throws ProblemError as leaveFor says; `invalid-request`, `action-not-allowed` for scopes that are new to it, `precondition-failed`, `quota-reached`
 */
export function changeClient(
  parts: SideParts,
  request: Asking,
  id: string,
  precondition: Precondition,
  sent: WholeClient,
): Promise<ClientView> {
  return changing(parts, request, id, 'client.change', async (leave) => {
    const { before, at, facts } = leave;
    checkPrecondition(precondition, before.revision);
    assertSame(before.value, sent);
    const terms = soundTerms({ ...sent, active: sent.active ?? before.value.active }, await isTrialStore(parts.store));
    const { id: known, orgnr, supplier, keys, secret, seat, created, updated } = before.value;
    const kept = { id: known, orgnr, supplier, keys, created, secret: hasSecret(terms) ? secret : undefined };
    const same: Client = present({ ...terms, ...kept, seat, updated });
    if (isDeepStrictEqual(same, before.value)) return before;
    const client = { ...terms, ...kept, updated: at };
    await assertScopes(parts, request, { action: 'client.change', client, standing: before.value.scopes, at });
    const after: Client = present({ ...client, seat: await seatAfter(parts, request, leave, terms.active) });
    return collectionsOf(parts.store).clients.put(after, { expect: before.revision, facts: facts('client.change') });
  });
}

/**
 * Lets a client have more scopes; those that it has stay.
 * @throws ProblemError as leaveFor says; `invalid-request`, `action-not-allowed` for scopes that are new to it
 */
export function addScopes(parts: SideParts, request: Asking, id: string, added: readonly string[], action: string): Promise<ClientView> {
  return changing(parts, request, id, action, async ({ before, at, facts }) => {
    const scopes = [...new Set([...before.value.scopes, ...added])];
    if (scopes.length === before.value.scopes.length) return before;
    const sound = soundTerms({ ...before.value, scopes }, await isTrialStore(parts.store));
    const after: Client = { ...before.value, scopes: sound.scopes, updated: at };
    await assertScopes(parts, request, { action, client: after, standing: before.value.scopes, at });
    return collectionsOf(parts.store).clients.put(after, { expect: before.revision, facts: facts(action) });
  });
}

/**
 * Takes a client out of use: it gets no tokens from then on. One that is out of use stays so.
 * @throws ProblemError as leaveFor says; `precondition-failed`
 */
export function deactivateClient(
  parts: SideParts,
  request: Asking,
  id: string,
  precondition: Precondition,
  action = 'client.deactivate',
): Promise<ClientView> {
  return changing(parts, request, id, action, async ({ before, at, facts }) => {
    if (!before.value.active) return before;
    checkPrecondition(precondition, before.revision);
    const after = { ...before.value, active: false, updated: at };
    return collectionsOf(parts.store).clients.put(after, { expect: before.revision, facts: facts(action) });
  });
}

/** A place is given up by being out of use, and another one is looked for when it is not any more. */
async function seatAfter(parts: SideParts, request: Asking, { before }: ClientLeave, active: boolean): Promise<number | undefined> {
  const { value } = before;
  if (!active || value.active) return value.seat;
  return request.caller.kind === 'operator' ? undefined : seatFor(parts, value);
}

function assertSame(before: Client, { id, orgnr, supplier, integrationType }: WholeClient): void {
  const faults = new Faults();
  const stays = (pointer: string, was: unknown, is: unknown): void => {
    if (is !== undefined && is !== was) faults.add(pointer, 'stays as it was registered: leave it as it is, or make another client');
  };
  stays('/client_id', before.id, id);
  stays('/client_orgno', before.orgnr, orgnr);
  stays('/supplier_orgno', before.supplier, supplier);
  stays('/integration_type', before.integrationType, integrationType);
  faults.end();
}
