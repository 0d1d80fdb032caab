import type { Instant } from '#domain';
import type { ProblemError } from '#problem';

/**
 * A kind of document, declared once. Values are plain JSON: objects, arrays, strings, finite numbers, booleans, null.
 * Keys and index values are compared byte by byte as UTF-8: no case folding, no normalisation, no trimming. A key has 1 to 1000 bytes, an index
 * value at most 800, neither has a NUL: else `invalid-request`. An empty key and a lone surrogate are a TypeError.
 */
export interface Entity<T> {
  /** `a-z 0-9 -`, beginning with a letter; unique in the store. */
  readonly name: string;
  /** The key of a value; pure. */
  key(value: T): string;
  /**
   * By name (letters, digits, `-`, `_`). One that is added later is built when the store is opened. What a name stands for is never changed:
   * another function gets another name.
   */
  readonly indexes: Readonly<Record<string, Index<T>>>;
  /**
   * Few documents that every decision reads: parsed once and served from memory, shared and frozen, and never stale, whichever process changed
   * them. They keep history.
   */
  readonly isRegistry?: boolean;
  /**
   * Whom a change concerns (organisation numbers, or any other names): its event is then found by EventLog.concerning. Pure, and the same for ever:
   * the check of the store computes it again.
   */
  concerns?(before: T | undefined, after: T | undefined): readonly string[];
  /**
   * Documents of passing worth, such as answers kept for a retry: no event, no history. Their revisions begin anywhere, so that one of a removed
   * document is not met again.
   */
  readonly keepsNoHistory?: boolean;
  /**
   * From when on the document is gone, for those that keep no history; pure. It is never answered from then on and counts as absent; that it is
   * really removed may lag behind, and nobody else sees to it.
   */
  expiresAt?(value: T): Instant;
}

/** Another way to find documents than by key: by values that are made from them. */
export interface Index<T> {
  /** No two documents may have the value in common; each has at most one. */
  readonly unique?: boolean;
  /** Under which values the document is found; none means that it is not in this index. Pure. */
  values(value: T): readonly string[];
}

/** A document as it stood at some moment of the call. Revisions count 1, 2, 3 … per key; a removal takes one too, so none is ever used again. */
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

/** What a change was made from, and what its event keeps of it. */
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
  /**
   * Opaque: the event's place in the log. The order of these texts is the order of entry into the log. The place is no part of what is hashed, since
   * not every store knows it when the change is made.
   */
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

/** Documents in the order of the query, as many as were asked for or all that are left. */
export interface Page<T> {
  readonly items: readonly Stored<T>[];
  /** Opaque; absent means that was all. */
  readonly next?: string;
}

/** Events in the order that was asked for. */
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

/** A document that is to be read. */
export interface Ref<T> {
  readonly collection: Collection<T>;
  readonly key: string;
}

/** Documents of any entities that are to be read together. */
// biome-ignore lint/suspicious/noExplicitAny: refs of different entities stand in one list, and each keeps its own type.
export type Refs = readonly Ref<any>[];

/** What Store.read has read. */
export interface Reading<R extends Refs> {
  /** The documents of the refs, in their order; undefined where there is none. */
  readonly documents: { readonly [At in keyof R]: R[At] extends Ref<infer T> ? Stored<T> | undefined : never };
  /**
   * A document of a registry entity, at least as new as every change that was acknowledged before the reading began. At once if the store knows
   * it, else by promise (LMDB: always at once). A fault rejects, never throws; a TypeError if the entity is no registry.
   */
  registry<T>(collection: Collection<T>, key: string): Stored<T> | undefined | Promise<Stored<T> | undefined>;
}

/**
 * The documents of an entity. Reads see every acknowledged change, of this process and of others, from the moment of its acknowledgement; several
 * documents need not be of one moment. Each method rejects with ProblemError `store-unavailable` when the store is closed or fails, with a
 * TypeError when misused. Acknowledged changes are durable as the store is configured (LMDB: flushed to disk).
 *
 * `store-unavailable` on a change leaves open whether it happened, and so does a change of which nothing is heard: whoever repeats it with the same
 * expectation is safe. `store-full` means that there was no room: nothing of that change was written.
 */
