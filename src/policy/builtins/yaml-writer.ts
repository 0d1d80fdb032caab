import { compareTexts, isArray, RegoNumber, RegoObject, RegoSet, type Term, textEntries } from '../terms/index.js';
import { bigFloatText } from './json-schema-numbers.js';
import { plainScalar } from './yaml-scalars.js';

// A term as go-yaml v3 writes it, indented by two: what is quoted, and how, and in which order keys stand.

/** A document of YAML. */
export function writeYaml(term: Term): string {
  return `${linesOf(term).join('\n')}\n`;
}

/** The lines of a value; those of a scalar behind its first are indented already. */
function linesOf(term: Term): string[] {
  const value = term instanceof RegoSet ? [...term] : term;
  if (value instanceof RegoObject) {
    const entries = textEntries(value).sort(([a], [b]) => compareKeys(Array.from(a), Array.from(b)));
    return entries.length === 0 ? ['{}'] : entries.flatMap(([key, member]) => entryLines(key, member));
  }
  if (!isArray(value)) return scalarLines(value);
  return value.length === 0 ? ['[]'] : value.flatMap((item) => behind('- ', item));
}

function entryLines(key: string, member: Term): string[] {
  const written = scalarLines(key);
  // A key that takes more than a line, or nearly one, is marked as such.
  if (/[\n\r\x85\u2028\u2029]/.test(key) || Buffer.byteLength(key) > 128)
    return [`? ${written[0]}`, ...written.slice(1), ...behind(': ', member)];
  if (!isFilled(member)) return behind(`${written[0]}: `, member);
  return [`${written[0]}:`, ...linesOf(member).map(indented)];
}

/** A value behind a mark on the same line. */
function behind(mark: string, term: Term): string[] {
  const [first = '', ...rest] = linesOf(term);
  return [`${mark}${first}`, ...(isFilled(term) ? rest.map(indented) : rest)];
}

function isFilled(term: Term): boolean {
  if (term instanceof RegoObject || term instanceof RegoSet) return term.size > 0;
  return isArray(term) && term.length > 0;
}

function indented(line: string): string {
  return line === '' ? '' : `  ${line}`;
}

function scalarLines(value: null | boolean | string | RegoNumber): string[] {
  if (value === null || typeof value === 'boolean') return [String(value)];
  if (typeof value === 'string') return textLines(value);
  // A number goes through the reader: what it does not take for one is a text.
  const { kind, value: read } = plainScalar(value.text);
  if (!(read instanceof RegoNumber)) return textLines(value.text);
  return [kind === 'int' ? read.text : Object.is(read.double, -0) ? '-0' : bigFloatText(read)];
}

function textLines(text: string): string[] {
  if (text.includes('\n')) return canBeBlock(text) ? blockLines(text) : [doubleQuoted(text)];
  if (!isPlainText(text)) return [doubleQuoted(text)];
  if (isPlainStyle(text)) return [text];
  return [/[\t\r\x85\u2028\u2029]/.test(text) || UNPRINTABLE.test(text) ? doubleQuoted(text) : `'${text.replaceAll("'", "''")}'`];
}

/** Whether it would be read as a text if it stood there bare. */
function isPlainText(text: string): boolean {
  if (plainScalar(text).kind !== 'str') return false;
  const isBase60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(text);
  return !isBase60 && !/^(?:y|Y|yes|Yes|YES|on|On|ON|n|N|no|No|NO|off|Off|OFF)$/.test(text);
}

/** Whether its characters may stand there bare. */
function isPlainStyle(text: string): boolean {
  if (/^(?:---|\.\.\.)/.test(text) || /^[#,[\]{}&*!|>'"%@`]/.test(text) || /^[?:-](?:[ \t]|$)/.test(text)) return false;
  if (/:(?:[ \t]|$)/.test(text) || /\s#/.test(text) || /^ | $/.test(text)) return false;
  return !/[\t\r\x85\u2028\u2029]/.test(text) && !UNPRINTABLE.test(text);
}

/** What go-yaml's emitter does not write as it is; beyond the first plane that is all. */
const UNPRINTABLE = /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u;

function canBeBlock(text: string): boolean {
  return !/ (?:[\n\u2028\u2029]|$)/.test(text) && !/[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u.test(text);
}

function blockLines(text: string): string[] {
  const indent = /^[ \n]/.test(text) ? '2' : '';
  const chomp = text.endsWith('\n') ? (text === '\n' || text.endsWith('\n\n') ? '+' : '') : '-';
  const lines = text.split('\n');
  return [`|${indent}${chomp}`, ...(chomp === '-' ? lines : lines.slice(0, -1)).map(indented)];
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\u2028': 'L',
  '\u2029': 'P',
};

function doubleQuoted(text: string): string {
  const escaped = text.replace(/["\\\n\u2028\u2029]|[^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/gu, (character) => {
    const short = ESCAPES[character];
    if (short !== undefined) return `\\${short}`;
    const hex = (character.codePointAt(0) as number).toString(16).toUpperCase();
    if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`;
    return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  });
  return `"${escaped}"`;
}

/** go-yaml's order of keys: digits by what they count, letters behind what is none. */
function compareKeys(a: readonly string[], b: readonly string[]): number {
  let isAfterDigit = false;
  for (let i = 0; i < a.length && i < b.length; i += 1) {
    const [x, y] = [a[i] as string, b[i] as string];
    if (x === y) {
      isAfterDigit = /\p{Nd}/u.test(x);
      continue;
    }
    const [isLetter, isOther] = [/\p{L}/u.test(x), /\p{L}/u.test(y)];
    if (isLetter && isOther) return compareTexts(x, y);
    if (isLetter || isOther) return isLetter === isAfterDigit ? -1 : 1;
    return compareDigits(a, b, i) || compareTexts(x, y);
  }
  return a.length - b.length;
}

/** The numbers that go on from there: by value, then by length. */
function compareDigits(a: readonly string[], b: readonly string[], from: number): number {
  const runOf = (key: readonly string[]): string => /^\p{Nd}*/u.exec(key.slice(from).join(''))?.[0] ?? '';
  const [x, y] = [runOf(a), runOf(b)];
  // Behind digits that are not all zeros, a zero is one of theirs.
  const before = /\p{Nd}*$/u.exec(a.slice(0, from).join(''))?.[0] ?? '';
  const lead = (a[from] === '0' || b[from] === '0') && /[^0]/.test(before) ? '1' : '0';
  const [m, n] = [BigInt(lead + toAscii(x)), BigInt(lead + toAscii(y))];
  return m === n ? x.length - y.length : m < n ? -1 : 1;
}

function toAscii(digits: string): string {
  return /^[0-9]*$/.test(digits) ? digits : '0';
}
