import { createRequire } from 'node:module';
import { isArray, RegoNumber, RegoObject, type Term, textEntries } from '../terms/index.js';
import { BuiltinError, BuiltinHalt } from './builtin.js';
import { fromJson } from './from-json.js';
import { writeGoJson } from './go-json.js';
import { type GoUrl, parseUrl, resolvedUrl, urlText } from './go-url.js';
import { isWhole } from './json-schema-numbers.js';
import { type RegularExpression, regularExpression } from './regular-expression.js';

// JSON Schema drafts 4, 6 and 7 as OPA's fork of gojsonschema compiles it, with its messages: a part that no draft is named for is read as a mixture
// of all. What is remote is not fetched.

const require = createRequire(import.meta.url);

/** A draft by its number; a schema that names none is read as all of them. */
const HYBRID = 2 ** 31 - 1;

/** A compiled schema. */
export interface SubSchema {
  draft: number;
  readonly property: string;
  /** Of a schema that is `true` or `false`. */
  pass?: boolean;
  readonly types: string[];
  /** What it only refers to: then nothing else of it counts. */
  refSchema?: SubSchema;
  readonly items: SubSchema[];
  isSingleItem: boolean;
  readonly properties: SubSchema[];
  readonly numbers: Partial<Record<'multipleOf' | 'maximum' | 'exclusiveMaximum' | 'minimum' | 'exclusiveMinimum', RegoNumber>>;
  readonly sizes: Partial<Record<Size, number>>;
  pattern?: { readonly text: string; readonly expression: RegularExpression };
  format?: string;
  readonly required: string[];
  dependencies?: Map<string, readonly string[] | SubSchema>;
  additionalProperties?: boolean | SubSchema;
  readonly patternProperties: { readonly expression: RegularExpression; readonly schema: SubSchema }[];
  additionalItems?: boolean | SubSchema;
  uniqueItems: boolean;
  /** As texts of JSON whose numbers are doubles. */
  const?: string;
  enum?: readonly string[];
  readonly lists: Readonly<Record<'oneOf' | 'anyOf' | 'allOf', SubSchema[]>>;
  readonly single: Partial<Record<'propertyNames' | 'contains' | 'not' | 'if' | 'then' | 'else', SubSchema>>;
}

type Size = 'minLength' | 'maxLength' | 'minProperties' | 'maxProperties' | 'minItems' | 'maxItems';

/** JSON whose objects can be written to. */
type Json = null | boolean | string | RegoNumber | readonly Json[] | JsonObject;
type JsonObject = Map<string, Json>;

/** The schema that a document is. @throws BuiltinError with gojsonschema's message for what is no schema */
export function compileSchema(document: Term): SubSchema {
  const root = toJson(document, 0);
  const pool = new Pool(root);
  const schema = emptySchema('(Root)', pool.draftOf(root) ?? HYBRID);
  new Parser(pool).parse(root, schema, 0);
  return schema;
}

const MAX_DEPTH = 300;

function toJson(term: Term, depth: number): Json {
  if (depth > MAX_DEPTH) throw new BuiltinHalt(`a schema nests at most ${MAX_DEPTH} deep here`);
  if (term instanceof RegoObject) return new Map(textEntries(term).map(([key, member]) => [key, toJson(member, depth + 1)]));
  return isArray(term) ? term.map((item) => toJson(item, depth + 1)) : (term as Json);
}

function emptySchema(property: string, draft: number): SubSchema {
  return {
    draft,
    property,
    types: [],
    items: [],
    isSingleItem: false,
    properties: [],
    numbers: {},
    sizes: {},
    required: [],
    patternProperties: [],
    uniqueItems: false,
    lists: { oneOf: [], anyOf: [], allOf: [] },
    single: {},
  };
}

interface PoolDocument {
  readonly document: Json;
  readonly draft: number | undefined;
}

const DRAFTS = new Map([4, 6, 7].map((draft) => [`http://json-schema.org/draft-0${draft}/schema`, draft]));

/** Documents and parts of documents by what refers to them. */
class Pool {
  readonly #documents = new Map<string, PoolDocument>();

  constructor(root: Json) {
    this.#add(root, parseUrl(''));
  }

  draftOf(document: Json): number | undefined {
    if (typeof document === 'boolean') return undefined;
    if (!(document instanceof Map)) throw new BuiltinError('schema is invalid');
    const named = document.get('$schema');
    if (named === undefined) return undefined;
    if (typeof named !== 'string') throw new BuiltinError('$schema must be of type string');
    return DRAFTS.get(urlText(parseUrl(named)));
  }

