// What several APIs of the side say in the same words: requests, changes, lists and histories of system users.
import type { PageOf, PageRange } from '#access';
import { type Instant, isFault, type Orgnr, parseOrgnr, present } from '#domain';
import {
  type Asking,
  type ChangeView,
  type Difference,
  NOBODYS,
  type Rights,
  type SystemUser,
  type SystemUserEvent,
  statusAt,
} from '#systembruker';
import type { AdminExchange } from '../admin-api.js';
import type { Context, Reply } from '../state.js';
import { packagesOut, rightsOut } from './rights.js';

const PAGE = 50;

/** That a system user is deleted: how many there were, as Altinn answers. */
export const ONE_DELETED: Reply = { status: 202, headers: { 'Content-Type': 'application/json; charset=utf-8' }, body: '1' };

/** Which part of a list a query asks for. */
export function rangeOf({ token }: { readonly token?: string }): PageRange {
  return present({ limit: PAGE, cursor: token });
}

/** Where a list goes on, by the query that was sent. @param origin where callers reach the gateway */
export function nextOf(origin: string, { path, querystring }: Context, next: string | undefined): string | undefined {
  if (next === undefined) return undefined;
  const query = new URLSearchParams(querystring);
  query.set('token', next);
  return `${origin}${path}?${query}`;
}

/** A page of a list in Altinn's form. */
export function pageOut<T, R>(origin: string, ctx: Context, { items, next }: PageOf<T>, out: (item: T) => R) {
  return { links: present({ next: nextOf(origin, ctx, next) }), data: items.map(out) };
}

/** Altinn answers a bare JSON value. */
export function bareOut(value: boolean): Reply {
  return { status: 200, headers: { 'Content-Type': 'application/json; charset=utf-8' }, body: JSON.stringify(value) };
}

/** The organisation that a path names. What is no number is refused as an organisation that is not there is. */
export function partyOf(text: string | undefined): Orgnr {
  const orgnr = parseOrgnr(text ?? '');
  return isFault(orgnr) ? NOBODYS : orgnr;
}

/** Who asks, for the organisation that the path names. */
export function forParty({
  request,
  params,
}: Pick<AdminExchange<unknown, unknown>, 'request' | 'params'>): Asking & { readonly orgnr: Orgnr } {
  return { ...request, orgnr: partyOf(params['party']) };
}

/** The organisation number that was sent, if it is one. */
export function numberOf(text: string | undefined): Orgnr | undefined {
  const orgnr = parseOrgnr(text ?? '');
  return isFault(orgnr) ? undefined : orgnr;
}

/** What to tell a request by: where it is answered, and when that is asked. */
export interface Telling {
  readonly origin: string;
  readonly at: Instant;
}

/** Where a person of the customer answers a request. */
export function requestUrl(origin: string, id: string): string {
  return `${origin}/systembruker/foresporsel?id=${id}`;
}

/** Where a person of the customer answers a change request. */
export function changeUrl(origin: string, id: string): string {
  return `${origin}/systembruker/endring?id=${id}`;
}

/** A request as it is told. */
export function requestOut(user: SystemUser, { origin, at }: Telling) {
  const { id, type, title, externalRef, systemId, party, asked, redirectUrl, escalated, created, expires } = user;
  const status = statusAt(user, at);
  return present({
    id,
    integrationTitle: title,
    externalRef,
    systemId,
    partyOrgNo: party,
    rights: type === 'agent' ? undefined : rightsOut(asked),
    accessPackages: packagesOut(asked),
    status,
    redirectUrl,
    confirmUrl: requestUrl(origin, id),
    escalated: escalated !== undefined,
    created,
    expires,
    timedOut: status === 'Timedout',
    userType: type,
  });
}

/** A change request as it is told. */
export function changeOut({ value, change }: Pick<ChangeView, 'value' | 'change'>, { origin, at }: Telling) {
  const { id, redirectUrl, created, expires } = change;
  const status = statusAt(change, at);
  return present({
    ...changeParts(value, id, change),
    status,
    redirectUrl,
    confirmUrl: changeUrl(origin, id),
    created,
    expires,
    timedOut: status === 'Timedout',
  });
}

/** That a change request asks for nothing that is not so already. */
export function needlessOut(value: SystemUser, id: string, change: { readonly required: Rights; readonly unwanted: Rights }) {
  return { ...changeParts(value, id, change), status: 'NoChangeNeeded' as const, timedOut: false };
}

function changeParts(
  { id: systemUserId, externalRef, systemId, party }: SystemUser,
  id: string,
  { required, unwanted }: { readonly required: Rights; readonly unwanted: Rights },
) {
  return {
    id,
    externalRef,
    systemId,
    systemUserId,
    partyOrgNo: party,
    requiredRights: rightsOut(required),
    unwantedRights: rightsOut(unwanted),
    requiredAccessPackages: packagesOut(required),
    unwantedAccessPackages: packagesOut(unwanted),
  };
}

/** A part of a history as it is told. */
export function eventOut({ at, action, side, brukerId, changeId, difference }: SystemUserEvent) {
  return present({ at, action, side, brukerId, changeRequestId: changeId, ...differenceOut(difference) });
}

/** What was, or would be, added and taken away, as it is told. */
export function differenceOut({ added, removed }: Difference) {
  return {
    addedRights: rightsOut(added),
    removedRights: rightsOut(removed),
    addedAccessPackages: packagesOut(added),
    removedAccessPackages: packagesOut(removed),
  };
}
