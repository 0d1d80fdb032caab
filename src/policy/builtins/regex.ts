import type { Term } from '../terms/index.js';
import { BuiltinError, BuiltinHalt, type Builtins } from './builtin.js';
import { globsIntersect } from './glob-intersection.js';
import { intAt, textAt } from './operands.js';
import { quoteExpression, type RegularExpression, regularExpression } from './regular-expression.js';

/** `regex.*` and `glob.quote_meta`, as Go's regexp has them. */
export const regexBuiltins: Builtins = {
  'regex.is_valid': ([pattern]) => typeof pattern === 'string' && isExpression(pattern),
  'regex.match': (args) => regularExpression(textAt(args, 0)).test(textAt(args, 1)),
  re_match: (args) => regularExpression(textAt(args, 0)).test(textAt(args, 1)),
  'regex.find_n': (args) => {
    const [expression, text] = [regularExpression(textAt(args, 0)), textAt(args, 1)];
    return expression.all(text, intAt(args, 2)).map((match) => group(text, match, 0));
  },
  'regex.find_all_string_submatch_n': (args) => {
    const [expression, text] = [regularExpression(textAt(args, 0)), textAt(args, 1)];
    return expression
      .all(text, intAt(args, 2))
      .map((match) => match.flatMap((_, i): Term[] => (i % 2 === 0 ? [group(text, match, i / 2)] : [])));
  },
  'regex.split': (args) => {
    const [pattern, text] = [textAt(args, 0), textAt(args, 1)];
    return pattern !== '' && text === '' ? [''] : split(regularExpression(pattern), text);
  },
  'regex.replace': (args) => replace(textAt(args, 0), regularExpression(textAt(args, 1)), textAt(args, 2)),
  'regex.globs_match': (args) => globsIntersect(textAt(args, 0), textAt(args, 1)),
  'regex.template_match': (args) => {
    const delimiters = [delimiter(textAt(args, 2)), delimiter(textAt(args, 3))] as const;
    return regularExpression(templateExpression(textAt(args, 0), ...delimiters)).test(textAt(args, 1));
  },
  'glob.quote_meta': (args) => textAt(args, 0).replace(/[\\*?[\]{}]/g, '\\$&'),
};

function isExpression(pattern: string): boolean {
  try {
    regularExpression(pattern);
    return true;
  } catch (cause) {
    if (cause instanceof BuiltinError) return false;
    throw cause;
  }
}

/** What a group matched; nothing for one that did not. */
function group(text: string, match: readonly number[], place: number): string {
  const [start = -1, end = -1] = match.slice(place * 2, place * 2 + 2);
  return start < 0 ? '' : text.slice(start, end);
}

/** Go's Split: an empty match at the start splits nothing off, and neither does one at the end. */
function split(expression: RegularExpression, text: string): string[] {
  const pieces: string[] = [];
  let [begin, end] = [0, 0];
  for (const [start = 0, stop = 0] of expression.all(text, -1)) {
    end = start;
    if (stop !== 0) pieces.push(text.slice(begin, end));
    begin = stop;
  }
  if (end !== text.length) pieces.push(text.slice(begin));
  return pieces;
}

const MAX_REPLACED = 2 ** 24;

function replace(text: string, expression: RegularExpression, template: string): string {
  const pieces: string[] = [];
  let [at, length] = [0, 0];
  for (const match of expression.all(text, -1)) {
    const [start = 0, end = 0] = match;
    const put = expand(template, text, match, expression.names);
    pieces.push(text.slice(at, start), put);
    at = end;
    length += put.length;
    if (length > MAX_REPLACED) throw new BuiltinHalt('regex.replace: the text would grow beyond 16 million characters');
  }
  return pieces.join('') + text.slice(at);
}

/** Go's Expand: `$1`, `${1}`, `$name`, `${name}`, `$$`; a name is as long as it can be, and one that does not exist stands for nothing. */
function expand(template: string, text: string, match: readonly number[], names: ReadonlyMap<string, number>): string {
  return template.replace(/\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu, (_, braced?: string, bare?: string) => {
    const name = braced ?? bare;
    if (name === undefined) return '$';
    const number = /^(?:0|[1-9][0-9]{0,8})$/.test(name) ? Number(name) : undefined;
    const place = number ?? names.get(name);
    return place === undefined ? '' : group(text, match, place);
  });
}

function delimiter(text: string): string {
  if (Buffer.byteLength(text) !== 1) throw new BuiltinError('a delimiter has to be exactly one byte long');
  return text;
}

/** The text with each first-level part between delimiters taken for an expression, and the rest for itself. */
function templateExpression(template: string, open: string, close: string): string {
  let [level, from, end, pattern] = [0, 0, 0, '^'];
  for (let i = 0; i < template.length; i += 1) {
    // One that is both opens, always.
    if (template[i] === open) {
      level += 1;
      if (level === 1) from = i;
    } else if (template[i] === close) {
      level -= 1;
      if (level < 0) throw new BuiltinError('unbalanced delimiters');
      if (level > 0) continue;
      const part = template.slice(from + 1, i);
      regularExpression(`^${part}$`);
      pattern += `${quoteExpression(template.slice(end, from))}(${part})`;
      end = i + 1;
    }
  }
  if (level !== 0) throw new BuiltinError('unbalanced delimiters');
  return `${pattern}${quoteExpression(template.slice(end))}$`;
}
