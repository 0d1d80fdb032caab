import type { ObjectId } from 'mongodb';
import { present } from '#domain';
import { valuesOf } from '../limits.js';
import type { Entity, StoreEvent } from '../port.js';

/**
 * Where the documents of an entity are. `documents` can be sharded by `_id`. A sharded collection cannot keep values unique across its shards, so entities
 * with a unique index are in `registry`, together with the few that every decision reads from memory.
 */
export type Home = 'documents' | 'registry';

/** A document, or the grave of one that was removed: then without `j`, so that its revision goes on. States are texts: no value of a caller is ever a part of a query or of a field's name. */
export interface KeptDocument {
  /** `entity/key` */
  readonly _id: string;
  /** Another one with each change: what a change was made from. */
  readonly t: ObjectId;
  /** Revision. */
  readonly r: number;
  /** Hash of the last event; empty if it keeps no history. */
  readonly h: string;
  /** The state as canonical JSON. */
  readonly j?: string;
  /** `entity/index/value` for each value that it is found by. */
  readonly i?: readonly string[];
  /** Those of `i` that no other document may have. */
  readonly u?: readonly string[];
  /** From when on it is gone. */
  readonly x?: Date;
  /** Of the registry: an epoch that was seen before it was written, so that the epoch is a later one by now. */
  readonly e?: number;
  /** The event of the last change until it is known to be in the log. */
  readonly o?: Outbox;
}

/** An event beside its document; hash and revision are the document's. */
export interface Outbox {
  /** The event as its hash covers it: canonical JSON. */
  readonly j: string;
  /** Whom it concerns. */
  readonly p: readonly string[];
  /** Whether the registry epoch must be raised. */
  readonly g: boolean;
  /** Since when it waits. */
  readonly a: Date;
}

/**
 * A document's place in the order of one of its values, in the same home: what lists are read from. It is written with or before the document and removed some
 * time after, so each is held against its document: one that is there for nothing is passed over, and none is ever missing.
 */
export interface Entry {
  /** See entryId. */
  readonly _id: string;
  /** The document's `_id`. */
  readonly d: string;
  /** The latest revision of the document that it was written for. */
  readonly r: number;
  /** When the document is gone, or later. */
  readonly x?: Date;
}

/** An event in the log. */
export interface KeptEvent {
  /** 1, 2, 3 … */
  readonly _id: number;
  /** The document's `_id`; no two events of one have the same revision. */
  readonly d: string;
  readonly r: number;
  readonly h: string;
  readonly j: string;
  readonly p: readonly string[];
}

/** The one document that every reading asks for; raised before a change of the registry is acknowledged. Names of the store's own have no slash. */
export const EPOCH_ID = 'registry-epoch';

/** What is kept of the store itself. */
export interface Mark {
  readonly _id: string;
  /** Of the registry epoch. */
  readonly n?: number;
}

/** Where the documents of an entity are. */
export function homeOf({ isRegistry, indexes }: Entity<unknown>): Home {
  return isRegistry === true || Object.values(indexes).some(({ unique }) => unique === true) ? 'registry' : 'documents';
}

/** The `_id` of a document, and with an empty key what all of an entity begin with. */
export function documentId(entity: string, key: string): string {
  return `${entity}/${key}`;
}

/** The entity of a document. */
export function entityOf(id: string): string {
  return id.slice(0, id.indexOf('/'));
}

/** The key of a document. */
export function keyOf(id: string): string {
  return id.slice(id.indexOf('/') + 1);
}

/** What a document has in `i` for a value. */
export function entryOf(entity: string, index: string, value: string): string {
  return `${entity}/${index}/${value}`;
}

/** What the `_id` of each entry begins with, and that of no document. */
export const ENTRIES = ':';

/** The `_id` of an entry: value, then key, as lists are ordered; neither has a NUL. */
export function entryId(entry: string, id: string): string {
  return `${ENTRIES}${entry}\0${keyOf(id)}`;
}

/** The entries of a document. */
export function entriesOf({ _id, r, i = [], x }: KeptDocument): readonly Entry[] {
  return i.map((entry) => ({ _id: entryId(entry, _id), d: _id, r, ...present({ x }) }));
}

/** What is kept beside a document's state. */
export interface Derived {
  readonly i: readonly string[];
  readonly u: readonly string[] | undefined;
  readonly x: Date | undefined;
}

/** Entries and expiration of a value. @throws as valuesOf */
export function derivedOf<T>(entity: Entity<T>, _key: string, value: T): Derived {
  const entries = new Set<string>();
  const unique = new Set<string>();
  for (const [index, declared] of Object.entries(entity.indexes)) {
    for (const text of valuesOf(entity, index, value)) {
      const entry = entryOf(entity.name, index, text);
      entries.add(entry);
      if (declared.unique === true) unique.add(entry);
    }
  }
  const at = entity.expiresAt?.(value);
  return { i: [...entries], u: unique.size === 0 ? undefined : [...unique], x: at === undefined ? undefined : new Date(at) };
}

/** The least text after all that begin so, by code points, which is the order of the bytes. */
export function pastPrefix(prefix: string): string {
  const points = Array.from(prefix);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = (last.codePointAt(0) as number) + 1;
    if (point <= 0x10ffff) return points.join('') + String.fromCodePoint(point === 0xd800 ? 0xe000 : point);
  }
  throw new TypeError('nothing comes after this prefix');
}

/** The event of a kept one. @param cursor its place */
export function readEvent(cursor: string, { h, j }: Pick<KeptEvent, 'h' | 'j'>): StoreEvent {
  return { ...(JSON.parse(j) as Omit<StoreEvent, 'hash' | 'cursor'>), cursor, hash: h };
}
