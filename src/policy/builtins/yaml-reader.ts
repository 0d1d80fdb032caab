import type { Alias, Document, Node, Pair, ParsedNode, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import { loadYaml } from '#settings';
import { RegoNumber, RegoObject, type Term } from '../terms/index.js';
import { BuiltinError, BuiltinHalt } from './builtin.js';
import { bigFloatText } from './json-schema-numbers.js';
import { lazily } from './once-compiled.js';
import { plainScalar, taggedScalar } from './yaml-scalars.js';

const yaml = lazily(loadYaml);

/** The parser takes seconds for more, of the kinds of text that it likes least. */
const MAX_TEXT = 200_000;
/** Nodes that may be read, those that aliases repeat too: they are how a small text becomes an endless value. */
const MAX_NODES = 200_000;
const MAX_DEPTH = 500;

/** The first document of a text, the others of which must be documents too; nothing is `null`. @throws BuiltinError for what is no YAML, or has no form in JSON */
export function readYaml(text: string): Term {
  // go-yaml takes none of these characters, and this reader takes them all.
  if (/[^\P{Cc}\t\n\r\x85]|[\ufffe\uffff]/u.test(text)) throw new BuiltinError('yaml: control characters are not allowed');
  if (text.length > MAX_TEXT) throw new BuiltinHalt(`yaml: at most ${MAX_TEXT} characters are read here`);
  if (hasDeepBrackets(text)) throw new BuiltinHalt('yaml: values too deep within each other');
  const [first] = parsed(text);
  if (first?.contents == null) return null;
  return new Reader(targetsOf(first.contents), text.endsWith('\n') ? undefined : text.length).read(first.contents, 0);
}

/** The parser would take seconds for a text that is nothing but brackets. */
function hasDeepBrackets(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    if (depth > 2 * MAX_DEPTH) return true;
    if (depth < 0) depth = 0;
  }
  return false;
}

function parsed(text: string): Document.Parsed[] {
  try {
    const documents = yaml().parseAllDocuments(text, {
      schema: 'failsafe',
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
      // Its own reading of tags is not wanted, only their names.
      resolveKnownTags: false,
    });
    if (!Array.isArray(documents)) return [];
    // go-yaml takes no directive that it does not know.
    const fault =
      documents.flatMap(({ errors }) => errors)[0] ??
      documents.flatMap(({ warnings }) => warnings).find(({ code }) => code === 'BAD_DIRECTIVE');
    if (fault !== undefined) throw new BuiltinError('yaml: no YAML', { cause: fault });
    return documents as Document.Parsed[];
  } catch (cause) {
    if (cause instanceof BuiltinError) throw cause;
    // A stack that is too deep.
    if (cause instanceof RangeError) throw new BuiltinHalt('yaml: values too deep within each other', { cause });
    throw new BuiltinError('yaml: no YAML', { cause });
  }
}

type Targets = ReadonlyMap<Alias, Node>;

/** What each alias stands for: the node that had its name last before it. */
function targetsOf(contents: ParsedNode): Targets {
  const [named, targets] = [new Map<string, Node>(), new Map<Alias, Node>()];
  yaml().visit(contents, {
    Alias: (_key, alias) => {
      const target = named.get(alias.source);
      if (target === undefined) throw new BuiltinError('yaml: an unknown anchor');
      targets.set(alias, target);
    },
    Value: (_key, node) => {
      if (node.anchor !== undefined) named.set(node.anchor, node);
    },
  });
  return targets;
}

class Reader {
  readonly #targets: Targets;
  /** Where the text ends, if it does so without a line feed. */
  readonly #end: number | undefined;
  readonly #open = new Set<Node>();
  #nodes = 0;

  constructor(targets: Targets, end: number | undefined) {
    this.#targets = targets;
    this.#end = end;
  }

