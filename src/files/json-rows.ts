import { Fault } from '#domain';
import { MAX_FIELDS, type Row, type RowReader } from './row.js';
import { type Line, textFault } from './text-lines.js';

/** An escaped control character other than tab and line break; an even number of backslashes before it escape each other. */
const ESCAPED_CONTROL = /(?<!\\)(?:\\\\)*\\(?:[bf]|u00(?:0[0-8bcef]|1[0-9a-f]|7f|[89][0-9a-f]))/i;

/** One JSON object a line (JSON Lines). */
export function jsonRows(maxLineBytes: number): RowReader {
  return {
    isEnded: false,
    read: (lines) => {
      const rows: Row[] = [];
      for (const line of lines) {
        if (line.isTooLong || line.text.trim() !== '') rows.push({ line: line.number, fields: fieldsOf(line, maxLineBytes) });
      }
      return rows;
    },
    end: () => [],
  };
}

function fieldsOf({ text, isTooLong }: Line, maxLineBytes: number): Row['fields'] {
  if (isTooLong) return new Fault(`is longer than ${maxLineBytes} bytes`);
  const fault = textFault(text);
  if (fault !== undefined) return fault;
  if (ESCAPED_CONTROL.test(text)) return new Fault('has control characters');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return new Fault('is not valid JSON');
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return new Fault('is no JSON object');
  if (Object.keys(value).length > MAX_FIELDS) return new Fault(`has more than ${MAX_FIELDS} fields`);
  // JSON.parse made `__proto__` a field like another; without a prototype `constructor` is absent unless the line has it.
  return Object.setPrototypeOf(value, null) as Row['fields'];
}
