import { Fault, isFault } from '#domain';
import { csvRows } from './csv-rows.js';
import { jsonRows } from './json-rows.js';
import type { Row, RowFormat, RowOptions } from './row.js';
import { decoded, type Line, LineSplitter } from './text-lines.js';
import { Turns } from './turns.js';

const MAX_LINE_BYTES = 64 * 1024;
/** Lines that are read in one go: a few milliseconds at worst. */
const LINES_TOGETHER = 128;

/**
 * The rows of a byte stream, as they are asked for; of the stream no more is held than one chunk and one record. Blank lines are no rows.
 * Whatever the file is like, the event loop gets its turn every few milliseconds.
 * CSV (RFC 4180) has a header line, which also tells the separator: comma, semicolon or tab. If the header cannot be read, names a column
 * twice or leaves one without a name, and if the file is UTF-16, the one row is a Fault for that line.
 * @throws what the source throws
 */
export async function* readRows(source: AsyncIterable<Uint8Array>, format: RowFormat, options: RowOptions = {}): AsyncGenerator<Row> {
  const { charset = 'utf-8', maxLineBytes = MAX_LINE_BYTES, maxLines = Number.POSITIVE_INFINITY } = options;
  const splitter = new LineSplitter(maxLineBytes);
  const turns = new Turns();
  const reader = format === 'csv' ? csvRows(maxLineBytes) : jsonRows(maxLineBytes);
  for await (const text of decoded(source, charset)) {
    if (isFault(text)) return yield { line: 1, fields: text };
    if (turns.isOver) await turns.give();
    for (const lines of slicesOf(splitter.push(text))) {
      const wanted = lines.filter(({ number }) => number <= maxLines);
      for (const row of reader.read(wanted)) {
        if (turns.isOver) await turns.give();
        yield row;
      }
      if (wanted.length < lines.length) return yield { line: maxLines + 1, fields: beyond(maxLines) };
      if (turns.isOver) await turns.give();
      if (reader.isEnded) return;
    }
  }
  for (const row of reader.read([splitter.end()])) yield row;
  for (const row of reader.end()) yield row;
}

function beyond(maxLines: number): Fault {
  return new Fault(`is beyond the ${maxLines} lines that are read, blank ones among them: send the rest in a file of its own`);
}

function* slicesOf(lines: readonly Line[]): Generator<readonly Line[]> {
  for (let at = 0; at < lines.length; at += LINES_TOGETHER) yield lines.slice(at, at + LINES_TOGETHER);
}
