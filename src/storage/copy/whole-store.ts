import { checkKey } from '../limits.js';
import type { Verification } from '../port.js';

/** An entity that the store has documents of, or that some version of the program has declared. */
export interface KnownEntity {
  readonly name: string;
  /** Whether it is a registry or has unique values: a store that keeps such apart must know before it has their first document. */
  readonly isApart: boolean;
}

/** Of which entity a document is, under which key. */
export interface DocumentName {
  readonly entity: string;
  readonly key: string;
}

/** Whether a store can have a document of that name. */
export function isDocumentName({ entity, key }: { readonly [At in keyof DocumentName]: unknown }): boolean {
  try {
    return typeof entity === 'string' && ENTITY.test(entity) && typeof key === 'string' && checkKey('the key', key) === key;
  } catch {
    return false;
  }
}

const ENTITY = /^[a-z][a-z0-9-]{0,63}$/;

/** An event as the log has it. */
export interface LoggedEvent {
  /** 1, 2, 3 … */
  readonly place: number;
  readonly hash: string;
  /** Canonical JSON: what the hash covers. */
  readonly json: string;
}

/** A document that keeps no history. */
export interface PassingDocument extends DocumentName {
  readonly revision: number;
  /** Canonical JSON. */
  readonly json: string;
}

/** What the history of a document has come to. */
export interface Standing {
  readonly revision: number;
  /** Of its last event. */
  readonly hash: string;
  /** Canonical JSON; empty if the document was removed. */
  readonly json: string;
  /** The place of its last event; 0 where the store does not keep it with the document. */
  readonly last: number;
}

/** A document with history, or the grave of one. */
export interface Head extends DocumentName, Standing {}

/**
 * A store that is read as a whole, while others may write to it. The log up to any place is a consistent store: each event has the whole state after it,
 * so documents, graves, index entries and whom events concern all follow from it. Beside the log there are only documents without history.
 */
export interface WholeSource {
  /** How messages call it, without a password. */
  readonly name: string;
  entities(): Promise<readonly KnownEntity[]>;
  /** The place of the last event, 0 if there is none. What any reader had seen before is in the log up to there. */
  last(): Promise<number>;
  hashAt(place: number): Promise<string | undefined>;
  /** The events of the places from `after + 1` to `upTo`, in pages of some megabytes. Each is gone through once, in one run of code, before the next one is asked for. */
  events(after: number, upTo: number): AsyncIterable<Iterable<LoggedEvent>>;
  passing(): AsyncIterable<readonly PassingDocument[]>;
  heads(): AsyncIterable<readonly Head[]>;
  /** How many heads there are. */
  headCount(): Promise<number>;
  headsOf(names: readonly DocumentName[]): Promise<readonly (Standing | undefined)[]>;
  close(): Promise<void>;
}

/** What the check of a log has found, and what the rest of the store must come to. */
export interface CheckedLog extends Verification {
  /** How many entries the events have in the lists of those whom they concern. */
  readonly listed: number;
  /** The place of the last event of a registry entity. */
  readonly lastRegistry: number;
  /** Of the documents that were checked with it: how many events they lead to, how many index entries they have, and how many of them expire. */
  readonly reached: number;
  readonly entries: number;
  readonly expiring: number;
}

/**
 * Checks the log of a store that is written meanwhile.
 * @param written up to which place it is; ends when all is. What it throws is thrown
 * @param onProgress is told how many events have been checked
 * @param after the place of the last event that is left to somebody else
 */
export type CheckLog = (written: AsyncIterable<number>, onProgress: (events: number) => void, after: number) => Promise<CheckedLog>;

/** What a store is that somebody began to write as a whole and did not come to the end with: a copy, which is gone on with, or one that is restored. */
export type Writing = 'copying' | 'restoring';

/** A store that is written as a whole. From `begin` to `finish` nobody can open it, whatever ends the process. */
export interface WholeTarget extends WholeSource {
  readonly state: 'new' | Writing | 'whole';
  begin(entities: readonly KnownEntity[], as: Writing): Promise<void>;
  /** Events from the place after the last one on, with all that follows from them. @throws ProblemError `copy-refused` if one does not follow from those before it */
  append(events: Iterable<LoggedEvent>): Promise<void>;
  removePassing(): Promise<void>;
  putPassing(documents: readonly PassingDocument[]): Promise<void>;
  /** The first part of EventLog.verify, and some of the other's documents: it may begin while the store is still written by this object or another, and ends after that. */
  readonly checkLog: CheckLog;
  /**
   * The other part, and what comes of both; once all is written.
   * @param log is awaited when there is nothing else left to do
   * @param upTo the events up to there, which were left out of it
   * @param onProgress is told how many of those have been checked
   */
  checkRest(log: Promise<CheckedLog>, upTo: number, onProgress: (events: number) => void): Promise<Verification>;
  finish(): Promise<void>;
  /** Closes it, and leaves nothing of it. */
  erase(): Promise<void>;
}
