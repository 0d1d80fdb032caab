import { decodedAddress, Fault, holdsPersonNumber, type Instant, isFault, type Orgnr, parseFreeText, parseUuid } from '#domain';
import type { Stored } from '#storage';
import type { JudgedObject } from '../administer/leave.js';
import { tripleOf } from '../entities.js';
import { SystembrukerFault } from '../faults.js';
import type { ChangeRequest, RequestStatus, System, SystemId, SystemUser } from '../nouns.js';
import { collectionsOf, type SystembrukerParts } from '../parts.js';

/** A system user, or the request for one, with its revision. */
export type SystemUserView = Stored<SystemUser>;

/** A change request with the system user that it is for. */
export interface ChangeView extends SystemUserView {
  readonly change: ChangeRequest;
}

/** No organisation has this number: nobody has a role in it. */
export const NOBODYS = '000000000' as Orgnr;

/** How a request for a system user, or for a change of one, stands at a moment: one that nobody has answered in time is over, though that may not be written down yet. */
export function statusAt({ status, expires }: Pick<ChangeRequest, 'status' | 'expires'>, at: Instant): RequestStatus {
  return status === 'New' && expires <= at ? 'Timedout' : status;
}

/** Which system user: a system's, a customer's, and the vendor's own name for it. */
export interface Triple {
  readonly systemId: SystemId;
  readonly party: Orgnr;
  readonly externalRef: string;
}

/** The one that is not removed, whatever its status. */
export async function livingOf(
  { store }: Pick<SystembrukerParts, 'store'>,
  { systemId, party, externalRef }: Triple,
): Promise<SystemUserView | undefined> {
  const equals = tripleOf(systemId, party, externalRef);
  if (Buffer.byteLength(equals) > 800 || equals.includes('\0')) return undefined;
  const { items } = await collectionsOf(store).systemUsers.query({ index: 'triple', equals, limit: 1 });
  return items[0];
}

/** One by its id, also if it is removed; `undefined` too for what is no id. */
export async function everById({ store }: Pick<SystembrukerParts, 'store'>, id: string): Promise<SystemUserView | undefined> {
  const key = parseUuid(id);
  return isFault(key) ? undefined : collectionsOf(store).systemUsers.get(key);
}

/** One by its id, unless it is removed. */
export async function livingById(parts: Pick<SystembrukerParts, 'store'>, id: string): Promise<SystemUserView | undefined> {
  const found = await everById(parts, id);
  return found?.value.removed === undefined ? found : undefined;
}

/** One by its id that has been approved and is not removed. */
export async function acceptedById(parts: Pick<SystembrukerParts, 'store'>, id: string): Promise<SystemUserView | undefined> {
  const found = await livingById(parts, id);
  return found?.value.status === 'Accepted' ? found : undefined;
}

/** That one is there no more, and why, as far as a side may know it: its vendor does not learn where it went. @param code by which it is told */
export function gone(code: 'AUTH-00010' | 'AUTH-00015', { status, removed }: SystemUser, teller: 'vendor' | 'customer'): SystembrukerFault {
  const { side, into } = removed ?? {};
  if (teller === 'vendor') {
    const ended = status === 'Accepted' ? 'You have given it back.' : 'You have withdrawn it.';
    const byCustomer =
      into === undefined ? 'The customer has deleted it.' : 'The customer has moved it to another system: it is yours no more.';
    return new SystembrukerFault(code, { detail: side === 'vendor' ? ended : byCustomer });
  }
  if (into === undefined)
    return new SystembrukerFault(code, { detail: side === 'vendor' ? 'Its vendor has given it back.' : 'It has been deleted.' });
  return new SystembrukerFault(code, { detail: `It was moved to another system, and is ${into} now.`, extensions: { MovedTo: into } });
}

/** Which request; of the other type there is none by this id, if the type is said. */
export interface RequestPlace {
  readonly id: string;
  readonly type?: SystemUser['type'];
}

/** What a vendor has asked for; what a customer has made by itself is no request. */
export async function requestOf(parts: Pick<SystembrukerParts, 'store'>, { id, type }: RequestPlace): Promise<SystemUserView | undefined> {
  const found = await livingById(parts, id);
  return found?.value.madeBy === 'vendor' && (type === undefined || found.value.type === type) ? found : undefined;
}

/** What an act of the customer's is about, for the rules. */
export function asCustomers(found: SystemUserView | undefined): Pick<JudgedObject, 'exists' | 'party'> {
  return { exists: found !== undefined, party: found?.value.party };
}

/** What an act of the vendor's is about, for the rules. */
export function asVendors(found: SystemUserView | undefined): Pick<JudgedObject, 'exists' | 'vendor'> {
  return { exists: found !== undefined, vendor: found?.value.vendor };
}

/** What a system user is called: as its system, if nothing else was sent. @throws SystembrukerFault */
export function titleOf(sent: string | undefined, { name }: Pick<System, 'name'>): string {
  return sent === undefined || sent.trim() === '' ? name.nb : soundTitle(sent);
}

/** What a system user is to be called. @throws SystembrukerFault */
export function soundTitle(sent: string): string {
  return sound('integrationTitle', parseFreeText(sent, { maxCodePoints: 255 }));
}

/** More bytes are no part of an index value. */
const MOST_BYTES = 400;

/** The vendor's own name for a system user: the customer's number if there is none, or a blank one. */
export function parseExternalRef(sent: string | undefined, party: Orgnr): string | Fault {
  if (sent === undefined || sent.trim() === '') return party;
  if (Buffer.byteLength(sent) > MOST_BYTES) return new Fault(`is longer than ${MOST_BYTES} bytes`);
  return parseFreeText(sent, { maxCodePoints: 255 });
}

/** The same of one that is to be. @throws SystembrukerFault */
export function externalRefOf(sent: string | undefined, party: Orgnr): string {
  return sound('externalRef', parseExternalRef(sent, party));
}

function sound(field: string, parsed: string | Fault): string {
  if (isFault(parsed)) throw wrongText(field, parsed.detail);
  return parsed;
}

function wrongText(field: string, detail: string): SystembrukerFault {
  return new SystembrukerFault('AUTH-00005', { detail: `${field} ${detail}.` });
}

/**
 * Holds that the browser of whoever answers may be sent there: scheme, host and path as one of the system's, the query as the vendor likes.
 * @throws SystembrukerFault
 */
export function assertRedirect(sent: string, allowed: readonly string[]): void {
  if (allowed.length === 0) {
    throw new SystembrukerFault('AUTH-00026', { detail: 'Leave redirectUrl out, or add it to the system’s allowedRedirectUrls first.' });
  }
  const place = placeOf(sent);
  if (place === undefined || !allowed.some((one) => placeOf(one) === place)) {
    throw new SystembrukerFault('AUTH-00021', {
      detail: 'Scheme, host and path must be those of one of the system’s allowedRedirectUrls; a query may be added.',
    });
  }
  if (holdsPersonNumber(decodedAddress(sent))) throw wrongText('redirectUrl', 'holds what looks like a person number');
}

/** Nothing that a browser would read otherwise than we do. */
const ADDRESS = /^https:\/\/[!-~]+$/i;

function placeOf(text: string): string | undefined {
  if (!ADDRESS.test(text) || /[\\"<>^`{|}]/.test(text) || !URL.canParse(text)) return undefined;
  const { origin, pathname, hash, username, password } = new URL(text);
  return hash === '' && username === '' && password === '' ? origin + pathname : undefined;
}
