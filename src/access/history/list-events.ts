import { setImmediate } from 'node:timers/promises';
import { isBooleans, type Judge, type Rule } from '#decisions';
import { type AppId, type BrukerId, type Instant, type Orgnr, present } from '#domain';
import { type AdminRequest, authorize, type Clearance } from '../administer/authorize.js';
import type { PageOf, PageRange } from '../pages.js';
import { type AccessParts, personIn } from '../parts.js';
import { type EventPart, type OrganisationEvent, partsOf } from './event-parts.js';

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

/** How many events are read in one turn: each holds a whole document twice, that of a person with grants of very many too. */
const PAGE = 20;
/** How many are read for one page; see pickedPage. */
const LOOKED_AT = 1000;

const VISIBLE: Rule<readonly boolean[]> = { entrypoint: 'tilgang/history/visible', isAnswer: isBooleans };

/**
 * The events that concern an organisation, the newest first. Those of one person are a list of their own, which others' doings neither lengthen nor
 * slow.
 * @throws ProblemError as authorize says; `invalid-request` for a cursor that is none of ours
 */
export async function listEvents(
  parts: AccessParts,
  request: AdminRequest,
  orgnr: Orgnr | undefined,
  filter: EventFilter,
  range: PageRange,
): Promise<PageOf<OrganisationEvent>> {
  const clearance = await authorize(parts, request, { action: 'event.list', orgnr });
  const own = clearance.organisation.orgnr;
  const party = filter.brukerId === undefined ? own : personIn(own, filter.brukerId);
  const items: OrganisationEvent[] = [];
  let { cursor } = range;
  for (let looked = 0; ; ) {
    const wanted = { limit: PAGE, newestFirst: true, ...present({ cursor }) };
    const { events, next } = await parts.store.events.concerning(party, wanted);
    const found = events.map((event) => partsOf(event, own).filter((part) => fits(part.event, filter)));
    const visible = await visibleOf(parts.judge, clearance, found.flat());
    for (const [i, event] of events.entries()) {
      if (items.length === range.limit) return { items, next: cursor as string };
      cursor = event.cursor;
      for (const part of found[i] ?? []) if (visible.has(part)) items.push(part.event);
    }
    looked += events.length;
    if (next === undefined) return { items };
    if (looked >= LOOKED_AT) return { items, next: cursor as string };
    // The store answers at once, and what finds little is not to keep others waiting.
    await setImmediate();
  }
}

/** The parts that the policy lets the reader see: one question, in which parts that it cannot tell apart stand once. */
async function visibleOf(
  judge: Judge,
  { organisation, applications }: Clearance,
  parts: readonly EventPart[],
): Promise<ReadonlySet<EventPart>> {
  if (parts.length === 0) return new Set();
  const kinds = new Map<string, { readonly asked: object; readonly parts: EventPart[] }>();
  for (const part of parts) {
    const asked = { owner: part.owner, ...present({ parties: part.parties, application: part.event.appId }) };
    const kind = JSON.stringify(asked);
    const known = kinds.get(kind);
    if (known === undefined) kinds.set(kind, { asked, parts: [part] });
    else known.parts.push(part);
  }
  const all = [...kinds.values()];
  const reader = { orgnr: organisation.orgnr, applications: applications === undefined ? null : [...applications] };
  const input = { reader, parts: all.map(({ asked }) => asked) };
  const { answer } = await judge.ask(VISIBLE, input, ({ length }) => length === all.length);
  return new Set(all.flatMap(({ parts: same }, i) => (answer[i] === true ? same : [])));
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
