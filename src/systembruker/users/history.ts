import type { PageOf } from '#access';
import type { Rule } from '#decisions';
import { type Instant, present } from '#domain';
import type { Asking } from '../administer/caller.js';
import { leaveFor } from '../administer/leave.js';
import { systemUsers } from '../entities.js';
import { SystembrukerFault } from '../faults.js';
import type { Rights, SystemUser } from '../nouns.js';
import type { SystembrukerParts } from '../parts.js';
import { type Difference, differenceOf, NOTHING } from './rights.js';
import { asCustomers, asVendors, everById, type SystemUserView } from './standing.js';

/** What has become of a system user once. */
export interface SystemUserEvent {
  readonly at: Instant;
  /** Such as `request.approve`, as policies/systembruker/admin names them; or `request.expire`, which nobody does. */
  readonly action: string;
  readonly side: 'vendor' | 'customer' | 'operator';
  /** Who of the customer, for the customer alone. */
  readonly brukerId?: string;
  /** What it has had more or less since. */
  readonly difference: Difference;
  /** Whose correlation id the change request had, if it is about one. */
  readonly changeId?: string;
}

/** Whose act it was, and whether the reader learns who did it. */
interface ToldAct {
  readonly side: SystemUserEvent['side'];
  readonly who: boolean;
}

const TOLD: Rule<readonly ToldAct[]> = { entrypoint: 'systembruker/history/told', isAnswer: isTold };
const SIDES: readonly unknown[] = ['vendor', 'customer', 'operator'];

function isTold(value: unknown): value is readonly ToldAct[] {
  return Array.isArray(value) && value.every((one: Partial<ToldAct> | null) => SIDES.includes(one?.side) && typeof one?.who === 'boolean');
}

/** What has become of a system user of the organisation, the latest first; also of one that is over. @throws as leaveFor says; SystembrukerFault `AUTH-00015` */
export async function listHistoryForCustomer(
  parts: SystembrukerParts,
  request: Asking,
  id: string,
  range: { readonly limit: number; readonly cursor?: string },
): Promise<PageOf<SystemUserEvent>> {
  const stored = await everById(parts, id);
  const found = request.orgnr === undefined || stored?.value.party === request.orgnr ? stored : undefined;
  await leaveFor(parts, request, { action: 'system-user.read', object: asCustomers(found) });
  return history(parts, found, range, 'customer');
}

/** The same for its vendor, who learns no person. @throws as leaveFor says; SystembrukerFault `AUTH-00010` */
export async function listHistoryForVendor(
  parts: SystembrukerParts,
  request: Asking,
  id: string,
  range: { readonly limit: number; readonly cursor?: string },
): Promise<PageOf<SystemUserEvent>> {
  const found = await everById(parts, id);
  await leaveFor(parts, request, { action: 'request.read', object: asVendors(found) });
  return history(parts, found, range, 'vendor');
}

async function history(
  { store, judge }: SystembrukerParts,
  found: SystemUserView | undefined,
  range: { readonly limit: number; readonly cursor?: string },
  reader: 'customer' | 'vendor',
): Promise<PageOf<SystemUserEvent>> {
  if (found === undefined) throw new SystembrukerFault('AUTH-00015');
  const { events, next } = await store.events.of(systemUsers.name, found.value.id, range);
  const acts = events.map(({ action, actor }) => ({ action, actor }));
  const isWhole = ({ length }: readonly ToldAct[]): boolean => length === events.length;
  const { answer: told } = await judge.ask(TOLD, { reader, acts }, isWhole);
  const items = events.map(({ at, action, actor, before, after }, i): SystemUserEvent => {
    const [was, is] = [before as SystemUser | undefined, after as SystemUser | undefined];
    const { side, who } = told[i] as ToldAct;
    return present({
      at,
      action,
      side,
      brukerId: who ? actor : undefined,
      difference: differenceOf(rightsOf(was), rightsOf(is)),
      changeId: changeIdOf(was, is),
    });
  });
  return present({ items, next });
}

function rightsOf(user: SystemUser | undefined): Rights {
  return user === undefined || user.removed !== undefined ? NOTHING : user.has;
}

function changeIdOf(was: SystemUser | undefined, is: SystemUser | undefined): string | undefined {
  const [before, after] = [was?.changes ?? [], is?.changes ?? []];
  const changed = after.find((one) => JSON.stringify(one) !== JSON.stringify(before.find(({ id }) => id === one.id)));
  const gone = before.find((one) => !after.some(({ id }) => id === one.id));
  return (changed ?? gone)?.id;
}
