import type { Instant } from '#domain';
import type { ProblemError } from '#problem';

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
  /**
   * Whom a change concerns (organisation numbers, or any other names): its event is then found by EventLog.concerning. Pure, and the same for ever:
   * the check of the store computes it again.
   */
  concerns?(before: T | undefined, after: T | undefined): readonly string[];
  /** Documents of passing worth, such as answers kept for a retry: no event, no history, and after a removal revisions begin at 1 again. */
  readonly keepsNoHistory?: boolean;
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

/** A value that is to be stored. It must not be altered once it is handed in. */
export interface PutOrder<T> {
  readonly value: T;
  readonly expect: Expectation;
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
  /** How many items the query's pages would hold together, from one snapshot; reads no document. A document with several matching values counts for each. */
  count(query: Omit<Query, 'cursor' | 'limit'>): Promise<number>;
  /**
   * Stores the value with its event and its index entries, all or nothing; resolves when that is flushed to disk.
   * @throws ProblemError `conflict` if the expectation or a unique index fails; then nothing is changed
   */
  put(value: T, options: ChangeOptions): Promise<Stored<T>>;
  /**
   * As many puts, each with its own event, and each succeeding or failing alone; cheaper than one by one. No key may come twice.
   * @returns the outcome of each, in their order, once all are flushed: the stored value, or the ProblemError `conflict`
   */
  putMany(changes: readonly PutOrder<T>[], facts: ChangeFacts): Promise<readonly (Stored<T> | ProblemError)[]>;
  /**
   * Removes the document, with its event, as durably as put. False: there was none, and there is no event.
   * @throws ProblemError `conflict` if the expectation fails
   */
  remove(key: string, options: ChangeOptions): Promise<boolean>;
}

/** Which part of a list of events. */
export interface EventRange {
  /** `next` of the page before, of the same list in the same order. */
  readonly cursor?: string;
  readonly limit: number;
  /** The default is oldest first. */
  readonly newestFirst?: boolean;
}

/** What is wrong with the store's history. */
export interface BrokenEvent {
  /** Where it stands, or should stand. */
  readonly cursor: string;
  /** Whose event it is, as far as that can be told. */
  readonly entity?: string;
  readonly key?: string;
  /** One sentence. */
  readonly detail: string;
}

export interface Verification {
  readonly events: number;
  readonly documents: number;
  /** The first event, in the order of the store, that was altered, removed or swapped, or whose document was; absent if all is well. */
  readonly broken?: BrokenEvent;
}

/** The changes of the store, never altered, never removed. A cursor means: after this event. */
export interface EventLog {
  /** The events of one document; costs nothing for events of others. */
  of(entity: string, key: string, range: EventRange): Promise<EventPage>;
  /** The events that concern somebody (see Entity.concerns), of all documents, each once; costs nothing for events of others. */
  concerning(party: string, range: EventRange): Promise<EventPage>;
  /** The events of the store, oldest first. */
  after(cursor: string | undefined, limit: number): Promise<EventPage>;
  /** Past and coming events, also of other processes (at most 100 ms after their acknowledgement), until the signal aborts. */
  follow(cursor: string | undefined, signal: AbortSignal): AsyncIterable<StoreEvent>;
  /**
   * Reads the whole history and compares it with the documents and with the lists of whom it concerns. Memory does not grow with the store.
   * Changes made meanwhile are judged too or left out, never taken for a fault.
   * @param onProgress is told now and then how many events have been read
   */
  verify(onProgress?: (events: number) => void): Promise<Verification>;
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
