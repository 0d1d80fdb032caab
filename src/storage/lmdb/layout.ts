import { valuesOf } from '../limits.js';
import type { Entity, StoreEvent } from '../port.js';

/** Where a document stands, and before it those of its entity. */
export function documentKey(entity: string, key: string): string {
  return `${entity}\0${key}`;
}

/** Where the entries of an index stand. */
export function indexPrefix(entity: string, index: string): string {
  return `${entity}\0${index}\0`;
}

/** Where the entries of exactly one value stand; the document's key follows. */
export function valuePrefix(entity: string, index: string, value: string): string {
  return `${entity}\0${index}\0${value}\0`;
}

/** Where the events that concern a party are listed. */
export function concernsPrefix(party: string): string {
  return `${party}\0`;
}

/** Where it stands that a document expires. */
export function expirationKey(entity: string, at: string, key: string): string {
  return `${entity}\0${at}\0${key}`;
}

/** All index entries of a value, without repetition. @throws as valuesOf */
export function entriesOf<T>(entity: Entity<T>, key: string, value: T): readonly string[] {
  const entries: string[] = [];
  for (const name of Object.keys(entity.indexes)) {
    const values = valuesOf(entity, name, value);
    for (const text of values.length > 1 ? new Set(values) : values) entries.push(valuePrefix(entity.name, name, text) + key);
  }
  return entries;
}

/** What is kept beside a document. */
export interface Derived {
  /** Without repetition. */
  readonly indexes: readonly string[];
  /** Where it stands that the document expires, if it does. */
  readonly expiration: string | undefined;
}

/** Index entries and expiration of a value under its key. @throws as valuesOf */
export function derivedOf<T>(entity: Entity<T>, key: string, value: T): Derived {
  const expiration = entity.expiresAt === undefined ? undefined : expirationKey(entity.name, entity.expiresAt(value), key);
  return { indexes: entriesOf(entity, key, value), expiration };
}

const HASH_LENGTH = 43;

/** An event is kept as `hash previous json`: its hash, the place of the event before it of the same document, and what is hashed. */
export interface KeptEvent {
  readonly hash: string;
  /** 0: it is the first. */
  readonly previous: number;
  /** Canonical JSON. */
  readonly json: string;
}

/** The text of an event as it is kept. */
export function writeEvent({ hash, previous, json }: KeptEvent): string {
  return `${hash} ${previous} ${json}`;
}

/** The parts of an event's text; its JSON is not read. */
export function splitEvent(text: string): KeptEvent {
  const blank = text.indexOf(' ', HASH_LENGTH + 1);
  return { hash: text.slice(0, HASH_LENGTH), previous: Number(text.slice(HASH_LENGTH + 1, blank)), json: text.slice(blank + 1) };
}

/** The event of a text. @param cursor where it stands */
export function readEvent(cursor: string, text: string): StoreEvent {
  const { hash, json } = splitEvent(text);
  return { ...(JSON.parse(json) as Omit<StoreEvent, 'hash' | 'cursor'>), cursor, hash };
}

/** A document is kept as `revision last hash json`: its last event by place and hash (0 and nothing if it keeps no history), and its state. */
export interface Kept {
  readonly revision: number;
  readonly last: number;
  readonly hash: string;
  /** Canonical JSON; empty on the grave of a removed document. */
  readonly json: string;
}

/** The text of a document as it is kept. */
export function writeKept({ revision, last, hash, json }: Kept): string {
  return `${revision} ${last} ${hash} ${json}`;
}

/** The parts of a document's text; its JSON is not read. */
export function readKept(text: string): Kept {
  const first = text.indexOf(' ');
  const second = text.indexOf(' ', first + 1);
  const third = text.indexOf(' ', second + 1);
  return {
    revision: Number(text.slice(0, first)),
    last: Number(text.slice(first + 1, second)),
    hash: text.slice(second + 1, third),
    json: text.slice(third + 1),
  };
}
