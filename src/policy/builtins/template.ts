import { isArray, RegoNumber, RegoObject, RegoSet, type Term as RegoTerm, textEntries } from '../terms/index.js';
import { BuiltinError, BuiltinHalt, type Builtins } from './builtin.js';
import { type GoValue, sprintf } from './go-format.js';
import { queryEscape } from './go-url.js';
import { compiledOnce } from './once-compiled.js';
import { objectAt, textAt } from './operands.js';
import { type ControlNode, type Operand, type Pipeline, parseTemplate, type TemplateNode, type Term } from './template-parser.js';

/** `strings.render_template`: Go's text/template over JSON, in which numbers are texts (json.Number). */
export const templateBuiltins: Builtins = {
  'strings.render_template': (args) => {
    const [template, variables] = [textAt(args, 0), objectAt(args, 1)];
    return new Execution(valueOf(variables)).render(compiled(template)).replaceAll('<no value>', '<undefined>');
  },
};

const compiled = compiledOnce(50, parseTemplate);

/** What a template works on: JSON with its numbers as texts that know what they are, and Go's own numbers. `undefined` is no value. */
type Value = undefined | null | boolean | string | JsonNumber | bigint | number | readonly Value[] | ReadonlyMap<string, Value>;

/** Go's json.Number: a text to all that looks at it. */
class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function valueOf(term: RegoTerm): Value {
  if (term instanceof RegoNumber) return new JsonNumber(term.text);
  if (term instanceof RegoObject) return new Map(textEntries(term).map(([key, member]) => [key, valueOf(member)]));
  if (term instanceof RegoSet || isArray(term)) return Array.from(term, valueOf);
  return term;
}

/** What ends a round of a range early. */
class Leaving {
  readonly kind: 'break' | 'continue';

  constructor(kind: 'break' | 'continue') {
    this.kind = kind;
  }
}

const MAX_STEPS = 500_000;
const MAX_LENGTH = 4_000_000;

class Execution {
  readonly #root: Value;
  #variables: { name: string; value: Value }[];
  #pieces: string[] = [];
  #length = 0;
  #steps = 0;

  constructor(root: Value) {
    this.#root = root;
    this.#variables = [{ name: '$', value: root }];
  }

  render(nodes: readonly TemplateNode[]): string {
    this.#walk(nodes, this.#root);
    return this.#pieces.join('');
  }

  #write(text: string): void {
    this.#length += text.length;
    if (this.#length > MAX_LENGTH) throw new BuiltinHalt(`template: the text grows beyond ${MAX_LENGTH} characters`);
    this.#pieces.push(text);
  }

