import { eventAround } from '../change.js';
import { textHash } from '../event-chain.js';
import type { Entity, StoreEvent } from '../port.js';
import { brokenAt } from './refused.js';
import { type DocumentName, isDocumentName, type LoggedEvent, type Standing } from './whole-store.js';

/** An event that was read. */
export interface ReadEvent extends LoggedEvent {
  /** Of its document. */
  readonly name: string;
  readonly event: Omit<StoreEvent, 'cursor' | 'hash'>;
}

/** A step of the history: an event, and the place of the one before it of the same document. */
export interface Step extends ReadEvent {
  readonly previous: number;
}

/** What a document has become by the events that were replayed. */
export interface Moved extends DocumentName {
  readonly standing: Standing;
  /** Its state before them and after; undefined if it was not there. */
  readonly before: unknown;
  readonly after: unknown;
}

/** What a document is called among all. */
export function nameOf({ entity, key }: DocumentName): string {
  return `${entity}\0${key}`;
}

/** The events with what they say. @throws ProblemError `copy-refused` for one that has not the hash that is kept with it, or no form */
export function readEvents(events: readonly LoggedEvent[]): readonly ReadEvent[] {
  return events.map(({ place, hash, json }) => {
    const event = textHash(json) === hash ? parsedEvent(json) : undefined;
    if (event === undefined) throw brokenAt(place, 'the event does not have the hash that is kept with it');
    return { place, hash, json, event, name: nameOf(event) };
  });
}

function parsedEvent(json: string): ReadEvent['event'] | undefined {
  try {
    const event = JSON.parse(json) as ReadEvent['event'];
    return isDocumentName(event) ? event : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Replays events over the documents as they stand. Each must be, to the byte, what a change of its document as it stands would have written: its
 * revision, the hash before it, the state before it. What a document has lived through already is passed over.
 * @param standings by name, of the documents that the events are of
 * @throws ProblemError `copy-refused` at the first that does not follow
 */
export function replay(
  events: readonly ReadEvent[],
  standings: ReadonlyMap<string, Standing>,
): { readonly steps: readonly Step[]; readonly moved: readonly Moved[] } {
  const moved = new Map<string, Moved>();
  const steps = events.map((read): Step => {
    const { name, event, place, hash, json } = read;
    const earlier = moved.get(name);
    const standing = earlier?.standing ?? standings.get(name);
    if (standing !== undefined && event.revision <= standing.revision) {
      if (event.revision === standing.revision && hash !== standing.hash) throw brokenAt(place, 'the document has another history');
      return { place, hash, json, event, name, previous: 0 };
    }
    const state = statedAfter(read, standing);
    if (state === undefined) throw brokenAt(place, 'the event does not follow from the one before it of the same document');
    const { entity, key, before, after } = event;
    const now = { revision: event.revision, hash, json: state, last: place };
    moved.set(name, { entity, key, standing: now, before: earlier === undefined ? before : earlier.before, after });
    return { place, hash, json, event, name, previous: standing?.last ?? 0 };
  });
  return { steps, moved: [...moved.values()] };
}

const AFTER = ',"after":';

/**
 * The state after the event as its text has it, empty if there is none; undefined if the event does not follow. All around the state is known to the byte;
 * that the state is canonical, and one, the verification holds, which reads every event.
 */
function statedAfter({ event, json }: ReadEvent, standing: Standing | undefined): string | undefined {
  const { entity, key } = event;
  const before = standing === undefined || standing.json === '' ? undefined : standing;
  const [start, end] = eventAround({ entity, key, facts: event }, (standing?.revision ?? 0) + 1, before, standing?.hash ?? '');
  if (event.after === undefined) return json === start + end ? '' : undefined;
  const from = start.length + AFTER.length;
  const isAround = json.startsWith(start) && json.startsWith(AFTER, start.length) && json.endsWith(end);
  return isAround && from < json.length - end.length ? json.slice(from, json.length - end.length) : undefined;
}

/** Of entities that this program declares their declarations; of others what can be done without one. @param declared by name */
export function entityIn(declared: ReadonlyMap<string, Entity<unknown>>, name: string): Entity<unknown> {
  return declared.get(name) ?? bareEntity(name);
}

const bare = new Map<string, Entity<unknown>>();

/** An entity of which only the name is known: one of another version of the program. */
function bareEntity(name: string): Entity<unknown> {
  let entity = bare.get(name);
  if (entity === undefined) {
    entity = {
      name,
      key: () => {
        throw new TypeError(`${name} is not declared`);
      },
      indexes: {},
    };
    bare.set(name, entity);
  }
  return entity;
}