  /** What a reference refers to. */
  get(reference: string): PoolDocument {
    const found = this.#documents.get(reference);
    if (found !== undefined) return found;
    const url = parseUrl(reference);
    const base = { ...url, fragment: '', rawFragment: '' };
    const document = this.#documents.get(urlText(base)) ?? this.#load(base, reference);
    const part = { document: pointed(document.document, url.fragment), draft: document.draft };
    this.#documents.set(reference, part);
    return part;
  }

  #load(base: GoUrl, reference: string): PoolDocument {
    if (base.scheme === '' || base.host === '') throw new BuiltinError(`Reference ${reference} must be canonical`);
    const draft = DRAFTS.get(urlText(base));
    // Ajv brings the drafts that it knows.
    if (draft !== 6 && draft !== 7) throw new BuiltinError(`remote reference loading disabled: ${reference}`);
    const meta = fromJson(JSON.stringify(require(`ajv/dist/refs/json-schema-draft-0${draft}.json`)));
    this.#add(toJson(meta, 0), base);
    return this.#documents.get(urlText(base)) as PoolDocument;
  }

  #add(document: Json, reference: GoUrl): void {
    const draft = this.draftOf(document);
    this.#collect(document, reference, draft);
    this.#documents.set(urlText(reference), { document, draft });
  }

  /** Makes references absolute, and remembers what has an id. */
  #collect(document: Json, reference: GoUrl, draft: number | undefined): void {
    if (isList(document)) for (const item of document) this.#collect(item, reference, draft);
    if (!(document instanceof Map)) return;
    const id = document.get(document.has('id') ? 'id' : '$id');
    const local = (typeof id === 'string' ? this.#identify(document, id, reference, draft) : undefined) ?? reference;
    const ref = document.get('$ref');
    const absolute = typeof ref === 'string' ? resolved(local, ref) : undefined;
    if (absolute !== undefined) document.set('$ref', urlText(absolute));
    for (const [key, member] of document) {
      if (key === 'const' || key === 'enum') continue;
      const isOfNames = key === 'properties' || key === 'dependencies' || key === 'patternProperties';
      if (!isOfNames) this.#collect(member, local, draft);
      else if (member instanceof Map) for (const schema of member.values()) this.#collect(schema, local, draft);
    }
  }

  #identify(document: JsonObject, id: string, reference: GoUrl, draft: number | undefined): GoUrl | undefined {
    const local = resolved(reference, id);
    if (local === undefined) return undefined;
    const text = urlText(local);
    if (this.#documents.has(text)) throw new BuiltinError(`Reference already exists: "${text}"`);
    this.#documents.set(text, { document, draft });
    return local;
  }
}

function resolved(base: GoUrl, reference: string): GoUrl | undefined {
  try {
    return parseUrl(urlText(resolvedUrl({ ...base, fragment: '', rawFragment: '' }, parseUrl(reference))));
  } catch (cause) {
    if (cause instanceof BuiltinError) return undefined;
    throw cause;
  }
}

/** What a JSON pointer points at (RFC 6901); a fragment that is none points at all. */
function pointed(document: Json, fragment: string): Json {
  let node = document;
  for (const token of fragment.startsWith('/') ? fragment.slice(1).split('/') : []) {
    const key = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (node instanceof Map) {
      const member = node.get(key);
      if (member === undefined) throw new BuiltinError(`Object has no key '${key}'`);
      node = member;
    } else if (isList(node)) {
      if (!/^[+-]?[0-9]{1,18}$/.test(token)) throw new BuiltinError(`Invalid array index '${token}'`);
      const item = node[Number(token)];
      if (item === undefined) throw new BuiltinError(`Out of bound array[0,${node.length}] index '${Number(token)}'`);
      node = item;
    } else throw new BuiltinError(`Invalid token reference '${token}'`);
  }
  return node;
}

function isList(json: Json | undefined): json is readonly Json[] {
  return Array.isArray(json);
}

type Keyword = (parser: Parser, value: Json, schema: SubSchema, object: JsonObject, depth: number) => void;

