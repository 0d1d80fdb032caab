import { Fault, holdsPersonNumber, isFault } from '#domain';
import type { ImportFault } from './import-report.js';

/** The fields of one line, read one by one, and the first of them that is to blame. Blanks around a text are none of it, and an empty one is absent. */
export function lineFields(line: number, fields: Readonly<Record<string, unknown>>) {
  let fault: ImportFault | undefined;
  const blame = (field: string, { detail }: Fault): undefined => {
    fault ??= { line, field, detail };
  };
  const text = (field: string): string | undefined => {
    const value = fields[field];
    if (value === undefined || value === null || value === '') return undefined;
    return typeof value === 'string' ? value.trim() : blame(field, new Fault('is not a text'));
  };
  const required = <T>(field: string, parser: (value: string) => T | Fault): T | undefined => {
    const value = text(field);
    const parsed = value === undefined ? new Fault('is missing') : parser(value);
    return isFault(parsed) ? blame(field, parsed) : parsed;
  };
  return {
    blame,
    /** Blames a field that is none of these. */
    known(names: ReadonlySet<string>): void {
      for (const field of Object.keys(fields)) {
        if (!names.has(field)) blame(printable(field), new Fault(`is no known field; known: ${[...names].join(', ')}`));
      }
    },
    required,
    optional: <T>(field: string, parser: (value: string) => T | Fault): T | undefined =>
      text(field) === undefined ? undefined : required(field, parser),
    first: () => fault,
  };
}

/** The same parser, which remembers what it has read: a file has few different dates, and a calendar is slow. */
export function memoized<T>(parse: (text: string) => T): (text: string) => T {
  const seen = new Map<string, T>();
  return (text) => {
    let parsed = seen.get(text);
    if (parsed === undefined) {
      if (seen.size >= 10_000) seen.clear();
      parsed = parse(text);
      seen.set(text, parsed);
    }
    return parsed;
  };
}

/** A field's name goes to a terminal: no control characters, nothing like a person number. */
function printable(field: string): string {
  return /^[A-Za-z_][A-Za-z0-9_ -]{0,39}$/.test(field) && !holdsPersonNumber(field) ? field : 'a field';
}