export interface Collection<T> {
  get(key: string): Promise<Stored<T> | undefined>;
  /** In the order of the keys. Of several entities: Store.read. */
  getMany(keys: readonly string[]): Promise<readonly (Stored<T> | undefined)[]>;
  /** A page. Paging under change neither drops nor repeats an unchanged document. A foreign cursor is `invalid-request`. */
  query(query: Query): Promise<Page<T>>;
  /**
   * How many items the query's pages would hold together; reads no document. Exact, but for two things that only ever add: a document counts for each
   * of its matching values, and one that has expired counts until it is removed.
   */
  count(query: Omit<Query, 'cursor' | 'limit'>): Promise<number>;
  /**
   * Stores the value with its event and its index entries, all or nothing.
   * @throws ProblemError `conflict` if the expectation or a unique index fails; then nothing is changed
   */
  put(value: T, options: ChangeOptions): Promise<Stored<T>>;
  /**
   * As many puts, each with its own event, and each succeeding or failing alone; cheaper than one by one. No key may come twice.
   * If the store fails, or is full, some of them may have been written before.
   * @returns the outcome of each, in their order, once all are durable: the stored value, or the ProblemError `conflict`
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
  /** Where the page before ended, of the same order; that of any event will do. */
  readonly cursor?: string;
  readonly limit: number;
}

/** Which part of a list of events that is read from either end. */
export interface DirectedRange extends EventRange {
  /** The default is oldest first. */
  readonly newestFirst?: boolean;
}

/** What is wrong with the store: with its history, or with what is derived from it. */
export interface BrokenEvent {
  /** Where it stands, or should stand; for a document or an index entry that of the document's last event. */
  readonly cursor: string;
  /** Whose event it is, as far as that can be told. */
  readonly entity?: string;
  readonly key?: string;
  /** One sentence. */
  readonly detail: string;
}

/** How much was read and compared, and the first fault. */
export interface Verification {
  readonly events: number;
  readonly documents: number;
  /** The first event, in the order of the store, that was altered, removed or swapped, or whose document was; absent if all is well. */
  readonly broken?: BrokenEvent;
}

/** The changes of the store, never altered, never removed. A cursor means: beyond this event. */
export interface EventLog {
  /** The events of one document, newest first; costs nothing for events of others. */
  of(entity: string, key: string, range: EventRange): Promise<EventPage>;
  /** The events that concern somebody (see Entity.concerns), of all documents, each once; costs nothing for events of others. */
  concerning(party: string, range: DirectedRange): Promise<EventPage>;
  /** The events of the store, oldest first. */
  after(cursor: string | undefined, limit: number): Promise<EventPage>;
  /** Past and coming events, also of other processes (at most 100 ms after their acknowledgement), until the signal aborts. */
  follow(cursor: string | undefined, signal: AbortSignal): AsyncIterable<StoreEvent>;
  /**
   * Reads the whole history and compares it with the documents, their index entries and the lists of whom it concerns. Memory does not grow with the
   * store. Changes made meanwhile are judged too or left out, never taken for a fault.
   * @param onProgress is told now and then how many events have been read
   */
  verify(onProgress?: (events: number) => void): Promise<Verification>;
}

/** The contract that every adapter keeps: documents by entity, with the history of their changes. */
export interface Store {
  /** The documents of an entity that was declared when the store was opened. @throws TypeError if it was not, or otherwise */
  collection<T>(entity: Entity<T>): Collection<T>;
  /**
   * Many documents, of any entities, in one round trip, and the registry as of then. At once where the store can (LMDB), else by promise.
   * A fault rejects, never throws.
   */
  read<const R extends Refs>(refs: R): Reading<R> | Promise<Reading<R>>;
  /**
   * A document of a registry entity as this process knew it last, at once and without a round trip; undefined if it knows none. What is concluded from
   * it holds if a later reading's registry() gives the same object. A TypeError if the entity is no registry.
   */
  recall<T>(collection: Collection<T>, key: string): Stored<T> | undefined;
  readonly events: EventLog;
  /**
   * How far the store has come as this process knows it: at least as far as every change that it has acknowledged. By then nobody answers from before what
   * this process has read of the registry, whoever wrote it: a change that found everything as it should be may be acknowledged. Opaque, and it tells how
   * many changes there are: not for the eyes of callers. @throws ProblemError `store-unavailable`
   */
  position(): string | Promise<string>;
  /**
   * Resolves when all that is read from now on is at least as new as a position that any process has told; in one round trip (LMDB: none).
   * Rejects with ProblemError `store-unavailable` if that cannot be had in two seconds, with `invalid-request` for what is no position.
   */
  reach(position: string): Promise<void>;
  /** Reads really work, else ProblemError `store-unavailable`. `full`: there is no room for changes. */
  check(): Promise<'ok' | 'full'>;
  /** Takes no new change, waits for those in flight, closes. May be called twice. */
  close(): Promise<void>;
}
