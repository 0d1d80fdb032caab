import { BuiltinError, BuiltinHalt } from './builtin.js';

// The syntax of Go's text/template, without what needs Go itself: templates that are defined and called by name, `call`, complex numbers.

/** What an operand or a command is. */
export type Operand =
  | { readonly kind: 'literal'; readonly value: string | number | bigint | boolean | null }
  | { readonly kind: 'dot' }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline };

/** An operand and the fields that are taken of it, one of another. */
export interface Term {
  readonly operand: Operand;
  readonly fields: readonly string[];
}

/** Commands, each of which takes what the one before gives as its last argument; and the variables that keep the last one's. */
export interface Pipeline {
  readonly variables: readonly string[];
  readonly isAssignment: boolean;
  readonly commands: readonly (readonly Term[])[];
}

/** A node of a template. */
export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | { readonly kind: 'break' }
  | { readonly kind: 'continue' }
  | ControlNode;

/** A node that has others in it. */
export interface ControlNode {
  readonly kind: 'if' | 'with' | 'range';
  readonly pipeline: Pipeline;
  readonly body: readonly TemplateNode[];
  readonly otherwise: readonly TemplateNode[];
}

const MAX_TEXT = 1_000_000;
const MAX_DEPTH = 100;

/** The nodes of a template. @throws BuiltinError for what is none; BuiltinHalt for one that needs what is not here */
export function parseTemplate(text: string): readonly TemplateNode[] {
  if (text.length > MAX_TEXT) throw new BuiltinHalt(`a template has at most ${MAX_TEXT} characters here`);
  const parser = new Parser(piecesOf(text));
  const { nodes, end } = parser.list(new Set(['$']), 0, false);
  if (end !== undefined) throw new BuiltinError(`template: unexpected {{${end}}}`);
  return nodes;
}

/** Texts and the insides of actions, in turn: the first is a text. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let [at, trims] = [0, false];
  for (;;) {
    const open = text.indexOf('{{', at);
    const before = text.slice(at, open < 0 ? undefined : open);
    const trimmed = trims ? before.replace(/^[ \t\r\n]+/, '') : before;
    if (open < 0) return [...pieces, trimmed];
    const isTrimming = /^\{\{-[ \t\r\n]/.test(text.slice(open, open + 4));
    const inner = open + (isTrimming ? 3 : 2);
    const close = closeOf(text, inner);
    trims = /[ \t\r\n]-$/.test(text.slice(inner, close));
    pieces.push(isTrimming ? trimmed.trimEnd() : trimmed, text.slice(inner, trims ? close - 1 : close));
    at = close + 2;
  }
}

const TOKEN = /\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\.)*'|\}\}|[\s\S]/y;

/** Where an action ends: not in a quoted text, nor in a comment. */
function closeOf(text: string, start: number): number {
  TOKEN.lastIndex = start;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) if (match[0] === '}}') return match.index;
  throw new BuiltinError('template: unclosed action');
}

class Parser {
  readonly #pieces: readonly string[];
  #at = 0;

  constructor(pieces: readonly string[]) {
    this.#pieces = pieces;
  }

