import { parse } from 'csv-parse/sync';
import { Fault } from '#domain';
import { unguardFormula } from './formula.js';
import { MAX_FIELDS, type Row, type RowReader } from './row.js';
import { type Line, textFault } from './text-lines.js';

const SEPARATORS = [',', ';', '\t'] as const;
/** What Excel reads before the header, and some programs write for it. */
const SEPARATOR_LINE = /^("?)sep=([,;\t])\1$/i;

/** The lines of one record. */
interface CsvRecord {
  readonly line: number;
  lastLine: number;
  text: string;
  /** Of the text, kept along: to count it anew with each line would be quadratic. */
  bytes: number;
  fault?: Fault | undefined;
}

/**
 * RFC 4180 with any of three separators. Where a record ends is found here, so that one that is broken or too long costs only itself
 * and nothing of it is held; what its fields are is said by csv-parse, to which whole records go many at a time. A record that is blank in every
 * field is no row, and neither header nor row has the blank fields at its end that a spreadsheet leaves there.
 */
export function csvRows(maxRecordBytes: number): RowReader {
  let separator: string | undefined;
  let names: readonly string[] = [];
  let open: CsvRecord | undefined;
  let isEnded = false;

  const records = (lines: readonly Line[]): CsvRecord[] => {
    const found: CsvRecord[] = [];
    for (const line of lines) {
      if (open === undefined && !line.isTooLong && line.text.trim() === '') continue;
      const [, , told] = (separator === undefined && open === undefined && SEPARATOR_LINE.exec(line.text)) || [];
      if (told !== undefined) {
        separator = told;
        continue;
      }
      const record: CsvRecord = open ?? { line: line.number, lastLine: line.number, text: '', bytes: 0 };
      const end = recordEnd(line, open !== undefined, separator);
      record.lastLine = line.number;
      // A broken one is told at the line that breaks it; what is left of it is passed over.
      if (record.fault === undefined && addLine(record, line, end, maxRecordBytes)) found.push(record);
      open = end === 'open' ? record : undefined;
      if (separator === undefined && found.length > 0) separator = separatorOf(found[0] as CsvRecord);
    }
    return found;
  };

  const rows = (found: readonly CsvRecord[]): Row[] => {
    if (found.length === 0 || isEnded) return [];
    const made: Row[] = [];
    for (const [i, values] of fieldsOf(found, separator ?? ',').entries()) {
      const record = found[i] as CsvRecord;
      if (!(values instanceof Fault) && values.every(isBlankField)) continue;
      if (names.length > 0) {
        made.push({ line: record.line, fields: namedFields(names, values, record) });
        continue;
      }
      const header = headerOf(values);
      if (header instanceof Fault) {
        isEnded = true;
        return [{ line: record.line, fields: header }];
      }
      names = header;
    }
    return made;
  };

  return {
    get isEnded() {
      return isEnded;
    },
    read: (lines) => rows(records(lines)),
    end: () => {
      if (open === undefined || open.fault !== undefined) return [];
      return rows([{ ...open, fault: new Fault('opens a quote that is not closed') }]);
    },
  };
}

/** Whether nothing more is to be added: the record is whole with this line, or broken by it. */
function addLine(record: CsvRecord, line: Line, end: RecordEnd, maxBytes: number): boolean {
  record.text += line.text;
  record.bytes += Buffer.byteLength(line.text);
  if (line.isTooLong || record.bytes > maxBytes) record.fault = tooLong(maxBytes, end);
  else if (end === 'astray')
    record.fault = new Fault('has a quotation mark that neither begins nor ends a field: double it, and put the field in quotes');
  else if (end === 'open') {
    record.text += line.end;
    record.bytes += line.end.length;
  }
  if (record.fault !== undefined) record.text = '';
  return record.fault !== undefined || end !== 'open';
}

function tooLong(maxBytes: number, end: RecordEnd): Fault {
  return new Fault(`is longer than ${maxBytes} bytes${end === 'open' ? ', or opens a quote that is not closed' : ''}`);
}

type RecordEnd = 'closed' | 'open' | 'astray';

/** Whether a record ends with the line, goes on because a quote is open, or has a quotation mark where none may be and ends therefore. */
function recordEnd({ text, isTooLong, quotes }: Line, wasOpen: boolean, separator: string | undefined): RecordEnd {
  // Of a line that is not held only the count is known; in a well-formed record it is enough.
  if (isTooLong) return (quotes % 2 === 1) !== wasOpen ? 'open' : 'closed';
  let isOpen = wasOpen;
  let at = text.indexOf('"');
  while (at >= 0) {
    if (!isOpen) {
      if (!beginsField(text, at, separator)) return 'astray';
      isOpen = true;
    } else if (text[at + 1] === '"') at += 1;
    else {
      if (!endsField(text, at, separator)) return 'astray';
      isOpen = false;
    }
    at = text.indexOf('"', at + 1);
  }
  return isOpen ? 'open' : 'closed';
}

function beginsField(text: string, quote: number, separator: string | undefined): boolean {
  let at = quote - 1;
  while (isBlank(text[at], separator)) at -= 1;
  return isBorder(text[at], separator);
}

function endsField(text: string, quote: number, separator: string | undefined): boolean {
  let at = quote + 1;
  while (isBlank(text[at], separator)) at += 1;
  return isBorder(text[at], separator);
}

/** A tab is a blank unless it is, or in the header may be, the separator. */
function isBlank(character: string | undefined, separator: string | undefined): boolean {
  return character === ' ' || (character === '\t' && separator !== undefined && separator !== '\t');
}

function isBorder(character: string | undefined, separator: string | undefined): boolean {
  return character === undefined || (separator === undefined ? SEPARATORS.some((one) => one === character) : character === separator);
}

/** The one that stands most often in the header, outside quotes. */
function separatorOf({ text }: CsvRecord): string {
  const bare = text.replace(/"(?:[^"]|"")*"/g, '');
  const count = (separator: string): number => bare.split(separator).length;
  return SEPARATORS.reduce((most, separator) => (count(separator) > count(most) ? separator : most));
}

