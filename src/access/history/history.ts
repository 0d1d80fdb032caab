import { type AppId, type BrukerId, type Grant, type GrantDocument, type Instant, type Orgnr, present } from '#domain';
import { ProblemError } from '#problem';
import type { Entity, EventRange, StoreEvent } from '#storage';
import { type AdminRequest, authorize } from '../administer/authorize.js';
import { type GrantView, grantOf, type HeldItem, heldRoles } from '../ask/held-roles.js';
import { type PageOf, type PageRange, pickedPage } from '../pages.js';
import {
  type AccessParts,
  activationKey,
  activations,
  administrators,
  applications,
  collectionsOf,
  documentKey,
  everyOf,
  grantDocuments,
  konsumentIndex,
  type LookUp,
  lookUpKey,
  lookUps,
  organisations,
  refusals,
} from '../parts.js';
import { mayBeSeen } from '../people/list-grants.js';

const PAGE = 100;

/** A document as it stood at a moment, from its events. */
export async function stateAt<T>({ store }: AccessParts, entity: Entity<T>, key: string, at: Instant): Promise<T | undefined> {
  let cursor: string | undefined;
  do {
    const page = await store.events.of(entity.name, key, present({ limit: PAGE, cursor }));
    const found = page.events.find((event) => event.at <= at);
    if (found !== undefined) return found.after as T | undefined;
    cursor = page.next;
  } while (cursor !== undefined);
  return undefined;
}

/** What an application's grants of a konsument depended on at a moment. */
async function surroundingsAt(parts: AccessParts, appId: AppId, orgnr: Orgnr, at: Instant): Promise<Omit<HeldItem, 'grant'>> {
  const [application, activation, organisation] = await Promise.all([
    stateAt(parts, applications, appId, at),
    stateAt(parts, activations, activationKey(appId, orgnr), at),
    stateAt(parts, organisations, orgnr, at),
  ]);
  return { application, activated: activation?.active ?? false, mayBeKonsument: organisation?.mayBeKonsument ?? false };
}

/**
 * Who had access to an application for a konsument at a moment in the past, from the events; only those who really had it.
 * @throws ProblemError as authorize says
 */
export async function listHoldersAt(
  parts: AccessParts,
  request: AdminRequest,
  { orgnr, appId }: { readonly orgnr: Orgnr | undefined; readonly appId: AppId | undefined },
  at: Instant,
  range: PageRange,
): Promise<PageOf<GrantView>> {
  const { organisation, application } = await authorize(parts, request, { action: 'grant.list', orgnr, about: { appId } });
  const konsument = organisation.orgnr;
  const id = application?.value.id as AppId;
  const surroundings = await surroundingsAt(parts, id, konsument, at);
  // Withdrawn grants stay marked, so whoever ever had one is in the index.
  const where = { index: 'konsument', prefix: konsumentIndex(konsument, id) };
  return pickedPage(collectionsOf(parts.store).grantDocuments, where, range, async (documents) => {
    const views = await viewsAt(
      parts,
      documents.map(({ value }) => ({ document: value, surroundings })),
      konsument,
      at,
    );
    return views.filter(({ inEffect }) => inEffect.length > 0);
  });
}

/** What a konsument's grants gave a person at a moment in the past. */
export async function grantsAt(
  parts: AccessParts,
  documents: readonly GrantDocument[],
  konsument: Orgnr,
  at: Instant,
): Promise<readonly GrantView[]> {
  const placed = await Promise.all(
    documents.map(async (document) => ({ document, surroundings: await surroundingsAt(parts, document.appId, konsument, at) })),
  );
  return viewsAt(parts, placed, konsument, at);
}

