import type { Instant } from '#domain';

/**
 * A kind of document, declared once. Values are plain JSON: objects, arrays, strings, finite numbers, booleans, null.
 * Keys and index values are compared byte by byte as UTF-8: no case folding, no normalisation, no trimming. A lone surrogate is a TypeError.
 */
export interface Entity<T> {
  /** `a-z 0-9 -`, beginning with a letter; unique in the store. */
  readonly name: string;
  /** The key of a value; pure. */
  key(value: T): string;
  /** By name (letters, digits, `-`, `_`). Adding one later builds it when the entity is opened. */
  readonly indexes: Readonly<Record<string, Index<T>>>;
  /**
   * Few documents that are read often: their parsed values are remembered, by the very text that is stored, so a read is never stale.
   * Such a value is shared and frozen.
   */
  readonly isRegistry?: boolean;
}

export interface Index<T> {
  /** No two documents may have a value in common. */
  readonly unique?: boolean;
  /** Under which values the document is found; none means that it is not in this index. Pure. */
  values(value: T): readonly string[];
}

/** A document as it stands. Revisions count 1, 2, 3 … per key; a removal takes one too, so none is ever used again. */
export interface Stored<T> {
  readonly value: T;
  readonly revision: number;
}

/** What the change was made from: nothing, whatever is there, or exactly this revision. */
export type Expectation = 'absent' | 'any' | number;

/** Who, when and why; kept in the event. Never a person number. */
export interface ChangeFacts {
  readonly action: string;
  readonly at: Instant;
  readonly actor: string;
  readonly onBehalfOf?: string;
  readonly reason?: string;
  readonly requestId?: string;
}

export interface ChangeOptions {
  readonly expect: Expectation;
  readonly facts: ChangeFacts;
}

/** One change of one document. No `before`: it was created. No `after`: it was removed. */
export interface StoreEvent extends ChangeFacts {
  /** Opaque; the order of these texts is the order of the changes in the whole store. */
  readonly cursor: string;
  readonly entity: string;
  readonly key: string;
  /** The last revision of the key before this one; 0 if the key was never used. */
  readonly fromRevision: number;
  readonly revision: number;
  readonly before?: unknown;
  readonly after?: unknown;
  /** `hash` of the event before it of the same document; empty for the first. */
  readonly previousHash: string;
  /** See eventHash. */
  readonly hash: string;
}

export interface Page<T> {
  readonly items: readonly Stored<T>[];
  /** Opaque; absent means that was all. */
  readonly next?: string;
}

export interface EventPage {
  readonly events: readonly StoreEvent[];
  /** Opaque; absent means that was all for now. */
  readonly next?: string;
}

/**
 * All given conditions hold together, in the order of the UTF-8 bytes (index value, then key). A document with several matching values
 * is listed once, at the first of them.
 */
export interface Query {
  /** Absent: the key itself. */
  readonly index?: string;
  readonly equals?: string;
  readonly prefix?: string;
  /** Inclusive. */
  readonly from?: string;
  /** Exclusive. */
  readonly until?: string;
  /** `next` of the page before, of the same query. */
  readonly cursor?: string;
  /** How many items at most, 1 or more. */
  readonly limit: number;
}

/**
 * The documents of an entity. Reads see every acknowledged change, of this process and of others, from the moment of its acknowledgement.
 * Each method rejects with ProblemError `store-unavailable` when the store is closed or fails, with a TypeError when misused.
 */
export interface Collection<T> {
  get(key: string): Promise<Stored<T> | undefined>;
  /** In the order of the keys, from one snapshot. */
  getMany(keys: readonly string[]): Promise<readonly (Stored<T> | undefined)[]>;
  /** A page from one snapshot. Paging under change neither drops nor repeats an unchanged document. A foreign cursor is `invalid-request`. */
  query(query: Query): Promise<Page<T>>;
  /**
   * Stores the value with its event and its index entries, all or nothing; resolves when that is flushed to disk.
   * @throws ProblemError `conflict` if the expectation or a unique index fails; then nothing is changed
   */
  put(value: T, options: ChangeOptions): Promise<Stored<T>>;
  /**
   * Removes the document, with its event, as durably as put. False: there was none, and there is no event.
   * @throws ProblemError `conflict` if the expectation fails
   */
  remove(key: string, options: ChangeOptions): Promise<boolean>;
}

/** The changes of the store, never altered, never removed. A cursor means: after this event. */
export interface EventLog {
  /** The events of one document, oldest first; costs nothing for events of others. */
  of(entity: string, key: string, page: { readonly cursor?: string; readonly limit: number }): Promise<EventPage>;
  /** The events of the store, oldest first. */
  after(cursor: string | undefined, limit: number): Promise<EventPage>;
  /** Past and coming events, also of other processes (at most 100 ms after their acknowledgement), until the signal aborts. */
  follow(cursor: string | undefined, signal: AbortSignal): AsyncIterable<StoreEvent>;
}

export interface Store {
  /** @throws TypeError if the name was declared with other indexes in this process */
  collection<T>(entity: Entity<T>): Collection<T>;
  readonly events: EventLog;
  /** Reads really work, else ProblemError `store-unavailable`. */
  check(): Promise<void>;
  /** Takes no new change, waits for those in flight, closes. May be called twice. */
  close(): Promise<void>;
}
