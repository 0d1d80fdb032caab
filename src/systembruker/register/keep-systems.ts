import { randomUUID } from 'node:crypto';
import { freeSeat, repeated } from '#access';
import { type Orgnr, present } from '#domain';
import { ProblemError } from '#problem';
import { type Asking, actingFor } from '../administer/caller.js';
import { type Leave, leaveFor } from '../administer/leave.js';
import { type FieldFault, fieldFault, SystembrukerFault } from '../faults.js';
import type { System, SystemId } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';
import { checkClients, releaseClients, withClients } from './clients.js';
import { leaveForSystem, type SystemView } from './named.js';
import { AT, type SentRight, type SentSystem, soundId, soundRights, soundTexts, soundUrls, vendorIn } from './sent-system.js';

export type { SystemView } from './named.js';

/**
 * Registers a system of a vendor's; whose it is is judged before anything else is said of what was sent.
 * @throws ProblemError as leaveFor says; SystembrukerFault with all fields that are wrong; `quota-reached`
 */
export async function createSystem(parts: SystembrukerParts, request: Asking, sent: SentSystem): Promise<SystemView> {
  const vendor = vendorIn(sent.vendor);
  const object = { exists: false, vendor: vendor ?? actingFor(request) };
  const leave = await leaveFor(parts, request, { action: 'system.create', object });
  if (vendor === undefined) throw wrongVendor();
  return writeNewSystem(parts, request, { leave, vendor, sent, checked: [] });
}

/** A system that may be registered, whoever judged that. */
export interface NewSystem {
  readonly leave: Leave;
  readonly vendor: Orgnr;
  readonly sent: SentSystem;
  /** Clients that have just been made for it. */
  readonly checked: readonly string[];
}

/** What a new system is to be. @throws SystembrukerFault with all fields that are wrong; ProblemError `quota-reached` */
export async function soundNewSystem(
  parts: SystembrukerParts,
  request: Asking,
  { vendor, sent, checked }: Omit<NewSystem, 'leave'>,
): Promise<Terms & Pick<System, 'id'>> {
  const faults: FieldFault[] = [];
  const id = soundId(sent.id, vendor, faults);
  if (id !== undefined && (await isTaken(parts, id))) faults.push(TAKEN);
  const terms = await soundTerms(parts, vendor, sent, checked, faults);
  if (faults.length > 0 || id === undefined) throw new SystembrukerFault(faults);
  await seatFor(parts, request, vendor, id);
  return { ...terms, id };
}

/** Registers a system, once it is known that the caller may. @throws as soundNewSystem */
export async function writeNewSystem(
  parts: SystembrukerParts,
  request: Asking,
  { leave, vendor, sent, checked }: NewSystem,
): Promise<SystemView> {
  const terms = await soundNewSystem(parts, request, { vendor, sent, checked });
  const { at } = leave;
  const made = { ...terms, internalId: randomUUID(), vendor, created: at, updated: at, changedBy: clientOf(request) };
  const facts = leave.facts('system.create');
  return withClients(parts, terms.clientIds, { systemId: terms.id, at, facts }, () =>
    repeated(async () => {
      if (await isTaken(parts, terms.id)) throw new SystembrukerFault([TAKEN]);
      const seat = await seatFor(parts, request, vendor, terms.id);
      return collectionsOf(parts.store).systems.put(present({ ...made, seat }), { expect: 'absent', facts });
    }),
  );
}

async function isTaken({ store }: SystembrukerParts, id: SystemId): Promise<boolean> {
  return (await collectionsOf(store).systems.get(id)) !== undefined;
}

/**
 * Replaces a system; its vendor and its id stay.
 * @param id of the path
 * @throws ProblemError as leaveFor says; SystembrukerFault with all fields that are wrong, or if it is deleted
 */
export function changeSystem(parts: SystembrukerParts, request: Asking, id: string, sent: SentSystem): Promise<SystemView> {
  return changing(parts, request, id, 'system.change', async ({ value: before }) => {
    const vendor = vendorIn(sent.vendor);
    if (vendor === undefined) throw wrongVendor();
    if (vendor !== before.vendor) throw new SystembrukerFault('AUTH-00011', { detail: 'A system never goes to another vendor.' });
    if (sent.id !== before.id) throw new SystembrukerFault([fieldFault('AUTH.VLD-00012', `${AT}/systemid`)]);
    assertLiving(before);
    const faults: FieldFault[] = [];
    const terms = await soundTerms(parts, vendor, sent, before.clientIds, faults);
    if (faults.length > 0) throw new SystembrukerFault(faults);
    return terms;
  });
}

/** Replaces the rights of a system. @throws as changeSystem */
export function changeRights(parts: SystembrukerParts, request: Asking, id: string, sent: readonly SentRight[]): Promise<SystemView> {
  return changing(parts, request, id, 'system.change-rights', async ({ value: before }) => {
    assertLiving(before);
    const faults: FieldFault[] = [];
    const { rights } = await soundRights(parts, { rights: sent, packages: [], isVisible: before.isVisible }, faults);
    if (faults.length > 0) throw new SystembrukerFault(faults);
    return { rights };
  });
}