/** The grants that were kept at the moment, and what they gave. */
async function viewsAt(
  parts: AccessParts,
  placed: readonly { readonly document: GrantDocument; readonly surroundings: Omit<HeldItem, 'grant'> }[],
  konsument: Orgnr,
  at: Instant,
): Promise<readonly GrantView[]> {
  const kept: { readonly document: GrantDocument; readonly item: HeldItem }[] = [];
  for (const { document, surroundings } of placed) {
    const { appId, brukerId } = document;
    const grant = grantOf(await stateAt(parts, grantDocuments, documentKey(appId, brukerId), at), konsument);
    if (grant !== undefined && grant.withdrawn === undefined) kept.push({ document, item: { ...surroundings, grant } });
  }
  const held = await heldRoles(
    parts,
    kept.map(({ item }) => item),
    at,
  );
  return kept.map(({ document: { appId, brukerId, sealed }, item: { grant } }, i) => {
    const { roles: inEffect = [], hindrances = [] } = held[i] ?? {};
    return { appId, brukerId, person: parts.vault.unseal(sealed, brukerId), grant, inEffect, hindrances };
  });
}

/** What somebody wants to see of an organisation's history. */
export interface EventFilter {
  /** The action, or the part of it before a full stop, such as `grant`. */
  readonly action?: string;
  readonly appId?: AppId;
  readonly brukerId?: BrukerId;
  readonly actor?: string;
  /** Inclusive. */
  readonly from?: Instant;
  /** Exclusive. */
  readonly until?: Instant;
}

/** An event as the organisation may see it: nothing of what other organisations do. */
export interface OrganisationEvent {
  readonly cursor: string;
  readonly at: Instant;
  readonly action: string;
  /** A BrukerId, an organisation number, or `operator`. */
  readonly actor: string;
  readonly onBehalfOf?: string;
  readonly reason?: string;
  readonly requestId?: string;
  readonly appId?: AppId;
  readonly brukerId?: BrukerId;
  /** The state of what was changed, without sealed values. */
  readonly before?: unknown;
  readonly after?: unknown;
  readonly hash: string;
}

/** How many events are read for one page; see pickedPage. */
const LOOKED_AT = 2000;

/**
 * The events that concern an organisation, the newest first.
 * @throws ProblemError as authorize says; `invalid-request` for a cursor that is none of ours
 */
export async function listEvents(
  parts: AccessParts,
  request: AdminRequest,
  orgnr: Orgnr | undefined,
  filter: EventFilter,
  range: PageRange,
): Promise<PageOf<OrganisationEvent>> {
  const { organisation, applications: limited } = await authorize(parts, request, { action: 'event.list', orgnr });
  const own = organisation.orgnr;
  const { events } = parts.store;
  const keys = filter.brukerId === undefined ? undefined : await documentsOf(parts, own, filter.brukerId, filter.appId);
  const items: OrganisationEvent[] = [];
  let { cursor } = range;
  for (let looked = 0; ; ) {
    const page = present({ limit: Math.max(range.limit, PAGE), cursor });
    const { found, isAll } = await (keys === undefined
      ? events.concerning(own, { ...page, newestFirst: true }).then(({ events: found, next }) => ({ found, isAll: next === undefined }))
      : mergedEvents(parts, own, keys, page));
    for (const event of found) {
      if (items.length === range.limit) return { items, next: cursor as string };
      cursor = event.cursor;
      items.push(...projected(event, own).filter((one) => fits(one, filter) && (one.appId === undefined || mayBeSeen(limited, one.appId))));
    }
    looked += found.length;
    if (isAll) return { items };
    if (looked >= LOOKED_AT) return { items, next: cursor as string };
  }
}

type Key = readonly [entity: string, key: string];

/** Where a person may stand in the history of an organisation. */
async function documentsOf(parts: AccessParts, orgnr: Orgnr, brukerId: BrukerId, appId: AppId | undefined): Promise<readonly Key[]> {
  if (appId !== undefined) return [[grantDocuments.name, documentKey(appId, brukerId)]];
  const keys: Key[] = [[lookUps.name, lookUpKey(orgnr, brukerId)]];
  for await (const { id } of everyOf(collectionsOf(parts.store).applications)) keys.push([grantDocuments.name, documentKey(id, brukerId)]);
  return keys;
}

