import { sequenceText } from '../../cursor.js';
import { isCanonical, textHash } from '../../event-chain.js';
import { partiesOf } from '../../limits.js';
import type { BrokenEvent, Entity, StoreEvent } from '../../port.js';
import { documentKey, type Kept, readEvent, readKept, splitEvent } from '../layout.js';
import type { Tables } from '../tables.js';

/** What a document is called. */
export interface Owner {
  readonly entity: string;
  readonly key: string;
}

/** What is said of an event that is not there. */
export const MISSING = 'The event is missing.';

/** The first fault of a store, and what every part of the check asks of it. */
export class Findings {
  readonly tables: Tables;
  /** The entities of this process by name: of others nothing can be computed. */
  readonly declared: ReadonlyMap<string, Entity<unknown>>;
  /** The place of the last event that is checked. */
  bound = 0;
  broken: BrokenEvent | undefined;

  constructor(tables: Tables, declared: ReadonlyMap<string, Entity<unknown>>) {
    this.tables = tables;
    this.declared = declared;
  }

  /** The place after the last event that is checked. */
  get afterAll(): string {
    return sequenceText(this.bound + 1);
  }

  /** Keeps the lowest cursor; of several faults there the first that was found, with the owner that any of them tells. */
  report(cursor: string, owner: Owner | undefined, detail: string): undefined {
    const { broken } = this;
    const who = owner === undefined ? {} : { entity: owner.entity, key: owner.key };
    if (broken === undefined || cursor < broken.cursor) this.broken = { cursor, ...who, detail };
    else if (cursor === broken.cursor && broken.entity === undefined) this.broken = { ...broken, ...who };
  }

  /** What another part of the check has found, which in the order of all comes first. */
  join(other: BrokenEvent | undefined): void {
    const { broken: own } = this;
    this.broken = other;
    if (own === undefined) return;
    const { entity, key } = own;
    this.report(own.cursor, entity === undefined || key === undefined ? undefined : { entity, key }, own.detail);
  }

  /** A document, or what is left of it. */
  headOf({ entity, key }: Owner): Kept | undefined {
    const place = documentKey(entity, key);
    const text = this.tables.documents.get(place) ?? this.tables.graves.get(place);
    return text === undefined ? undefined : readKept(text);
  }

  /** The text of an event. */
  textAt(sequence: number): string | undefined {
    return this.tables.events.get(sequenceText(sequence));
  }

  /** Whether the document vouches for the event: each later event names the one before it by the hash that it has, down to this one. */
  isVouchedFor(event: StoreEvent): boolean {
    const head = this.headOf(event);
    let at = head?.last ?? 0;
    let hash = head?.hash ?? '';
    for (const end = Number(event.cursor); at > end; ) {
      const text = this.textAt(at);
      if (text === undefined) return false;
      const kept = splitEvent(text);
      if (kept.hash !== hash || kept.previous >= at) return false;
      hash = readable(sequenceText(at), text)?.previousHash ?? '';
      at = kept.previous;
    }
    return at === Number(event.cursor) && hash === event.hash;
  }

  /** Whom an event concerns; undefined if its entity is not declared here. */
  partiesOf({ entity: name, before, after }: StoreEvent): ReadonlySet<string> | 'unknown' | undefined {
    const entity = this.declared.get(name);
    if (entity === undefined) return undefined;
    try {
      return partiesOf(entity, before, after);
    } catch {
      return 'unknown';
    }
  }
}

/** The event, if its text is canonical, has the kept hash and the form of an event. */
export function intactEvent(cursor: string, text: string): StoreEvent | undefined {
  const { hash, previous, json } = splitEvent(text);
  if (textHash(json) !== hash || !Number.isSafeInteger(previous) || previous < 0) return undefined;
  try {
    const said = JSON.parse(json) as StoreEvent;
    const isWhole = isNamed(said) && said.hash === undefined && said.cursor === undefined && isCanonical(json, said);
    return isWhole ? { ...said, cursor, hash } : undefined;
  } catch {
    return undefined;
  }
}

/** The event, whatever its hash: that is judged by the walk over the events, and so is one that cannot be read. */
export function readable(cursor: string, text: string): StoreEvent | undefined {
  try {
    const event = readEvent(cursor, text);
    return isNamed(event) ? event : undefined;
  } catch {
    return undefined;
  }
}

function isNamed({ entity, key }: StoreEvent): boolean {
  return typeof entity === 'string' && typeof key === 'string';
}