class Parser {
  readonly #pool: Pool;
  readonly #known = new Map<string, SubSchema>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  parse(node: Json, schema: SubSchema, depth: number): void {
    if (depth > MAX_DEPTH) throw new BuiltinHalt(`a schema nests at most ${MAX_DEPTH} deep here`);
    if (typeof node === 'boolean' && schema.draft >= 6) {
      schema.pass = node;
      return;
    }
    if (!(node instanceof Map)) throw new BuiltinError('Expected: Valid Schema, given: Invalid JSON');
    const idKey = schema.draft === 4 || (schema.draft === HYBRID && node.has('id')) ? 'id' : '$id';
    const id = textAt(node, idKey);
    if (id !== undefined) parseUrl(id);
    for (const [key, keyword] of BEFORE_REFERENCE) if (node.has(key)) keyword(this, node.get(key) as Json, schema, node, depth);
    const ref = textAt(node, '$ref');
    if (ref !== undefined && this.#refers(urlText(parseUrl(ref)), schema, depth)) return;
    for (const [key, keyword] of KEYWORDS) if (node.has(key)) keyword(this, node.get(key) as Json, schema, node, depth);
  }

  child(node: Json, property: string, parent: SubSchema, depth: number): SubSchema {
    const schema = emptySchema(property, parent.draft);
    this.parse(node, schema, depth + 1);
    return schema;
  }

  /** Whether the rest of the schema is passed over: it is not where the reference was met before. */
  #refers(reference: string, schema: SubSchema, depth: number): boolean {
    const known = this.#known.get(reference);
    if (known !== undefined) {
      schema.refSchema = known;
      return false;
    }
    const target = emptySchema('$ref', schema.draft);
    this.#known.set(reference, target);
    const { document, draft } = this.#pool.get(reference);
    target.draft = draft ?? schema.draft;
    if (typeof document !== 'boolean' && !(document instanceof Map)) throw new BuiltinError('Valid Schema must be of type object');
    this.parse(document, target, depth + 1);
    schema.refSchema = target;
    return true;
  }
}

function textAt(object: JsonObject, key: string): string | undefined {
  const value = object.get(key);
  if (value !== undefined && typeof value !== 'string') throw invalidType('string', key);
  return value;
}

function invalidType(expected: string, given: string): BuiltinError {
  return new BuiltinError(`Invalid type. Expected: ${expected}, given: ${given}`);
}

function isSchema(json: Json): boolean {
  return typeof json === 'boolean' || json instanceof Map;
}

const asText: Keyword = (_parser, value, _schema, object) => {
  if (typeof value !== 'string') for (const key of ['title', 'description']) textAt(object, key);
};

const BEFORE_REFERENCE: readonly (readonly [string, Keyword])[] = [
  [
    'definitions',
    (parser, value, schema, _object, depth) => {
      if (!(value instanceof Map)) throw invalidType('Array Of Schemas', 'definitions');
      for (const definition of value.values()) {
        if (!isSchema(definition)) throw invalidType('Array Of Schemas', 'definitions');
        parser.child(definition, 'definitions', schema, depth);
      }
    },
  ],
  ['title', asText],
  ['description', asText],
];

const TYPES = ['array', 'boolean', 'integer', 'number', 'null', 'object', 'string'];

function addType(schema: SubSchema, type: Json): void {
  if (typeof type !== 'string') throw invalidType('type', 'string/Array Of Strings');
  if (!TYPES.includes(type)) {
    throw new BuiltinError(`has a primitive type that is NOT VALID -- given: /${type}/ Expected valid values are:[${TYPES.join(' ')}]`);
  }
  if (schema.types.includes(type)) throw new BuiltinError(`${type} type is duplicated`);
  schema.types.push(type);
}

/** A keyword that is a flag or a schema. */
function flagOrSchema(key: 'additionalProperties' | 'additionalItems'): readonly [string, Keyword] {
  return [
    key,
    (parser, value, schema, _object, depth) => {
      if (typeof value === 'boolean') schema[key] = value;
      else if (value instanceof Map) schema[key] = parser.child(value, key, schema, depth);
      else throw invalidType('boolean/Valid Schema', key);
    },
  ];
}

/** A keyword that is a schema, from a draft on. */
function schemaKeyword(key: keyof SubSchema['single'], since: number, fault: () => BuiltinError): readonly [string, Keyword] {
  return [
    key,
    (parser, value, schema, _object, depth) => {
      if (schema.draft < since) return;
      if (!isSchema(value)) throw fault();
      schema.single[key] = parser.child(value, key, schema, depth);
    },
  ];
}

