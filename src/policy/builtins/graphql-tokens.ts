import { BuiltinError, BuiltinHalt } from './builtin.js';

/** A token of GraphQL; for one that is its own kind, `value` is empty. */
export interface Token {
  readonly kind:
    | 'name'
    | 'int'
    | 'float'
    | 'string'
    | 'blockString'
    | 'end'
    | '!'
    | '$'
    | '&'
    | '('
    | ')'
    | '...'
    | ':'
    | '='
    | '@'
    | '['
    | ']'
    | '{'
    | '}'
    | '|';
  readonly value: string;
  /** The comments that stand right before it. */
  readonly comments: readonly string[];
}

const BLANKS = /[\t ,\n\r\ufeff]*/y;
const COMMENT = /#[\t\x20-\u{10ffff}]*/uy;
const PUNCTUATOR = /\.\.\.|[!$&():=@[\]{}|]/y;
const NAME = /[_A-Za-z][_0-9A-Za-z]*/y;
const NUMBER = /-?(?:0(?![0-9])|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"((?:[^"\\\p{Cc}]|[\t\x7f-\x9f]|\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt]))*)"/uy;

/** All tokens of a text, the last of which is its end; as gqlparser's lexer reads them. @throws BuiltinError for what is no token, BuiltinHalt for too many */
export function tokensOf(text: string, max: number): Token[] {
  const tokens: Token[] = [];
  let [at, comments] = [0, [] as string[]];
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at += match[0].length;
    return match;
  };
  const add = (kind: Token['kind'], value: string): void => {
    if (tokens.push({ kind, value, comments }) > max) throw new BuiltinHalt(`a GraphQL document has at most ${max} tokens here`);
    comments = [];
  };
  for (;;) {
    take(BLANKS);
    const comment = take(COMMENT);
    const punctuator = comment === null ? take(PUNCTUATOR) : null;
    if (comment !== null) comments.push(comment[0]);
    else if (punctuator !== null) add(punctuator[0] as Token['kind'], '');
    else if (at >= text.length) {
      add('end', '');
      return tokens;
    } else if (text.startsWith('"""', at)) {
      const block = blockAt(text, at + 3);
      at = block.end;
      add('blockString', block.value);
    } else addValue(take, add, text);
  }
}

function addValue(
  take: (pattern: RegExp) => RegExpExecArray | null,
  add: (kind: Token['kind'], value: string) => void,
  text: string,
): void {
  const name = take(NAME);
  const number = name === null ? take(NUMBER) : null;
  const string = name === null && number === null ? take(STRING) : null;
  if (name !== null) add('name', name[0]);
  else if (number !== null) {
    // A number that goes on as none is one that ends too early.
    const rest = text.slice(number.index + number[0].length, number.index + number[0].length + 1);
    if (rest === '.' || rest === 'e' || rest === 'E') throw new BuiltinError('an invalid number');
    add(/[.eE]/.test(number[0]) ? 'float' : 'int', number[0]);
  } else if (string !== null) add('string', unescaped(string[1] as string));
  else throw new BuiltinError('an unexpected character, or a string without its end');
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  // A tab may stand in a string of GraphQL, and not in one of JSON. An escape of half a pair of surrogates is no character there, not even beside its other half.
  const json = text
    .replaceAll('\t', '\\t')
    .replace(/\\(?:u[dD][89a-fA-F][0-9a-fA-F]{2}|.)/g, (escape) => (escape.length > 2 ? '\\ufffd' : escape));
  return JSON.parse(`"${json}"`) as string;
}

/** The block that begins there: its text without common indentation, and where it ends. The last three of a row of quotes end it. */
function blockAt(text: string, start: number): { value: string; end: number } {
  const pattern = /\\"""|"{3,}|[^\P{Cc}\t\n\r\x7f-\x9f]/gu;
  pattern.lastIndex = start;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (match[0].startsWith('\\')) continue;
    if (!match[0].startsWith('"')) throw new BuiltinError('an invalid character in a string');
    const end = match.index + match[0].length;
    return {
      value: dedented(
        text
          .slice(start, end - 3)
          .replace(/\r\n?/g, '\n')
          .replaceAll('\\"""', '"""'),
      ),
      end,
    };
  }
  throw new BuiltinError('a string without its end');
}

/** BlockStringValue of the specification (GraphQL October 2021 §2.9.4), with the first line among those that are looked at, as gqlparser has it. */
function dedented(raw: string): string {
  const lines = raw.split('\n');
  const indents = lines.map((line) => line.search(/[^ \t]/));
  const common = Math.min(...indents.filter((indent) => indent >= 0));
  const first = indents.findIndex((indent) => indent >= 0);
  if (first < 0) return '';
  const last = indents.findLastIndex((indent) => indent >= 0);
  return lines
    .map((line, i) => (i === 0 ? line : line.slice(common)))
    .slice(first, last + 1)
    .join('\n');
}
