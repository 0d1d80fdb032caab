import type { Fault } from '#domain';
import type { Charset, Line } from './text-lines.js';

/** How many fields a row may have, and how many columns a header: more than any table here, few enough that a row stays small. */
export const MAX_FIELDS = 64;

/** CSV with a header (RFC 4180), or JSON Lines with an object on each. */
export type RowFormat = 'csv' | 'jsonl';

/** One record: its fields by name, or why it could not be read as fields. */
export interface Row {
  /** 1-based number of the line of the file where the record begins. */
  readonly line: number;
  /** Without prototype. All are texts in CSV, any JSON value in JSONL. */
  readonly fields: Readonly<Record<string, unknown>> | Fault;
}

/** What the text of a file is encoded in, and how much of it one record may take. */
export interface RowOptions {
  /** Default utf-8. A UTF-8 byte order mark outweighs it. */
  readonly charset?: Charset;
  /** Of a line in JSONL, of a record in CSV; default 64 KiB. Longer ones are a Fault and are not held. */
  readonly maxLineBytes?: number;
  /** How many lines are read, blank ones and those within a record among them; the next is a Fault and the last row. Default: all. */
  readonly maxLines?: number;
}

/** Makes rows of lines; `isEnded` once nothing that follows can be read. */
export interface RowReader {
  readonly isEnded: boolean;
  read(lines: readonly Line[]): readonly Row[];
  end(): readonly Row[];
}
