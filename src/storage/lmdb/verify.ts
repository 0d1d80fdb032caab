import { setImmediate } from 'node:timers/promises';
import { canonicalJson, isNextOf, textHash } from '../event-chain.js';
import type { BrokenEvent, Entity, StoreEvent, Verification } from '../port.js';
import type { Read } from './collection.js';
import {
  CURSOR_LENGTH,
  concernsPrefix,
  documentKey,
  historyPrefix,
  type Kept,
  keyBytes,
  NO_HASH,
  partiesOf,
  readEvent,
  readKept,
  sequenceText,
  splitEvent,
} from './layout.js';
import { keysBackwards, keysBetween, pastPrefix, type Table, type Tables } from './tables.js';

/** Bounds how long the event loop waits: some 10 ms. */
const PAGE = 256;
/** How many cursors without an event are remembered; only the first ones matter. */
const MAX_GAPS = 1000;
const LEAST = Buffer.of(0);
const MOST = Buffer.of(0xff);

interface Owner {
  readonly entity: string;
  readonly key: string;
}

/**
 * EventLog.verify. Four walks, each page on a snapshot of its own: events, history, concerns, documents and graves. What belongs to an event
 * is written in one transaction, so within a snapshot all of it agrees, however new it is.
 */
export async function verifyStore(
  tables: Tables,
  declared: ReadonlyMap<string, Entity<unknown>>,
  read: Read,
  onProgress: ((events: number) => void) | undefined,
): Promise<Verification> {
  const bound = await read(() => {
    const [last] = [...tables.events.getKeys({ reverse: true, limit: 1 })];
    return last?.toString() ?? sequenceText(0);
  });
  const check = new Check(tables, declared);
  const walk = async (table: Table, end: Buffer, visit: (place: Buffer, text: string) => void, onPage?: () => void): Promise<void> => {
    let start = LEAST;
    for (;;) {
      const last = await read(() => {
        const entries = [...table.getRange({ start, end, limit: PAGE })];
        for (const { key, value } of entries) visit(key, value);
        return entries.at(-1)?.key;
      });
      if (last === undefined) return;
      start = Buffer.concat([last, Buffer.of(0)]);
      onPage?.();
      await setImmediate();
    }
  };
  await walk(
    tables.events,
    Buffer.from(`${bound}\0`),
    (place, text) => check.event(place.toString(), text),
    () => onProgress?.(check.events),
  );
  await walk(tables.history, MOST, (place) => check.historyEntry(place.toString()));
  await walk(tables.concerns, MOST, (place) => check.concernsEntry(place.toString()));
  await walk(tables.documents, MOST, (place, text) => check.document(place, text));
  await walk(tables.graves, MOST, (place, text) => check.grave(place, text));
  const { events, documents, broken } = check;
  return { events, documents, ...(broken === undefined ? {} : { broken }) };
}

const MISSING = 'The event is missing.';

class Check {
  readonly #tables: Tables;
  readonly #declared: ReadonlyMap<string, Entity<unknown>>;
  readonly #gaps: string[] = [];
  #expected = 1;
  #historyPrefix = '';
  events = 0;
  documents = 0;
  broken: BrokenEvent | undefined;

  constructor(tables: Tables, declared: ReadonlyMap<string, Entity<unknown>>) {
    this.#tables = tables;
    this.#declared = declared;
  }

  /** Sequence, hash, form, place in its document's history, link to the event before it, whom it concerns. */
  event(cursor: string, text: string): undefined {
    this.events += 1;
    if (!isCursor(cursor)) return this.#report(this.#afterAll(), undefined, 'An event stands under a key that is no cursor.');
    for (; this.#expected < Number(cursor); this.#expected += 1) {
      const gap = sequenceText(this.#expected);
      if (this.#gaps.length === MAX_GAPS) {
        this.#expected = Number(cursor);
        break;
      }
      this.#gaps.push(gap);
      this.#report(gap, undefined, MISSING);
    }
    this.#expected = Number(cursor) + 1;

    const event = intactEvent(text);
    if (event === undefined)
      return this.#report(cursor, this.#claimed(cursor, text), 'The event does not have the hash that is kept with it.');
    if (event.cursor !== cursor) return this.#report(cursor, this.#claimed(cursor, text), 'Another event stands in its place.');
    const prefix = historyPrefix(event.entity, event.key);
    if (this.#tables.history.get(Buffer.from(prefix + cursor)) === undefined) {
      this.#report(cursor, event, 'The event is missing in the history of its document.');
    }
    this.#link(event, prefix);
    this.#parties(event);
  }

  #link(event: StoreEvent, prefix: string): undefined {
    const previous = this.#eventBefore(prefix, Buffer.from(prefix + event.cursor));
    if (previous === 'missing' || isNextOf(event, previous)) return;
    const hasRevisions = event.fromRevision === (previous?.revision ?? 0) && event.revision === event.fromRevision + 1;
    // What comes later vouches for what comes before: if this event is vouched for, it was the one before it that changed.
    if (hasRevisions && previous !== undefined && this.#isConfirmed(event, prefix)) {
      return this.#report(previous.cursor, event, 'The event is not the one that its successor followed.');
    }
    if (event.fromRevision > (previous?.revision ?? 0)) this.#missingAfter(previous, event);
    this.#report(event.cursor, event, 'The event does not follow from the one before it of the same document.');
  }

