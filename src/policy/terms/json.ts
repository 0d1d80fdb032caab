import { RegoNumber } from './rego-number.js';
import { quoted, readRego } from './rego-text.js';
import { compareTexts, isArray, RegoObject, RegoSet, type Term } from './term.js';

/** A JSON text as a term, every number with the text that it has. @throws SyntaxError for what is no JSON */
export function parseJson(text: string): Term {
  // Whatever is JSON reads the same as Rego; JSON.parse is the check.
  JSON.parse(text);
  return readRego(text.trim());
}

/** A term as JSON as OPA writes it: sets as arrays in order, a key that is no string as its own JSON text, keys in order, numbers as they are. */
export function writeJson(term: Term): string {
  if (typeof term === 'string') return quoted(term);
  if (term === null || typeof term === 'boolean') return String(term);
  if (term instanceof RegoNumber) return term.text;
  if (term instanceof RegoObject)
    return `{${textEntries(term)
      .map(([key, value]) => `${quoted(key)}:${writeJson(value)}`)
      .join()}}`;
  return `[${Array.from(term, writeJson).join()}]`;
}

/** The entries of an object as JSON has them: keys as text, in order; of `1` and `"1"` the text is left. */
export function textEntries(object: RegoObject): [string, Term][] {
  const entries = new Map(Array.from(object, ([key, value]): [string, Term] => [typeof key === 'string' ? key : writeJson(key), value]));
  return [...entries].sort(([a], [b]) => compareTexts(a, b));
}

/**
 * A value of JavaScript as a term: what JSON has, bigints too; members that are `undefined` are left out.
 * @throws TypeError for what has no JSON form
 */
export function termOf(value: unknown): Term {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' || typeof value === 'bigint') return RegoNumber.of(value);
  if (Array.isArray(value)) return value.map(termOf);
  if (typeof value !== 'object') throw new TypeError(`a ${typeof value} is no term`);
  return RegoObject.of(Object.entries(value).flatMap(([key, member]) => (member === undefined ? [] : [[key, termOf(member)] as const])));
}

/** A term as a value of JavaScript: sets as arrays, objects without a prototype and with text keys, numbers as the nearest double. */
export function valueOf(term: Term): unknown {
  if (term instanceof RegoNumber) return term.double;
  if (isArray(term) || term instanceof RegoSet) return Array.from(term, valueOf);
  if (!(term instanceof RegoObject)) return term;
  const value = Object.create(null) as Record<string, unknown>;
  for (const [key, member] of textEntries(term)) value[key] = valueOf(member);
  return value;
}