  #walk(nodes: readonly TemplateNode[], dot: Value): void {
    for (const node of nodes) {
      this.#step();
      if (node.kind === 'text') this.#write(node.text);
      else if (node.kind === 'action') {
        const value = this.#pipeline(node.pipeline, dot);
        if (node.pipeline.variables.length === 0) this.#write(printed(value, true));
      } else if (node.kind === 'break' || node.kind === 'continue') throw new Leaving(node.kind);
      else this.#scoped(() => this.#control(node, dot));
    }
  }

  #step(): void {
    this.#steps += 1;
    if (this.#steps > MAX_STEPS) throw new BuiltinHalt('template: too many steps');
  }

  #scoped(run: () => void): void {
    const before = this.#variables.length;
    try {
      run();
    } finally {
      this.#variables.length = before;
    }
  }

  #control(node: ControlNode, dot: Value): void {
    const value = node.kind === 'range' ? undefined : this.#pipeline(node.pipeline, dot);
    if (node.kind === 'range') this.#range(node, dot);
    else if (isTrue(value)) this.#walk(node.body, node.kind === 'with' ? value : dot);
    else this.#walk(node.otherwise, dot);
  }

  #range({ pipeline, body, otherwise }: ControlNode, dot: Value): void {
    const value = this.#pipeline({ ...pipeline, variables: [] }, dot);
    const entries = entriesOf(value);
    if (entries.length === 0) this.#walk(otherwise, dot);
    for (const [key, member] of entries) {
      this.#step();
      const given = pipeline.variables.length === 2 ? [key, member] : [member];
      try {
        this.#scoped(() => {
          for (const [i, name] of pipeline.variables.entries()) this.#set(name, given[i], pipeline.isAssignment);
          this.#walk(body, member);
        });
      } catch (cause) {
        if (!(cause instanceof Leaving)) throw cause;
        if (cause.kind === 'break') return;
      }
    }
  }

  #set(name: string, value: Value, isAssignment: boolean): void {
    const known = isAssignment ? this.#variables.findLast((variable) => variable.name === name) : undefined;
    if (known === undefined) this.#variables.push({ name, value });
    else known.value = value;
  }

  #pipeline({ variables, isAssignment, commands }: Pipeline, dot: Value): Value {
    let value: Value | typeof NOTHING = NOTHING;
    for (const command of commands) value = this.#command(command, dot, value);
    for (const name of variables) this.#set(name, value as Value, isAssignment);
    return value as Value;
  }

  #command([first, ...rest]: readonly Term[], dot: Value, last: Value | typeof NOTHING): Value {
    this.#step();
    const { operand, fields } = first as Term;
    if (operand.kind !== 'function') {
      if (rest.length > 0 || last !== NOTHING) throw new BuiltinError("template: can't give argument to non-function");
      return this.#term(first as Term, dot);
    }
    const value = this.#call(operand.name, rest, dot, last);
    return fields.reduce<Value>(fieldOf, value);
  }

  /** `and` and `or` look at no more than they need. */
  #call(name: string, args: readonly Term[], dot: Value, last: Value | typeof NOTHING): Value {
    const lazy = args.map((arg) => (): Value => this.#term(arg, dot));
    const all = last === NOTHING ? lazy : [...lazy, () => last];
    if (name !== 'and' && name !== 'or') {
      const given = all.map((arg) => arg());
      return call(name, given);
    }
    if (all.length === 0) throw new BuiltinError(`template: wrong number of args for ${name}`);
    let value: Value;
    for (const arg of all) {
      value = arg();
      if (isTrue(value) === (name === 'or')) return value;
    }
    return value;
  }

  #term({ operand, fields }: Term, dot: Value): Value {
    return fields.reduce<Value>(fieldOf, this.#operand(operand, dot));
  }

  #operand(operand: Operand, dot: Value): Value {
    switch (operand.kind) {
      case 'literal':
        return operand.value;
      case 'dot':
        return dot;
      case 'variable':
        return this.#variables.findLast(({ name }) => name === operand.name)?.value;
      case 'function':
        return this.#call(operand.name, [], dot, NOTHING);
      default:
        return this.#pipeline(operand.pipeline, dot);
    }
  }
}

const NOTHING = Symbol('nothing');

function fieldOf(value: Value, field: string): Value {
  // Of what is not there nothing is asked; of what is nothing, nothing can be.
  if (value === undefined) return undefined;
  if (!isMap(value)) throw new BuiltinError(`template: can't evaluate field ${field}`);
  return value.get(field);
}

function isMap(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map;
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function isTrue(value: Value): boolean {
  if (isMap(value)) return value.size > 0;
  if (isList(value)) return value.length > 0;
  return value instanceof JsonNumber ? value.text !== '' : Boolean(value);
}

function entriesOf(value: Value): [Value, Value][] {
  if (isMap(value)) return [...value];
  if (isList(value)) return value.map((member, i) => [BigInt(i), member]);
  if (typeof value === 'bigint') {
    if (value > BigInt(MAX_STEPS)) throw new BuiltinHalt('template: too many steps');
    return Array.from({ length: Math.max(Number(value), 0) }, (_, i) => [BigInt(i), BigInt(i)]);
  }
  if (value === undefined || value === null) return [];
  throw new BuiltinError("template: range can't iterate over this");
}

/** As Go's fmt prints it; at the top nothing is told. */
function printed(value: Value, isTop: boolean): string {
  if (value === undefined || value === null) return isTop ? '<no value>' : '<nil>';
  if (isMap(value)) return `map[${Array.from(value, ([key, member]) => `${key}:${printed(member, false)}`).join(' ')}]`;
  if (isList(value)) return `[${value.map((member) => printed(member, false)).join(' ')}]`;
  if (value instanceof JsonNumber) return value.text;
  return typeof value === 'number' ? sprintf('%v', [value]) : String(value);
}

function goValue(value: Value): GoValue {
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'string') return value;
  return printed(value, false);
}