/** The events of several documents and of the organisation's administrators as one list, newest first. */
async function mergedEvents(
  { store }: AccessParts,
  orgnr: Orgnr,
  keys: readonly Key[],
  page: EventRange,
): Promise<{ readonly found: readonly StoreEvent[]; readonly isAll: boolean }> {
  const pages = await Promise.all(
    [...keys, [administrators.name, orgnr] as const].map(([entity, key]) => store.events.of(entity, key, page)),
  );
  const all = pages.flatMap(({ events }) => events).sort((a, b) => (a.cursor < b.cursor ? 1 : -1));
  return { found: all.slice(0, page.limit), isAll: all.length <= page.limit && pages.every(({ next }) => next === undefined) };
}

function fits(event: OrganisationEvent, { action, appId, brukerId, actor, from, until }: EventFilter): boolean {
  return (
    (action === undefined || event.action === action || event.action.startsWith(`${action}.`)) &&
    (appId === undefined || event.appId === appId) &&
    (brukerId === undefined || event.brukerId === brukerId) &&
    (actor === undefined || event.actor === actor) &&
    (from === undefined || event.at >= from) &&
    (until === undefined || event.at < until)
  );
}

/** The event as one organisation may see it; one of a grant document that is about others only is nothing to it. */
function projected(event: StoreEvent, orgnr: Orgnr): OrganisationEvent[] {
  const { cursor, at, action, actor, onBehalfOf, reason, requestId, hash, entity } = event;
  const shared = {
    cursor,
    at,
    action,
    actor,
    hash,
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
    ...(reason === undefined ? {} : { reason }),
    ...(requestId === undefined ? {} : { requestId }),
  };
  if (entity === grantDocuments.name) {
    const { appId, brukerId } = event.after as GrantDocument;
    const before = ownGrant(event.before, orgnr);
    const after = ownGrant(event.after, orgnr);
    if (before?.revision === after?.revision) return [];
    return [{ ...shared, appId, brukerId, ...states(before, after) }];
  }
  if (entity === lookUps.name) {
    const { brukerId, at: asked } = event.after as LookUp;
    return [{ ...shared, brukerId, ...(asked === undefined ? {} : { after: { at: asked } }) }];
  }
  if (entity === administrators.name) {
    const was = assignmentsOf(event.before);
    const is = assignmentsOf(event.after);
    return [...is.keys()]
      .filter((brukerId) => was.get(brukerId)?.revision !== is.get(brukerId)?.revision)
      .map((brukerId) => ({ ...shared, brukerId, ...states(was.get(brukerId), is.get(brukerId)) }));
  }
  const { appId, id } = (event.after ?? event.before) as { readonly appId?: AppId; readonly id?: AppId };
  const about = entity === applications.name ? id : appId;
  // The state before a refusal is what the same caller tried before, perhaps at another organisation.
  const before = entity === refusals.name ? undefined : event.before;
  return [{ ...shared, ...(about === undefined ? {} : { appId: about }), ...states(before, event.after) }];
}

function ownGrant(document: unknown, orgnr: Orgnr): Grant | undefined {
  return grantOf(document as GrantDocument | undefined, orgnr);
}

interface Assigned {
  readonly revision: number;
  readonly brukerId: BrukerId;
}

function assignmentsOf(document: unknown): Map<BrukerId, Omit<Assigned, 'brukerId'>> {
  const { assignments = [] } = (document ?? {}) as { readonly assignments?: readonly (Assigned & { readonly sealed: string })[] };
  return new Map(assignments.map(({ brukerId, sealed: _, ...rest }) => [brukerId, rest]));
}

/** Not for the reader: a picture's bytes. */
function states(before: unknown, after: unknown): Pick<OrganisationEvent, 'before' | 'after'> {
  const shown = (state: unknown): unknown => {
    if (state === null || typeof state !== 'object' || !('content' in state)) return state;
    const { content: _, ...rest } = state;
    return rest;
  };
  return { ...(before === undefined ? {} : { before: shown(before) }), ...(after === undefined ? {} : { after: shown(after) }) };
}

/** @param where the field or parameter that holds it. @throws ProblemError `invalid-request` for a moment that is not yet */
export function checkPast(at: Instant, now: Instant, where: { readonly pointer: string; readonly parameter?: string }): void {
  if (at > now) throw new ProblemError('invalid-request', { at: [{ ...where, detail: 'is in the future' }] });
}
