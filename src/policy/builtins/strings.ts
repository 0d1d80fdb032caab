import { isArray, RegoNumber, RegoSet, type Term, writeRego } from '../terms/index.js';
import { BuiltinError, type Builtins } from './builtin.js';
import { type GoValue, sprintf } from './go-format.js';
import { arrayAt, intAt, textAt, textsAt } from './operands.js';

/** Texts. Positions count characters (code points). */
export const stringsBuiltins: Builtins = {
  indexof_n: (args) => positions(textAt(args, 0), textAt(args, 1)),
  sprintf: (args) => sprintf(textAt(args, 0), arrayAt(args, 1).map(goValue)),
  'strings.any_prefix_match': (args) => anyMatch(args, (text, length) => text.slice(0, length)),
  'strings.any_suffix_match': (args) => anyMatch(args, (text, length) => text.slice(text.length - length)),
  'strings.count': (args) => RegoNumber.of(count(textAt(args, 0), textAt(args, 1))),
  'strings.split_n': (args) => splitN(textAt(args, 0), textAt(args, 1), intAt(args, 2)),
};

/** What Go's fmt gets of a term: whole numbers, doubles, and all else as text. */
function goValue(term: Term): GoValue {
  if (typeof term === 'string') return term;
  if (!(term instanceof RegoNumber)) return writeRego(term);
  if (/^-?[0-9]+$/.test(term.text)) return BigInt(term.text);
  return Number.isFinite(term.double) ? term.double : term.text;
}

function positions(text: string, part: string): Term {
  if (part === '') throw new BuiltinError('empty search character');
  const found: RegoNumber[] = [];
  let [at, before] = [0, 0];
  for (let i = text.indexOf(part); i >= 0; i = text.indexOf(part, i + 1)) {
    // Characters beyond the basic plane are two units long.
    for (; at < i; at += 1) if (!isLowSurrogate(text.charCodeAt(at))) before += 1;
    if (!isLowSurrogate(text.charCodeAt(i))) found.push(RegoNumber.of(before));
  }
  return found;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** Whether an end of a text is one of the parts: lists of thousands take no longer than their lengths. */
function anyMatch(args: readonly Term[], endOf: (text: string, length: number) => string): boolean {
  const [texts, parts] = [textOrTexts(args, 0), new Set(textOrTexts(args, 1))];
  const lengths = [...new Set(Array.from(parts, (part) => part.length))];
  return texts.some((text) => lengths.some((length) => length <= text.length && parts.has(endOf(text, length))));
}

function textOrTexts(args: readonly Term[], place: number): readonly string[] {
  const term = args[place] as Term;
  if (typeof term === 'string') return [term];
  return isArray(term) || term instanceof RegoSet ? textsAt(args, place) : [textAt(args, place)];
}

function count(text: string, part: string): number {
  return part === '' ? [...text].length + 1 : text.split(part).length - 1;
}

/** The first `n` parts; of a negative `n`, so many of the last. */
function splitN(text: string, delimiter: string, n: number): Term {
  const parts = delimiter === '' ? [...text] : text.split(delimiter);
  if (n < 0) return parts.slice(Math.max(parts.length + n, 0));
  return parts.slice(0, n);
}