/** A keyword that is a list of schemas. */
function listKeyword(key: keyof SubSchema['lists']): readonly [string, Keyword] {
  return [
    key,
    (parser, value, schema, _object, depth) => {
      if (!isList(value)) throw mustBe(key, 'an array');
      for (const item of value) schema.lists[key].push(parser.child(item, key, schema, depth));
    },
  ];
}

function mustBe(key: string, what: string): BuiltinError {
  return new BuiltinError(`${key} must be of ${what}`);
}

/** A keyword that is a whole number, not negative, and not less than the one that it goes with. */
function sizeKeyword(key: Size, least?: Size): readonly [string, Keyword] {
  return [
    key,
    (_parser, value, schema) => {
      const size = value instanceof RegoNumber && isWhole(value) ? value.int64 : undefined;
      if (size === undefined) throw mustBe(key, 'an integer');
      if (size < 0n) throw new BuiltinError(`${key} must be greater than or equal to 0`);
      schema.sizes[key] = Number(size);
      const other = least === undefined ? undefined : schema.sizes[least];
      if (other !== undefined && other > Number(size)) throw new BuiltinError(`${least} cannot be greater than ${key}`);
    },
  ];
}

function limitKeyword(key: 'minimum' | 'maximum'): readonly [string, Keyword] {
  return [
    key,
    (_parser, value, schema) => {
      if (!(value instanceof RegoNumber)) throw mustBe(key, 'a Number');
      schema.numbers[key] = value;
    },
  ];
}

/** In draft 4 a flag about the limit that it goes with, later a number of its own. */
function exclusiveKeyword(key: 'exclusiveMinimum' | 'exclusiveMaximum', limit: 'minimum' | 'maximum'): readonly [string, Keyword] {
  return [
    key,
    (_parser, value, { draft, numbers }) => {
      if (value instanceof RegoNumber && draft !== 4) numbers[key] = value;
      else if (typeof value !== 'boolean' || (draft !== 4 && draft !== HYBRID)) {
        throw invalidType(draft === 4 ? 'boolean' : draft === HYBRID ? 'boolean/number' : 'number', key);
      } else if (numbers[limit] === undefined) throw new BuiltinError(`${key} cannot be used without ${limit}`);
      else if (value) {
        numbers[key] = numbers[limit];
        delete numbers[limit];
      }
    },
  ];
}

function expressionOf(pattern: string, fault: string): RegularExpression {
  try {
    return regularExpression(pattern);
  } catch (cause) {
    throw new BuiltinError(fault, { cause });
  }
}

function dependencyOf(parser: Parser, value: Json, key: string, schema: SubSchema, depth: number): readonly string[] | SubSchema {
  if (isList(value) && value.every((item) => typeof item === 'string')) return value;
  if (isList(value) || !isSchema(value)) throw new BuiltinError('Dependency must be of type Schema Or Array Of Strings');
  return parser.child(value, key, schema, depth);
}

/** Of different texts, or a fault. */
function uniqueTexts(texts: readonly string[], key: string): readonly string[] {
  if (new Set(texts).size < texts.length) throw new BuiltinError(`${key} items must be unique`);
  return texts;
}

