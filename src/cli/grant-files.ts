import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { parse as parseCsv } from 'csv-parse';
import type { ExportedGrant, ImportRow } from '#access';
import { Fault } from '#domain';

export type GrantFormat = 'csv' | 'jsonl';

/**
 * The rows of a file, streamed.
 * @param readTo is told how many bytes have been read
 */
export async function* grantRows(file: string, format: GrantFormat, readTo: (bytes: number) => void): AsyncGenerator<ImportRow> {
  const stream = createReadStream(file, { highWaterMark: 256 * 1024 });
  stream.on('data', () => readTo(stream.bytesRead));
  yield* format === 'csv' ? csvRows(stream) : jsonlRows(stream);
}

async function* jsonlRows(stream: NodeJS.ReadableStream): AsyncGenerator<ImportRow> {
  let line = 0;
  for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1;
    const json = line === 1 ? text.replace(/^\uFEFF/, '') : text;
    if (json.trim() === '') continue;
    yield { line, fields: jsonFields(json) };
  }
}

function jsonFields(text: string): ImportRow['fields'] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return new Fault('is not valid JSON');
  }
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : new Fault('is no JSON object');
}

async function* csvRows(stream: NodeJS.ReadableStream): AsyncGenerator<ImportRow> {
  const parser = stream.pipe(
    parseCsv({ bom: true, info: true, relaxColumnCount: true, relaxQuotes: true, skipEmptyLines: true, trim: true }),
  );
  stream.on('error', (error) => parser.destroy(error));
  let names: readonly string[] | undefined;
  for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
    if (names === undefined) {
      names = record;
      continue;
    }
    yield { line: info.lines, fields: csvFields(names, record) };
  }
}

function csvFields(names: readonly string[], record: readonly string[]): ImportRow['fields'] {
  if (record.length !== names.length) return new Fault(`has ${record.length} fields where the header has ${names.length}`);
  const fields: Record<string, string> = {};
  for (let i = 0; i < names.length; i += 1) fields[names[i] as string] = record[i] as string;
  return fields;
}

/** How exported grants are written. No value begins with a character that a spreadsheet takes for a formula. */
export function grantWriter(format: GrantFormat): { readonly head: string; line(grant: ExportedGrant): string } {
  if (format === 'jsonl') return { head: '', line: (grant) => `${JSON.stringify(grant)}\n` };
  return {
    head: 'app,brukerIdent,kommune,orgnr,roles,from,until\n',
    line: ({ app, brukerIdent, kommune = '', orgnr, roles, from = '', until = '' }) =>
      `${app},${brukerIdent},${kommune},${orgnr},${roles.join(' ')},${from},${until}\n`,
  };
}