/** Replaces the packages of a system. @param urns `urn:altinn:accesspackage:<name>` @throws as changeSystem */
export function changePackages(parts: SystembrukerParts, request: Asking, id: string, urns: readonly string[]): Promise<SystemView> {
  return changing(parts, request, id, 'system.change-packages', async ({ value: before }) => {
    assertLiving(before);
    const faults: FieldFault[] = [];
    const { packages } = await soundRights(parts, { rights: [], packages: urns, isVisible: before.isVisible }, faults);
    if (faults.length > 0) throw new SystembrukerFault(faults);
    return { packages };
  });
}

/** Takes a system out of the register for ever: its clients are free, its id is not. @throws ProblemError as leaveFor says */
export function deleteSystem(parts: SystembrukerParts, request: Asking, id: string): Promise<SystemView> {
  return repeated(async () => {
    const { before, at, actor, facts } = await leaveForSystem(parts, request, id, 'system.delete');
    if (before.value.deleted !== undefined) return before;
    const { seat: _, ...rest } = before.value;
    const value = present({ ...rest, clientIds: [], changedBy: clientOf(request), updated: at, deleted: { at, by: actor } });
    const view = await collectionsOf(parts.store).systems.put(value, { expect: before.revision, facts: facts('system.delete') });
    await releaseClients(parts, before.value.clientIds, { systemId: before.value.id, facts: facts('system.delete') });
    return view;
  });
}

/** Changes a system at the revision that was judged. @param action what its event says */
function changing(
  parts: SystembrukerParts,
  request: Asking,
  id: string,
  action: string,
  change: (before: SystemView) => Promise<Partial<System>>,
): Promise<SystemView> {
  return repeated(async () => {
    const { before, at, facts: factsOf } = await leaveForSystem(parts, request, id, 'system.change');
    const changed = await change(before);
    const value: System = present({ ...before.value, ...changed, changedBy: clientOf(request), updated: at });
    const facts = factsOf(action);
    const systemId = before.value.id;
    const fresh = value.clientIds.filter((one) => !before.value.clientIds.includes(one));
    const view = await withClients(parts, fresh, { systemId, at, facts }, () =>
      collectionsOf(parts.store).systems.put(value, { expect: before.revision, facts }),
    );
    const left = before.value.clientIds.filter((one) => !value.clientIds.includes(one));
    await releaseClients(parts, left, { systemId, facts });
    return view;
  });
}

type Terms = Pick<System, 'name' | 'description' | 'rights' | 'packages' | 'clientIds' | 'redirectUrls' | 'isVisible'>;

/** What may change of a system, as it was sent. Faults are added. @param standing the clients that it has */
async function soundTerms(
  parts: SystembrukerParts,
  vendor: Orgnr,
  sent: SentSystem,
  standing: readonly string[],
  faults: FieldFault[],
): Promise<Terms> {
  await checkClients(parts, vendor, sent.clientIds, standing, faults);
  const redirectUrls = soundUrls(sent.redirectUrls, faults);
  const { rights, packages } = await soundRights(parts, sent, faults);
  const name = soundTexts(sent.name, 'name', faults);
  const description = soundTexts(sent.description, 'description', faults);
  return { name, description, rights, packages, clientIds: sent.clientIds, redirectUrls, isVisible: sent.isVisible };
}

function assertLiving({ deleted }: System): void {
  if (deleted === undefined) return;
  throw new SystembrukerFault('AUTH-00005', {
    detail: 'The system is deleted, which cannot be undone: register another one, by another id.',
  });
}

const TAKEN = fieldFault('AUTH.VLD-00002', `${AT}/systemid`);

function wrongVendor(): SystembrukerFault {
  return new SystembrukerFault([fieldFault('AUTH.VLD-00000', `${AT}/vendor/id`, 'vendor.ID is 0192: and an organisation number.')]);
}

function clientOf({ caller }: Asking): string | undefined {
  return caller.kind === 'machine' || caller.kind === 'person' ? caller.clientId : undefined;
}

/** A place among the vendor's systems. What the operator registers is not counted. @throws ProblemError `quota-reached` */
async function seatFor({ store, quotas }: SystembrukerParts, { caller }: Asking, of: Orgnr, name: string): Promise<number | undefined> {
  if (caller.kind === 'operator') return undefined;
  const most = quotas.systemsPerVendor;
  const seat = await freeSeat(collectionsOf(store).systems, { index: 'seat', of, most, name });
  if (seat !== undefined) return seat;
  throw new ProblemError('quota-reached', {
    detail: `A vendor may have ${most} systems: delete one that is no longer used, or ask the operator for more.`,
  });
}
