import { isFault } from '#domain';
import { csvRows } from './csv-rows.js';
import { jsonRows } from './json-rows.js';
import type { Row, RowFormat, RowOptions } from './row.js';
import { decoded, LineSplitter } from './text-lines.js';

const MAX_LINE_BYTES = 64 * 1024;

/**
 * The rows of a byte stream, as they are asked for; of the stream no more is held than one chunk and one record. Blank lines are no rows.
 * CSV (RFC 4180) has a header line, which also tells the separator: comma, semicolon or tab. If the header cannot be read, names a column
 * twice or leaves one without a name, and if the file is UTF-16, the one row is a Fault for that line.
 * @throws what the source throws
 */
export async function* readRows(source: AsyncIterable<Uint8Array>, format: RowFormat, options: RowOptions = {}): AsyncGenerator<Row> {
  const { charset = 'utf-8', maxLineBytes = MAX_LINE_BYTES } = options;
  const splitter = new LineSplitter(maxLineBytes);
  const reader = format === 'csv' ? csvRows(maxLineBytes) : jsonRows(maxLineBytes);
  for await (const text of decoded(source, charset)) {
    if (isFault(text)) return yield { line: 1, fields: text };
    for (const row of reader.read(splitter.push(text))) yield row;
    if (reader.isEnded) return;
  }
  for (const row of reader.read([splitter.end()])) yield row;
  for (const row of reader.end()) yield row;
}
