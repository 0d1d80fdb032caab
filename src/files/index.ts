// Tables as files: rows of a byte stream in CSV or JSONL, and how rows are written in either form.
// A line that cannot be read as fields is a Fault for that line; which fields there are and what they mean is not known here.
// Opens no file and no socket: cli hands in a stream of the disk, http the body of a request.
// csv-parse and csv-stringify are named only here.
// It knows nobody but #domain; whoever takes or gives tables may call.
export { readRows } from './read-rows.js';
export type { Row, RowFormat, RowOptions } from './row.js';
export type { Charset } from './text-lines.js';
export { type RowWriter, rowWriter } from './write-rows.js';