  /** Up to an end or an else, which is told. */
  list(scope: ReadonlySet<string>, depth: number, isInRange: boolean): { nodes: TemplateNode[]; end: string | undefined } {
    if (depth > MAX_DEPTH) throw new BuiltinHalt('template: too deep');
    const [nodes, names]: [TemplateNode[], Set<string>] = [[], new Set(scope)];
    for (; this.#at < this.#pieces.length; ) {
      const piece = this.#pieces[this.#at] as string;
      this.#at += 1;
      if (this.#at % 2 === 1) {
        if (piece !== '') nodes.push({ kind: 'text', text: piece });
        continue;
      }
      const action = piece.trim();
      const [, keyword = '', rest = ''] = /^([a-z]+)\b([\s\S]*)$/.exec(action) ?? [];
      if (/^\/\*[\s\S]*\*\/$/.test(action)) continue;
      if (keyword === 'end' || keyword === 'else') return { nodes, end: action };
      if (keyword === 'break' || keyword === 'continue') {
        if (!isInRange || rest !== '') throw new BuiltinError(`template: {{${keyword}}} outside {{range}}`);
        nodes.push({ kind: keyword });
      } else if (keyword === 'if' || keyword === 'with' || keyword === 'range')
        nodes.push(this.#control(keyword, rest, names, depth, isInRange));
      else if (['define', 'template', 'block'].includes(keyword)) throw new BuiltinHalt(`template: {{${keyword}}} is not served here`);
      else nodes.push({ kind: 'action', pipeline: pipelineOf(action, names, 'action') });
    }
    return { nodes, end: undefined };
  }

  #control(kind: 'if' | 'with' | 'range', text: string, scope: ReadonlySet<string>, depth: number, isInRange: boolean): TemplateNode {
    const names = new Set(scope);
    const pipeline = pipelineOf(text, names, kind);
    const { nodes: body, end } = this.list(names, depth + 1, isInRange || kind === 'range');
    const [, next] = /^else\b([\s\S]*)$/.exec(end ?? '') ?? [];
    if (next === undefined) {
      if (end !== 'end') throw new BuiltinError('template: unexpected EOF');
      return { kind, pipeline, body, otherwise: [] };
    }
    const [, chained, rest = ''] = /^\s+(if|with)\b([\s\S]*)$/.exec(next) ?? [];
    if (chained !== undefined && chained === kind)
      return { kind, pipeline, body, otherwise: [this.#control(kind, rest, names, depth + 1, isInRange)] };
    if (next.trim() !== '') throw new BuiltinError('template: unexpected in {{else}}');
    const { nodes: otherwise, end: last } = this.list(names, depth + 1, isInRange);
    if (last !== 'end') throw new BuiltinError('template: expected {{end}}');
    return { kind, pipeline, body, otherwise };
  }
}

const TOKENS =
  /\s+|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|`[^`]*`|'(?:[^'\\\n]|\\(?:[^0-9xuU]|[0-7]{3}|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}))'|:=|[()|,=]|\.[\p{L}_][\p{L}\p{Nd}_]*|\$[\p{L}\p{Nd}_]*|[-+]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)(?![\p{L}\p{Nd}_.])|[\p{L}_][\p{L}\p{Nd}_]*|\./uy;

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKENS.lastIndex = 0;
  for (let at = 0; at < text.length; at = TOKENS.lastIndex) {
    const match = TOKENS.exec(text);
    if (match === null) throw new BuiltinError('template: an unexpected character in an action');
    tokens.push(match[0].trim());
  }
  return tokens;
}

function pipelineOf(text: string, names: Set<string>, context: string): Pipeline {
  const reader = new PipelineReader(tokensOf(text), names);
  const pipeline = reader.pipeline(context, 0);
  reader.end();
  return pipeline;
}

class PipelineReader {
  readonly #tokens: readonly string[];
  readonly #names: Set<string>;
  #at = 0;

  constructor(tokens: readonly string[], names: Set<string>) {
    this.#tokens = tokens;
    this.#names = names;
  }

  end(): void {
    this.#blanks();
    if (this.#at < this.#tokens.length) throw new BuiltinError('template: unexpected at the end of an action');
  }

  pipeline(context: string, depth: number): Pipeline {
    if (depth > MAX_DEPTH) throw new BuiltinHalt('template: too deep');
    const { variables, isAssignment } = this.#variables(context);
    const commands: Term[][] = [];
    do commands.push(this.#command(depth));
    while (this.#takes('|'));
    if (commands.slice(1).some(([first]) => first?.operand.kind === 'literal' || first?.operand.kind === 'dot')) {
      throw new BuiltinError('template: non executable command in pipeline');
    }
    if (commands.some(([first]) => first?.operand.kind === 'literal' && first.operand.value === null))
      throw new BuiltinError('template: nil is not a command');
    for (const name of variables) this.#names.add(name);
    return { variables, isAssignment, commands };
  }

  /** `$x :=`, `$x =`, and `$i, $x :=` of a range. */
  #variables(context: string): { variables: string[]; isAssignment: boolean } {
    const start = this.#at;
    const variables: string[] = [];
    do {
      this.#blanks();
      const token = this.#tokens[this.#at] ?? '';
      if (!/^\$./u.test(token)) break;
      variables.push(token);
      this.#at += 1;
    } while (context === 'range' && variables.length < 2 && this.#takes(','));
    const isDeclaration = variables.length > 0 && this.#takes(':=');
    const isAssignment = variables.length > 0 && !isDeclaration && this.#takes('=');
    if (isDeclaration || (isAssignment && variables.every((name) => this.#names.has(name)))) return { variables, isAssignment };
    if (isAssignment) throw new BuiltinError('template: undefined variable');
    this.#at = start;
    return { variables: [], isAssignment: false };
  }

  #command(depth: number): Term[] {
    const terms: Term[] = [];
    for (;;) {
      const isApart = this.#blanks() || terms.length === 0;
      const token = this.#tokens[this.#at];
      if (token === undefined || token === '|' || token === ')') break;
      if (!isApart) throw new BuiltinError('template: operands must be apart');
      terms.push(this.#term(depth));
    }
    if (terms.length === 0) throw new BuiltinError('template: missing value for command');
    return terms;
  }

  #term(depth: number): Term {
    const operand = this.#operand(depth);
    const fields: string[] = [];
    while (/^\../u.test(this.#tokens[this.#at] ?? '') && !/^\.[0-9]/.test(this.#tokens[this.#at] ?? '')) {
      fields.push((this.#tokens[this.#at] as string).slice(1));
      this.#at += 1;
    }
    if (fields.length > 0 && operand.kind === 'literal') throw new BuiltinError('template: a field of a literal');
    return { operand, fields };
  }

  #operand(depth: number): Operand {
    const token = this.#tokens[this.#at] as string;
    // A field of the dot begins with its point.
    if (/^\.[\p{L}_]/u.test(token)) return { kind: 'dot' };
    this.#at += 1;
    if (token === '(') {
      const pipeline = this.pipeline('parenthesis', depth + 1);
      if (!this.#takes(')')) throw new BuiltinError('template: unclosed left paren');
      return { kind: 'pipeline', pipeline };
    }
    if (token === '.') return { kind: 'dot' };
    if (token.startsWith('$')) {
      if (!this.#names.has(token)) throw new BuiltinError('template: undefined variable');
      return { kind: 'variable', name: token };
    }
    return literalOf(token) ?? this.#function(token);
  }

  #function(name: string): Operand {
    if (!FUNCTIONS.includes(name)) throw new BuiltinError('template: a function that is not defined, or not served here');
    return { kind: 'function', name };
  }

  #takes(token: string): boolean {
    this.#blanks();
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }

  /** Whether there were any. */
  #blanks(): boolean {
    const start = this.#at;
    while (this.#tokens[this.#at] === '') this.#at += 1;
    return this.#at > start;
  }
}

/** The functions of Go's templates that are served. */
export const FUNCTIONS: readonly string[] = [
  ...['and', 'or', 'not', 'len', 'index', 'slice', 'print', 'printf', 'println', 'html', 'js', 'urlquery'],
  ...['eq', 'ne', 'lt', 'le', 'gt', 'ge'],
];

function literalOf(token: string): Operand | undefined {
  if (token === 'true' || token === 'false') return { kind: 'literal', value: token === 'true' };
  if (token === 'nil') return { kind: 'literal', value: null };
  if (token.startsWith('`')) return { kind: 'literal', value: token.slice(1, -1) };
  if (token.startsWith('"')) return { kind: 'literal', value: unquoted(token.slice(1, -1)) };
  if (token.startsWith("'")) return { kind: 'literal', value: BigInt(unquoted(token.slice(1, -1)).codePointAt(0) ?? 0) };
  if (!/^[-+.0-9]/.test(token) || !/[0-9]/.test(token)) return undefined;
  const digits = token.replaceAll('_', '').replace(/^\+/, '');
  if (/^-?(?:0[xXbBoO][0-9a-fA-F]+|[0-9]+)$/.test(digits)) return { kind: 'literal', value: wholeOf(digits) };
  return { kind: 'literal', value: Number(digits) };
}

function wholeOf(digits: string): bigint {
  const plain = digits
    .replace('-', '')
    .replace(/^0(?=[0-7]+$)/, '0o')
    .toLowerCase();
  if (/^0[0-9]/.test(plain)) throw new BuiltinError('template: bad number syntax');
  return BigInt(plain) * (digits.startsWith('-') ? -1n : 1n);
}

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
  "'": "'",
};

function unquoted(text: string): string {
  return text.replace(
    /\\(?:([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g,
    (_, octal, hex, short, long, simple) => {
      const code = octal !== undefined ? Number.parseInt(octal as string, 8) : Number.parseInt((hex ?? short ?? long ?? '0') as string, 16);
      if (simple === undefined) return String.fromCodePoint(Math.min(code, 0x10ffff));
      const character = SIMPLE[simple as string];
      if (character === undefined) throw new BuiltinError('template: an unknown escape');
      return character;
    },
  );
}
