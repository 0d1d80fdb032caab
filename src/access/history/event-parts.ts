import { type AppId, type BrukerId, type GrantDocument, grantOf, type Instant, isFault, type Orgnr, parseBrukerId, present } from '#domain';
import type { StoreEvent } from '#storage';
import { administrators, applications, grantDocuments, type LookUp, lookUps, refusals } from '../parts.js';

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

/** A part of an event that is one organisation's, or that several have in common. */
export interface EventPart {
  readonly owner: Orgnr;
  /** Whom it is about besides. */
  readonly parties?: readonly Orgnr[];
  readonly event: OrganisationEvent;
}

/** The parts that an event has for an organisation: its own grant of a document that holds many, each changed one of its administrators. */
export function partsOf(stored: StoreEvent, orgnr: Orgnr): EventPart[] {
  const { cursor, at, action, actor, onBehalfOf, reason, requestId, hash, entity } = stored;
  const shared = { cursor, at, action, actor, hash, ...present({ onBehalfOf, reason, requestId }) };
  if (entity === grantDocuments.name) {
    const { appId, brukerId } = stored.after as GrantDocument;
    const before = grantOf(stored.before as GrantDocument | undefined, orgnr);
    const after = grantOf(stored.after as GrantDocument, orgnr);
    if (after === undefined || before?.revision === after.revision) return [];
    return [{ owner: after.konsument, event: { ...shared, appId, brukerId, ...states(before, after) } }];
  }
  if (entity === lookUps.name) {
    const { orgnr: owner, brukerId, at: asked } = stored.after as LookUp;
    return [{ owner, event: { ...shared, brukerId, ...present({ after: asked === undefined ? undefined : { at: asked } }) } }];
  }
  if (entity === administrators.name) {
    const { orgnr: owner } = stored.after as { readonly orgnr: Orgnr };
    const was = assignmentsOf(stored.before);
    const is = assignmentsOf(stored.after);
    return [...is.keys()]
      .filter((brukerId) => was.get(brukerId)?.revision !== is.get(brukerId)?.revision)
      .map((brukerId) => ({ owner, event: { ...shared, brukerId, ...states(was.get(brukerId), is.get(brukerId)) } }));
  }
  const state = (stored.after ?? stored.before) as Owned;
  const { appId, id, tilbyder, konsument, orgnr: named, owner: holder, consumer, supplier, party, vendor, provider, client } = state;
  const [owner, ...parties] = [tilbyder ?? konsument ?? named, holder, consumer, supplier, party, vendor, provider, client].filter(
    (one) => one !== undefined,
  );
  if (owner === undefined) return [];
  // The state before a refusal is what the same caller tried before, perhaps at another organisation.
  const before = entity === refusals.name ? undefined : stored.before;
  const about = present({ appId: entity === applications.name ? id : appId });
  const event = { ...shared, ...about, ...states(before, stored.after) };
  if (parties.length === 0) return [{ owner, event }];
  const of = consumer ?? named ?? party ?? onBehalfOf;
  return [{ owner, parties, event: seenBy(orgnr, of, event) }];
}

/** An event as one of those sees it whom it is about together: a person of another one of them is that organisation to it. */
function seenBy(orgnr: Orgnr, of: string | undefined, event: OrganisationEvent): OrganisationEvent {
  if (of === undefined || of === orgnr) return event;
  const { actor, before, after, ...rest } = event;
  const named = (who: string): string => (isFault(parseBrukerId(who)) ? who : of);
  const told = (state: unknown): unknown => {
    if (typeof state !== 'object' || state === null) return state;
    if (Array.isArray(state)) return state.map(told);
    return Object.fromEntries(
      Object.entries(state).map(([name, value]) => [name, name === 'by' && typeof value === 'string' ? named(value) : told(value)]),
    );
  };
  return { ...rest, actor: named(actor), ...present({ before: told(before), after: told(after) }) };
}

/** What documents of one organisation, or of several together, name those and their application by. */
interface Owned {
  readonly id?: AppId;
  readonly appId?: AppId;
  readonly tilbyder?: Orgnr;
  readonly konsument?: Orgnr;
  readonly orgnr?: Orgnr;
  readonly owner?: Orgnr;
  readonly consumer?: Orgnr;
  readonly supplier?: Orgnr;
  readonly party?: Orgnr;
  readonly vendor?: Orgnr;
  readonly provider?: Orgnr;
  readonly client?: Orgnr;
}

interface Assigned {
  readonly revision: number;
  readonly brukerId: BrukerId;
}

function assignmentsOf(document: unknown): Map<BrukerId, Omit<Assigned, 'brukerId'>> {
  const { assignments = [] } = (document ?? {}) as { readonly assignments?: readonly (Assigned & { readonly sealed: string })[] };
  return new Map(assignments.map(({ brukerId, sealed: _, ...rest }) => [brukerId, rest]));
}

/** Not for the reader: a picture's bytes, which seats something has, and by what a secret is known again. */
function states(before: unknown, after: unknown): Pick<OrganisationEvent, 'before' | 'after'> {
  const shown = (state: unknown): unknown => {
    if (state === null || typeof state !== 'object' || !HIDDEN.some((name) => name in state)) return state;
    return Object.fromEntries(Object.entries(state).filter(([name]) => !HIDDEN.includes(name)));
  };
  return present({ before: shown(before), after: shown(after) });
}

const HIDDEN: readonly string[] = ['content', 'seat', 'seats', 'secret'];