  read(node: unknown, depth: number): Term {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES || depth > MAX_DEPTH) throw new BuiltinHalt('yaml: too many values, or values too deep within each other');
    const { isAlias, isMap, isSeq } = yaml();
    if (node === null || node === undefined) return null;
    if (isAlias(node)) return this.#inside(this.#target(node), (target) => this.read(target, depth + 1));
    if (isMap(node)) return this.#map(node, depth);
    if (isSeq(node)) return (node as YAMLSeq).items.map((item) => this.read(item, depth + 1));
    return this.#scalar(node as Scalar);
  }

  #scalar(node: Scalar): Term {
    const value = scalar(node);
    // A block has no line feed at its end where the text has none.
    const isCut =
      typeof value === 'string' &&
      node.type?.startsWith('BLOCK') === true &&
      (node.range?.[1] ?? 0) >= (this.#end ?? Number.POSITIVE_INFINITY);
    return isCut ? value.replace(/\n$/, '') : value;
  }

  #target(alias: Alias): Node {
    return this.#targets.get(alias) as Node;
  }

  /** What holds itself never ends. */
  #inside<T>(node: Node, read: (node: Node) => T): T {
    if (this.#open.has(node)) throw new BuiltinError('yaml: a value that contains itself');
    this.#open.add(node);
    const value = read(node);
    this.#open.delete(node);
    return value;
  }

  #map(map: YAMLMap, depth: number): RegoObject {
    const pairs = map.items as Pair<Node, Node | null>[];
    const merged = pairs.filter(({ key }) => isMerge(key)).flatMap(({ value }) => this.#merged(value, depth));
    // The first that is merged counts, and what stands here counts more.
    const entries = merged.reverse().flatMap((object) => [...object]);
    for (const { key, value } of pairs) if (!isMerge(key)) entries.push([this.#key(key, depth), this.read(value, depth + 1)]);
    return RegoObject.of(entries);
  }

  #merged(value: unknown, depth: number): RegoObject[] {
    const { isAlias, isMap, isSeq } = yaml();
    if (isSeq(value)) return (value as YAMLSeq).items.flatMap((item) => (isSeq(item) ? fail() : this.#merged(item, depth + 1)));
    const target = isAlias(value) ? this.#target(value) : value;
    if (!isMap(target)) return fail();
    const object = isAlias(value) ? this.#inside(target as Node, (inner) => this.read(inner, depth + 1)) : this.read(target, depth + 1);
    return [object as RegoObject];
  }

  #key(node: Node, depth: number): string {
    const { type, source = '' } = (node ?? {}) as Partial<Scalar>;
    const { kind, value } = plainScalar(type === 'PLAIN' ? source : 'text');
    // What is no number of JSON has a name as a key.
    if (value === undefined) return source.toLowerCase().replace('+', '');
    const key = this.read(node, depth + 1);
    if (typeof key === 'string') return key;
    if (typeof key === 'boolean') return String(key);
    if (!(key instanceof RegoNumber)) throw new BuiltinError('yaml: a key that has no form in JSON');
    return kind === 'float' || key.int64 === undefined ? floatKey(key.double) : key.text;
  }
}

function fail(): never {
  throw new BuiltinError('yaml: map merge requires map or sequence of maps as the value');
}

function isMerge(key: unknown): boolean {
  const { source, type, tag } = (key ?? {}) as Partial<Scalar>;
  return (source === '<<' && type === 'PLAIN' && (tag === undefined || tag === '!')) || tag === '!!merge';
}

function scalar({ source = '', type, tag, value }: Scalar): Term {
  const text = type === 'PLAIN' || value === null || value === undefined ? source : String(value);
  const isTagged = tag !== undefined && tag !== '!' && tag !== 'tag:yaml.org,2002:str';
  const read = isTagged ? taggedScalar(tag, text) : type === 'PLAIN' && tag !== 'tag:yaml.org,2002:str' ? plainScalar(text).value : text;
  if (read === undefined) throw new BuiltinError('yaml: a number that JSON has no form for');
  return read;
}

/** As Go writes a 32-bit float in its shortest form. */
function floatKey(value: number): string {
  const single = Math.fround(value);
  const shortest = [1, 2, 3, 4, 5, 6, 7, 8, 9]
    .map((digits) => single.toPrecision(digits))
    .find((text) => Math.fround(Number(text)) === single);
  return bigFloatText(new RegoNumber(shortest ?? String(single)));
}
