import { randomUUID } from 'node:crypto';
import { freeSeat, repeated } from '#access';
import { DAY_MS, holdsPersonNumber, type Instant, type Orgnr, present, toInstant } from '#domain';
import type { Asking } from '../administer/caller.js';
import { type Leave, leaveFor } from '../administer/leave.js';
import { waitingFor } from '../entities.js';
import { SystembrukerFault } from '../faults.js';
import { packageUrn } from '../names.js';
import type { Rights, System, SystemId, SystemUser } from '../nouns.js';
import { collectionsOf, type SystembrukerParts, type SystembrukerSideParts } from '../parts.js';
import { leaveForSystem } from '../register/named.js';
import { assertEverGivable } from './delegation.js';
import { isInUse } from './known.js';
import { isNothing, NOTHING, packagesOutside, rightsOutside, withoutRepeats } from './rights.js';
import { assertRedirect, asVendors, externalRefOf, livingOf, requestOf, type SystemUserView, statusAt, titleOf } from './standing.js';

/** A request as a vendor sends it. */
export interface SentRequest extends Rights {
  readonly type: SystemUser['type'];
  readonly systemId: SystemId;
  /** The customer; `undefined` for what is no organisation number. */
  readonly party: Orgnr | undefined;
  readonly externalRef?: string;
  readonly title?: string;
  readonly redirectUrl?: string;
}

/**
 * Asks a customer for a system user. Of one system, customer and external reference there is one: asked again, the request that stands is answered, whatever
 * its status; only withdrawn it is asked anew. What nobody of the customer could ever give is told at once.
 * @throws ProblemError and SystembrukerFault as leaveFor says, and of what is wrong with what was sent
 */
export async function askForSystemUser(
  parts: SystembrukerSideParts,
  request: Asking,
  sent: SentRequest,
): Promise<{ readonly view: SystemUserView; readonly isNew: boolean }> {
  const { before: found, ...leave } = await leaveForSystem(parts, request, sent.systemId, 'request.create', { isLiving: true });
  const system = found.value;
  const { party } = sent;
  if (party === undefined) throw unknownCustomer();
  const externalRef = externalRefOf(sent.externalRef, party);
  const before = await livingOf(parts, { systemId: system.id, party, externalRef });
  if (before !== undefined) return { view: asItStands(before, sent.type), isNew: false };
  const value = await newRequest(parts, leave, { sent: { ...sent, party }, system, externalRef });
  return repeated(async () => {
    const standing = await livingOf(parts, value);
    if (standing !== undefined) return { view: asItStands(standing, sent.type), isNew: false };
    const seat = await seatFor(parts, value);
    const facts = leave.facts('request.create');
    return { view: await collectionsOf(parts.store).systemUsers.put({ ...value, seat }, { expect: 'absent', facts }), isNew: true };
  }, MOST_AT_ONCE);
}

function asItStands(standing: SystemUserView, type: SystemUser['type']): SystemUserView {
  const { value } = standing;
  if (value.status === 'Accepted') {
    throw new SystembrukerFault('AUTH-00004', {
      detail: 'Send another externalRef for one more, or a change request for what this one lacks.',
    });
  }
  if (value.type !== type) {
    throw new SystembrukerFault('AUTH-00005', {
      detail: `It is for a system user of type ${value.type}: withdraw it first, or send another externalRef.`,
    });
  }
  return standing;
}

async function newRequest(
  parts: SystembrukerSideParts,
  { at }: Leave,
  {
    sent,
    system,
    externalRef,
  }: { readonly sent: SentRequest & { readonly party: Orgnr }; readonly system: System; readonly externalRef: string },
): Promise<SystemUser> {
  const { type, party, title, redirectUrl } = sent;
  if (!(await isInUse(parts.store, party))) throw unknownCustomer();
  if (redirectUrl !== undefined) assertRedirect(redirectUrl, system.redirectUrls);
  const asked = withoutRepeats(sent);
  assertFit(asked, type);
  assertOfSystem(asked, system);
  await assertEverGivable(parts, { ...asked, type, party });
  return present({
    id: randomUUID(),
    type,
    systemId: system.id,
    vendor: system.vendor,
    party,
    externalRef,
    title: titleOf(title, system),
    madeBy: 'vendor' as const,
    status: 'New' as const,
    asked,
    has: NOTHING,
    redirectUrl,
    expires: expiryOf(parts, at),
    changes: [],
    created: at,
    updated: at,
  });
}

/** From when on what is asked now cannot be answered. */
export function expiryOf({ side: { requestDays } }: SystembrukerSideParts, at: Instant): Instant {
  return toInstant(Date.parse(at) + requestDays * DAY_MS);
}