function call(name: string, args: readonly Value[]): Value {
  const [first] = args;
  switch (name) {
    case 'not':
      return !isTrue(one(args));
    case 'len':
      return lengthOf(one(args));
    case 'index':
      return args.slice(1).reduce<Value>(indexed, first);
    case 'slice':
      return sliced(args);
    case 'print':
      return spaced(args);
    case 'println':
      return `${args.map((arg) => printed(arg, false)).join(' ')}\n`;
    case 'printf':
      if (typeof first !== 'string') throw new BuiltinError('template: printf needs a format');
      return sprintf(first, args.slice(1).map(goValue));
    case 'html':
      return spaced(args)
        .replaceAll('\0', '\ufffd')
        .replace(/[&<>"']/g, (character) => HTML[character] as string);
    case 'js':
      return spaced(args).replace(/[\\'"<>&=]|[^\P{Cc}\x7f-\x9f]/gu, jsEscape);
    case 'urlquery':
      return queryEscape(spaced(args));
    case 'eq':
      if (args.length < 2) throw new BuiltinError('template: missing argument for comparison');
      return args.slice(1).some((arg) => isEqual(first, arg));
    case 'ne':
      return !isEqual(first, pair(args));
    default:
      return compared(name, first, pair(args));
  }
}

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };

function jsEscape(character: string): string {
  if (character === '\\' || character === "'" || character === '"') return `\\${character}`;
  return `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}

function one(args: readonly Value[]): Value {
  if (args.length !== 1) throw new BuiltinError('template: wrong number of args');
  return args[0];
}

function pair(args: readonly Value[]): Value {
  if (args.length !== 2) throw new BuiltinError('template: wrong number of args for a comparison');
  return args[1];
}

/** Go's Sprint: blanks between what are no texts. */
function spaced(args: readonly Value[]): string {
  return args.map((arg, i) => `${i > 0 && !isText(arg) && !isText(args[i - 1]) ? ' ' : ''}${printed(arg, false)}`).join('');
}

function isText(value: Value): boolean {
  return typeof value === 'string' || value instanceof JsonNumber;
}

function lengthOf(value: Value): bigint {
  if (isMap(value)) return BigInt(value.size);
  if (isList(value)) return BigInt(value.length);
  const text = value instanceof JsonNumber ? value.text : value;
  if (typeof text !== 'string') throw new BuiltinError('template: len of what has none');
  return BigInt(Buffer.byteLength(text));
}

function indexed(value: Value, key: Value): Value {
  if (isMap(value)) {
    if (typeof key !== 'string') throw new BuiltinError('template: a key that is no text');
    return value.get(key);
  }
  const list = typeof value === 'string' ? Array.from(Buffer.from(value), BigInt) : value;
  if (!isList(list) || typeof key !== 'bigint' || key < 0n || key >= BigInt(list.length))
    throw new BuiltinError('template: index out of range');
  return list[Number(key)];
}

function sliced([value, ...bounds]: readonly Value[]): Value {
  const bytes = typeof value === 'string' ? Buffer.from(value) : undefined;
  const list = isList(value) ? value : [];
  const length = bytes?.length ?? (isList(value) ? list.length : -1);
  const [start, end] = [Number(bounds[0] ?? 0n), Number(bounds[1] ?? BigInt(Math.max(length, 0)))];
  const isInside = bounds.length <= 2 && bounds.every((bound) => typeof bound === 'bigint') && start >= 0 && start <= end && end <= length;
  if (!isInside) throw new BuiltinError('template: slice out of range');
  return bytes?.subarray(start, end).toString('utf8') ?? list.slice(start, end);
}

/** Kinds that Go compares with each other; lists and objects it does not. */
function basicKind(value: Value): string {
  if (typeof value === 'string' || value instanceof JsonNumber) return 'string';
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean') return typeof value;
  throw new BuiltinError('template: invalid type for comparison');
}

function plain(value: Value): string | bigint | number | boolean {
  return value instanceof JsonNumber ? value.text : (value as string | bigint | number | boolean);
}

function isEqual(a: Value, b: Value): boolean {
  const isNothing = (value: Value): boolean => value === undefined || value === null;
  if (isNothing(a) || isNothing(b)) return isNothing(a) && isNothing(b);
  if (basicKind(a) !== basicKind(b)) throw new BuiltinError('template: incompatible types for comparison');
  return plain(a) === plain(b);
}

function compared(name: string, a: Value, b: Value): boolean {
  const kind = basicKind(a);
  if (kind !== basicKind(b) || kind === 'boolean') throw new BuiltinError('template: incompatible types for comparison');
  const order =
    kind === 'string'
      ? Buffer.compare(Buffer.from(plain(a) as string), Buffer.from(plain(b) as string))
      : Number(plain(a)) - Number(plain(b));
  if (name === 'lt') return order < 0;
  if (name === 'le') return order <= 0;
  return name === 'gt' ? order > 0 : order >= 0;
}
