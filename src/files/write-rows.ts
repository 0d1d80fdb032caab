import { stringify } from 'csv-stringify/sync';
import { guardFormula } from './formula.js';
import type { RowFormat } from './row.js';

/** Writes a file of rows, piece by piece, as text. */
export interface RowWriter {
  /** What stands before the lines: the header with its line end, or nothing. */
  readonly head: string;
  /**
   * With its line end. In CSV a list is written with blanks between, and undefined and null are empty.
   * @throws TypeError if in CSV a value is an object
   */
  line(row: Readonly<Record<string, unknown>>): string;
}

/**
 * How rows are written: CSV (RFC 4180, comma, LF) that is safe to open in a spreadsheet, where a text that looks like a formula gets an
 * apostrophe in front, which `readRows` takes away; or JSON Lines with the columns that the row has, in their order.
 */
export function rowWriter(format: RowFormat, columns: readonly string[]): RowWriter {
  if (format === 'jsonl') return { head: '', line: (row) => jsonLine(row, columns) };
  // Else a row of one empty text would be a blank line.
  const options = { ...CSV_OPTIONS, quoted_empty: columns.length === 1 };
  const write = (texts: readonly string[]): string => stringify([texts], options);
  return { head: write(columns), line: (row) => write(columns.map((column) => csvText(row[column]))) };
}

const CSV_OPTIONS = {
  record_delimiter: '\n',
  // Blanks at the ends would be trimmed, and another separator would be one to a spreadsheet of another country.
  quoted_match: /^\s|\s$|[\r;\t]/,
};

function csvText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return guardFormula(value);
  if (Array.isArray(value)) return guardFormula(value.join(' '));
  if (typeof value === 'object') throw new TypeError('an object has no form in CSV');
  return String(value);
}

function jsonLine(row: Readonly<Record<string, unknown>>, columns: readonly string[]): string {
  const json = JSON.stringify(Object.fromEntries(columns.map((column) => [column, row[column]])));
  // Some readers take these for line ends.
  return `${json.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}\n`;
}