function fieldsOf(found: readonly CsvRecord[], separator: string): readonly (readonly string[] | Fault)[] {
  for (const record of found) record.fault ??= textFault(record.text);
  const sound = found.filter(({ fault }) => fault === undefined).map(({ text }) => text);
  const parsed = parsedTogether(sound, separator) ?? sound.map((text) => parsedAlone(text, separator));
  let next = 0;
  return found.map(({ fault }) => {
    if (fault !== undefined) return fault;
    next += 1;
    return parsed[next - 1] as readonly string[] | Fault;
  });
}

/** Undefined if one of them is broken. */
function parsedTogether(texts: readonly string[], delimiter: string): readonly string[][] | undefined {
  try {
    const options = { delimiter, recordDelimiter: '\n', relaxColumnCount: true, trim: true };
    const records: string[][] = parse(texts.join('\n'), options);
    return records.length === texts.length ? records : undefined;
  } catch {
    return undefined;
  }
}

function parsedAlone(text: string, separator: string): readonly string[] | Fault {
  return parsedTogether([text], separator)?.[0] ?? new Fault('is no CSV');
}

function headerOf(fields: readonly string[] | Fault): readonly string[] | Fault {
  if (fields instanceof Fault) return new Fault(`is the header and ${fields.detail}`);
  const names = withoutBlankEnd(fields.map((name) => name.trim()));
  if (names.length > MAX_FIELDS) return new Fault(`is the header and has more than ${MAX_FIELDS} columns`);
  if (names.includes('')) return new Fault('is the header and has a column without a name');
  return new Set(names).size === names.length ? names : new Fault('is the header and names a column twice');
}

function isBlankField(text: string): boolean {
  return unguardFormula(text).trim() === '';
}

/** @param least so many are kept */
function withoutBlankEnd(texts: readonly string[], least = 0): readonly string[] {
  let length = texts.length;
  while (length > least && texts[length - 1]?.trim() === '') length -= 1;
  return length === texts.length ? texts : texts.slice(0, length);
}

function namedFields(names: readonly string[], sent: readonly string[] | Fault, { line, lastLine }: CsvRecord): Row['fields'] {
  if (sent instanceof Fault) return sent;
  const values = withoutBlankEnd(sent, names.length);
  if (values.length !== names.length) {
    // A stray quote may have joined what were meant as several records: none of them may get lost unseen.
    const where = lastLine === line ? '' : ` (lines ${line} to ${lastLine})`;
    return new Fault(`has ${values.length} fields where the header has ${names.length}${where}`);
  }
  // Without a prototype a column may be called `__proto__`.
  const fields: Record<string, string> = Object.create(null);
  for (let i = 0; i < names.length; i += 1) fields[names[i] as string] = unguardFormula(values[i] as string);
  return fields;
}