/** Of one vendor that wait for the same customer: more would bury those of others. */
const MOST_WAITING = 100;
/** So many may ask for a place at once before one of them is told of it: in each round somebody gets one, or all are taken. */
const MOST_AT_ONCE = MOST_WAITING + 16;

/** A place among them; who asks at the same time for the same one looks again. @throws SystembrukerFault `AUTH-00005` */
async function seatFor({ store }: SystembrukerParts, { id, vendor, party }: SystemUser): Promise<number> {
  const row = { index: 'seat', of: waitingFor(party, vendor), most: MOST_WAITING, name: id };
  const seat = await freeSeat(collectionsOf(store).systemUsers, row);
  if (seat !== undefined) return seat;
  throw new SystembrukerFault('AUTH-00005', {
    detail: `${MOST_WAITING} requests of yours wait for this customer: withdraw those that are no longer needed.`,
  });
}

/** Holds that a system user of the type can have that, and that it is something. @param ofNothing what to do instead @throws SystembrukerFault */
export function assertFit({ rights, packages }: Rights, type: SystemUser['type'], ofNothing?: string): void {
  if (type === 'agent' && packages.length === 0) throw new SystembrukerFault('AUTH-00058');
  if (type === 'agent' && rights.length > 0) {
    throw new SystembrukerFault('AUTH-00001', { detail: 'An agent has packages alone: leave `rights` out.' });
  }
  if (isNothing({ rights, packages })) throw new SystembrukerFault('AUTH-00059', { detail: ofNothing });
}

/** Holds that a system user of the system may have that. @throws SystembrukerFault `AUTH-00001`, `AUTH-00063` */
export function assertOfSystem({ rights, packages }: Rights, system: Rights): void {
  const outside = rightsOutside(rights, system.rights);
  if (outside.length > 0) {
    const named = namesOf(outside);
    throw new SystembrukerFault('AUTH-00001', {
      detail: `Not among the system’s rights: ${named === '' ? 'what was sent' : named}. Read the system, or add them to it first.`,
      extensions: named === '' ? {} : { NotFoundRights: named },
    });
  }
  const missing = packagesOutside(packages, system.packages);
  if (missing.length === 0) return;
  throw new SystembrukerFault('AUTH-00063', {
    detail: 'Read which packages the system has, or add them to it first.',
    extensions: {
      NotFoundPackages: missing
        .map(packageUrn)
        .filter((urn) => !holdsPersonNumber(urn))
        .join(', '),
    },
  });
}

/** The services of rights, each with its action; of what names none, nothing is repeated. */
function namesOf(rights: Rights['rights']): string {
  const names = rights.map(({ action, resources }) => (action === undefined ? resources.join(' ') : `${resources.join(' ')} (${action})`));
  return [...new Set(names)].filter((name) => SERVICES.test(name) && !holdsPersonNumber(name)).join(', ');
}

const SERVICES = /^[\w.:/-]{1,200}( [\w.:/-]{1,200})*( \([\w.:/-]{1,200}\))?$/;

function unknownCustomer(): SystembrukerFault {
  return new SystembrukerFault('AUTH-00000');
}

/** Withdraws a request that is not accepted: its place is free for another one. @throws as leaveFor says; SystembrukerFault `AUTH-00010`, `AUTH-00013` */
export async function withdrawRequest(parts: SystembrukerParts, request: Asking, id: string): Promise<void> {
  await repeated(async () => {
    const found = await requestOf(parts, { id });
    const { at, actor, facts } = await leaveFor(parts, request, { action: 'request.withdraw', object: asVendors(found) });
    if (found === undefined) throw new SystembrukerFault('AUTH-00010');
    if (found.value.status === 'Accepted') {
      throw new SystembrukerFault('AUTH-00013', { detail: 'The customer has accepted it: give the system user back instead.' });
    }
    const value: SystemUser = { ...found.value, removed: { at, by: actor, side: 'vendor' }, updated: at };
    await collectionsOf(parts.store).systemUsers.put(value, { expect: found.revision, facts: facts('request.withdraw') });
  });
}

/** Whether what is asked can be answered. @throws SystembrukerFault */
export function assertOpen(asked: Parameters<typeof statusAt>[0], at: Instant, code: 'AUTH-00013' | 'AUTH-00061'): void {
  const status = statusAt(asked, at);
  if (status === 'New') return;
  throw new SystembrukerFault(code, { detail: status === 'Timedout' ? 'It was not answered in time.' : 'It has been answered.' });
}