  /** Whether the next event of the document, or else the document itself, names the event's hash. */
  #isConfirmed(event: StoreEvent, prefix: string): boolean {
    const { events, history, documents, graves } = this.#tables;
    const [next] = keysBetween(history, Buffer.from(`${prefix}${event.cursor}\0`), pastPrefix(prefix), 1);
    if (next !== undefined) {
      const text = events.get(cursorOf(next));
      return text !== undefined && intactEvent(text)?.previousHash === event.hash;
    }
    const place = Buffer.from(documentKey(event.entity, event.key));
    const kept = documents.get(place) ?? graves.get(place);
    return kept !== undefined && readKept(kept).hash === event.hash;
  }

  #parties(event: StoreEvent): undefined {
    const parties = this.#partiesOf(event);
    if (parties === undefined) return;
    if (parties === 'unknown') return this.#report(event.cursor, event, 'Whom the event concerns cannot be told.');
    for (const party of parties) {
      if (this.#tables.concerns.get(Buffer.from(concernsPrefix(party) + event.cursor)) !== undefined) continue;
      this.#report(event.cursor, event, 'The event is missing in the list of somebody whom it concerns.');
    }
  }

  /** Undefined if the entity is not declared here. */
  #partiesOf({ entity: name, before, after }: StoreEvent): ReadonlySet<string> | 'unknown' | undefined {
    const entity = this.#declared.get(name);
    if (entity === undefined) return undefined;
    try {
      return partiesOf(entity, before, after);
    } catch {
      return 'unknown';
    }
  }

  /** It leads to an event of its document, and the document is there or was removed. */
  historyEntry(entry: string): undefined {
    const { events, documents, graves } = this.#tables;
    const cursor = entry.slice(-CURSOR_LENGTH);
    const prefix = entry.slice(0, -CURSOR_LENGTH);
    const owner = ownerOf(prefix);
    if (!isCursor(cursor) || owner === undefined) return this.#report(this.#afterAll(), undefined, 'The history has an entry of no form.');
    const text = events.get(Buffer.from(cursor));
    if (text === undefined) this.#report(cursor, owner, MISSING);
    else {
      const event = readable(text);
      const isOwn = event === undefined || (event.entity === owner.entity && event.key === owner.key);
      if (!isOwn) this.#report(cursor, owner, 'The history of a document names an event of another.');
    }
    if (prefix === this.#historyPrefix) return;
    this.#historyPrefix = prefix;
    const place = Buffer.from(documentKey(owner.entity, owner.key));
    const isThere = documents.get(place) !== undefined || graves.get(place) !== undefined;
    if (isThere || this.#declared.get(owner.entity)?.keepsNoHistory === true) return;
    const [last] = keysBackwards(this.#tables.history, Buffer.from(prefix), pastPrefix(prefix), 1);
    this.#report(
      last === undefined ? cursor : cursorOf(last).toString(),
      owner,
      'The document of the event is gone, and no event removed it.',
    );
  }

  /** It leads to an event that concerns the party. */
  concernsEntry(entry: string): undefined {
    const cursor = entry.slice(-CURSOR_LENGTH);
    if (!isCursor(cursor)) return this.#report(this.#afterAll(), undefined, 'The list of whom events concern has an entry of no form.');
    const text = this.#tables.events.get(Buffer.from(cursor));
    if (text === undefined) return this.#report(cursor, undefined, 'The event is missing, and somebody is listed whom it concerns.');
    const event = readable(text);
    if (event === undefined) return; // Told by the walk over the events.
    const parties = this.#partiesOf(event);
    if (parties === undefined || parties === 'unknown') return;
    for (const party of parties) if (concernsPrefix(party) + cursor === entry) return;
    this.#report(cursor, event, 'The event is in the list of somebody whom it does not concern.');
  }

  document(place: Buffer, text: string): undefined {
    const owner = documentOwner(place);
    const entity = this.#declared.get(owner.entity);
    const kept = readKept(text);
    if (entity === undefined ? kept.hash === NO_HASH && !this.#hasHistory(owner) : entity.keepsNoHistory === true) return;
    this.documents += 1;
    if (this.#tables.graves.get(place) !== undefined) this.#head(owner, { ...kept, json: '' }, 'The document is there and was removed.');
    this.#head(owner, kept, 'The document is not what the event made it.');
  }

  grave(place: Buffer, text: string): undefined {
    const owner = documentOwner(place);
    if (this.#declared.get(owner.entity)?.keepsNoHistory === true) return;
    this.#head(owner, readKept(text), 'The document is kept as removed otherwise than by the event.');
  }

  /** The next gap in the sequence is where the missing event may have stood. False: there is none. */
  #missingAfter(last: Pick<StoreEvent, 'cursor'> | undefined, owner: Owner): boolean {
    const gap = this.#gaps.find((cursor) => last === undefined || cursor > last.cursor);
    if (gap !== undefined) this.#report(gap, this.#gaps.length === 1 ? owner : undefined, MISSING);
    return gap !== undefined;
  }

  #hasHistory({ entity, key }: Owner): boolean {
    const prefix = historyPrefix(entity, key);
    return keysBetween(this.#tables.history, Buffer.from(prefix), pastPrefix(prefix), 1).length > 0;
  }

  /** The last event of a document is the one it names, and made it what it is. */
  #head(owner: Owner, kept: Kept, detail: string): undefined {
    const prefix = historyPrefix(owner.entity, owner.key);
    const last = this.#eventBefore(prefix, pastPrefix(prefix));
    if (last === 'missing') return; // Told by the walk over the history.
    if (last === undefined || kept.revision > last.revision) {
      if (!this.#missingAfter(last, owner)) this.#report(this.#afterAll(), owner, MISSING);
      return;
    }
    if (kept.revision !== last.revision || kept.hash !== last.hash) {
      return this.#report(last.cursor, owner, 'The event is not the last one that the document names.');
    }
    const event = readable(this.#tables.events.get(Buffer.from(last.cursor)) as string);
    if (event === undefined) return; // Told by the walk over the events.
    if ((event.after === undefined ? '' : canonicalJson(event.after)) !== kept.json) this.#report(last.cursor, owner, detail);
  }

  /** Of the history with this prefix the last event before the place. `missing`: it is named and not there. */
  #eventBefore(prefix: string, place: Buffer): Pick<StoreEvent, 'cursor' | 'hash' | 'revision'> | 'missing' | undefined {
    const [found] = keysBackwards(this.#tables.history, Buffer.from(prefix), place, 1);
    if (found === undefined) return undefined;
    const text = this.#tables.events.get(cursorOf(found));
    if (text === undefined) return 'missing';
    // Canonical JSON: the revision is its last member, and reading only that saves a second parse of every event.
    const revision = Number(text.slice(text.lastIndexOf(':') + 1, -1));
    return { cursor: cursorOf(found).toString(), hash: splitEvent(text).hash, revision };
  }

  /** Whose event it says it is, if that document's history has it. */
  #claimed(cursor: string, text: string): Owner | undefined {
    const event = readable(text);
    if (event === undefined) return undefined;
    const entry = Buffer.from(historyPrefix(event.entity, event.key) + cursor);
    return this.#tables.history.get(entry) === undefined ? undefined : event;
  }

  /** Where the next event would stand. */
  #afterAll(): string {
    return sequenceText(this.#expected);
  }

  /** Keeps the lowest cursor; of several faults there the first that was found, with the owner that any of them tells. */
  #report(cursor: string, owner: Owner | undefined, detail: string): undefined {
    const { broken } = this;
    const who = owner === undefined ? {} : { entity: owner.entity, key: owner.key };
    if (broken === undefined || cursor < broken.cursor) this.broken = { cursor, ...who, detail };
    else if (cursor === broken.cursor && broken.entity === undefined) this.broken = { ...broken, ...who };
  }
}

/** The event, if its text is canonical, has the kept hash and the form of an event. */
function intactEvent(text: string): StoreEvent | undefined {
  const { hash, json } = splitEvent(text);
  if (textHash(json) !== hash) return undefined;
  const event = readable(text);
  return event !== undefined && canonicalJson({ ...event, hash: undefined }) === json ? event : undefined;
}

/** The event, whatever its hash: that is judged by the walk over the events, and so is one that cannot be read. */
function readable(text: string): StoreEvent | undefined {
  try {
    const event = readEvent(text);
    const { entity, key, cursor } = event;
    if (typeof entity !== 'string' || typeof key !== 'string') return undefined;
    keyBytes(historyPrefix(entity, key) + cursor);
    return event;
  } catch {
    return undefined;
  }
}

function isCursor(text: string): boolean {
  return /^\d{16}$/.test(text);
}

function cursorOf(place: Buffer): Buffer {
  return place.subarray(place.length - CURSOR_LENGTH);
}

function documentOwner(place: Buffer): Owner {
  const text = place.toString();
  const end = text.indexOf('\0');
  return { entity: text.slice(0, end), key: text.slice(end + 1) };
}

function ownerOf(prefix: string): Owner | undefined {
  const end = prefix.indexOf('\0');
  if (end < 1 || !prefix.endsWith('\0\0') || prefix.length < end + 4) return undefined;
  return { entity: prefix.slice(0, end), key: prefix.slice(end + 1, -2).replaceAll('\0\x01', '\0') };
}
