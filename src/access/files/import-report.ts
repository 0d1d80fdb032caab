import type { Fault } from '#domain';

/** One line of a file: its fields as texts, or why it could not be read as fields. */
export interface ImportRow {
  /** 1-based number of the line in the file. */
  readonly line: number;
  readonly fields: Readonly<Record<string, unknown>> | Fault;
}

/** Why a line was left out. */
export interface ImportFault {
  readonly line: number;
  /** The field, if one is to blame. */
  readonly field?: string;
  /** Never the value itself. */
  readonly detail: string;
}

/** What has become of the lines so far. */
export interface ImportReport {
  /** Lines read so far. */
  readonly lines: number;
  /** Durable (or, in a dry run, what would have been written): new, altered and already so. */
  readonly given: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly faulty: number;
  /** Those of the faulty that may not be given, though they can be read. */
  readonly refused: number;
  /** Whether it ended at a faulty line because it was asked to. */
  readonly stopped: boolean;
}