/** In the order in which gojsonschema looks at them: the first fault is the one that is told. */
const KEYWORDS: readonly (readonly [string, Keyword])[] = [
  [
    'type',
    (_parser, value, schema) => {
      if (typeof value !== 'string' && !isList(value)) throw invalidType('type', 'string/Array Of Strings');
      for (const type of isList(value) ? value : [value]) addType(schema, type);
    },
  ],
  [
    'properties',
    (parser, value, schema, _object, depth) => {
      if (!(value instanceof Map)) throw new BuiltinError('Properties must be of type object');
      for (const [name, property] of value) schema.properties.push(parser.child(property, name, schema, depth));
    },
  ],
  flagOrSchema('additionalProperties'),
  [
    'patternProperties',
    (parser, value, schema, _object, depth) => {
      if (!(value instanceof Map)) throw invalidType('Valid Schema', 'patternProperties');
      for (const [pattern, property] of value) {
        const expression = expressionOf(pattern, `Invalid regex pattern '${pattern}'`);
        schema.patternProperties.push({ expression, schema: parser.child(property, pattern, schema, depth) });
      }
    },
  ],
  schemaKeyword('propertyNames', 6, () => invalidType('Valid Schema', 'patternProperties')),
  [
    'dependencies',
    (parser, value, schema, _object, depth) => {
      if (!(value instanceof Map)) throw new BuiltinError('dependencies must be of type object');
      schema.dependencies = new Map([...value].map(([key, dependency]) => [key, dependencyOf(parser, dependency, key, schema, depth)]));
    },
  ],
  [
    'items',
    (parser, value, schema, _object, depth) => {
      schema.isSingleItem = !isList(value);
      for (const item of isList(value) ? value : [value]) {
        if (!isSchema(item)) throw invalidType('Valid Schema/Array Of Schemas', 'items');
        schema.items.push(parser.child(item, 'items', schema, depth));
      }
    },
  ],
  flagOrSchema('additionalItems'),
  [
    'multipleOf',
    (_parser, value, schema) => {
      if (!(value instanceof RegoNumber)) throw invalidType('Number', 'multipleOf');
      if (value.decimal.digits === '' || value.decimal.negative) throw new BuiltinError('multipleOf must be strictly greater than 0');
      schema.numbers.multipleOf = value;
    },
  ],
  limitKeyword('minimum'),
  exclusiveKeyword('exclusiveMinimum', 'minimum'),
  limitKeyword('maximum'),
  exclusiveKeyword('exclusiveMaximum', 'maximum'),
  sizeKeyword('minLength'),
  sizeKeyword('maxLength', 'minLength'),
  [
    'pattern',
    (_parser, value, schema) => {
      if (typeof value !== 'string') throw invalidType('string', 'pattern');
      schema.pattern = { text: value, expression: expressionOf(value, 'pattern must be a valid regex') };
    },
  ],
  [
    'format',
    (_parser, value, schema) => {
      if (typeof value !== 'string') throw invalidType('string', 'format');
      schema.format = value;
    },
  ],
  sizeKeyword('minProperties'),
  sizeKeyword('maxProperties', 'minProperties'),
  [
    'required',
    (_parser, value, schema) => {
      if (!isList(value)) throw mustBe('required', 'an array');
      const texts = value.map((item) => {
        if (typeof item !== 'string') throw invalidType('string', 'required');
        return item;
      });
      schema.required.push(...uniqueTexts(texts, 'required'));
    },
  ],
  sizeKeyword('minItems'),
  sizeKeyword('maxItems'),
  [
    'uniqueItems',
    (_parser, value, schema) => {
      if (typeof value !== 'boolean') throw mustBe('uniqueItems', 'a boolean');
      schema.uniqueItems = value;
    },
  ],
  schemaKeyword('contains', 6, () => new BuiltinError('Expected: Valid Schema, given: Invalid JSON')),
  [
    'const',
    (_parser, value, schema) => {
      if (schema.draft >= 6) schema.const = doubledJson(fromTree(value));
    },
  ],
  [
    'enum',
    (_parser, value, schema) => {
      if (!isList(value)) throw mustBe('enum', 'an array');
      schema.enum = uniqueTexts(
        value.map((item) => doubledJson(fromTree(item))),
        'enum',
      );
    },
  ],
  listKeyword('oneOf'),
  listKeyword('anyOf'),
  listKeyword('allOf'),
  schemaKeyword('not', 0, () => mustBe('not', 'an object')),
  schemaKeyword('if', 7, () => mustBe('if', 'an object')),
  schemaKeyword('then', 7, () => mustBe('then', 'an object')),
  schemaKeyword('else', 7, () => mustBe('else', 'an object')),
];

function fromTree(json: Json): Term {
  if (json instanceof Map) return RegoObject.of([...json].map(([key, member]) => [key, fromTree(member)] as const));
  return isList(json) ? json.map(fromTree) : json;
}

/** A term as JSON with every number as the nearest double: by it terms are compared. @throws BuiltinError for a number beyond them */
export function doubledJson(term: Term): string {
  return writeGoJson(doubled(term));
}

function doubled(term: Term): Term {
  if (term instanceof RegoNumber) {
    if (!Number.isFinite(term.double)) throw new BuiltinError('a number beyond a double');
    return new RegoNumber(Object.is(term.double, -0) ? '-0' : String(term.double));
  }
  if (term instanceof RegoObject) return RegoObject.of(textEntries(term).map(([key, member]) => [key, doubled(member)] as const));
  return isArray(term) ? term.map(doubled) : term;
}
