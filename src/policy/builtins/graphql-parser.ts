import { BuiltinError, BuiltinHalt } from './builtin.js';
import { type Token, tokensOf } from './graphql-tokens.js';

// A port of the parser of gqlparser (github.com/vektah/gqlparser v2), which OPA uses: what it makes of a document is what policies see, comments
// and all. Fields are named as there; what has no value there is left out here.

/** A node of gqlparser's trees. */
export interface Node {
  readonly [field: string]: NodeValue;
}

/** What a field of a node holds. */
export type NodeValue = string | number | boolean | Node | readonly NodeValue[] | undefined;

const MAX_DEPTH = 200;
const MAX_QUERY_TOKENS = 4000;
const MAX_SCHEMA_TOKENS = 100_000;

/** gqlparser's numbers of kinds of values. */
export const KIND = { variable: 0, int: 1, float: 2, string: 3, block: 4, boolean: 5, null: 6, enum: 7, list: 8, object: 9 } as const;

/** The operations and fragments of a document. @throws BuiltinError for what is no document of operations and fragments */
export function parseQueryDocument(text: string): Node {
  return new Parser(tokensOf(text, MAX_QUERY_TOKENS)).query();
}

/** The types and directives of a document. @throws BuiltinError for what is no document of types and directives */
export function parseSchemaDocument(text: string): Node {
  return new Parser(tokensOf(text, MAX_SCHEMA_TOKENS)).schema();
}

interface Description {
  readonly text: string;
  readonly comments: Node | undefined;
}

const NO_DESCRIPTION: Description = { text: '', comments: undefined };
const OPERATIONS: readonly string[] = ['query', 'mutation', 'subscription'];
const LOCATIONS: readonly string[] = [
  ...[
    'QUERY',
    'MUTATION',
    'SUBSCRIPTION',
    'FIELD',
    'FRAGMENT_DEFINITION',
    'FRAGMENT_SPREAD',
    'INLINE_FRAGMENT',
    'VARIABLE_DEFINITION',
    'SCHEMA',
  ],
  ...[
    'SCALAR',
    'OBJECT',
    'FIELD_DEFINITION',
    'ARGUMENT_DEFINITION',
    'INTERFACE',
    'UNION',
    'ENUM',
    'ENUM_VALUE',
    'INPUT_OBJECT',
    'INPUT_FIELD_DEFINITION',
  ],
];
const KINDS: Readonly<Record<string, string>> = {
  scalar: 'SCALAR',
  type: 'OBJECT',
  interface: 'INTERFACE',
  union: 'UNION',
  enum: 'ENUM',
  input: 'INPUT_OBJECT',
};

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  query(): Node {
    const [operations, fragments]: [Node[], Node[]] = [[], []];
    while (this.#peek.kind !== 'end') {
      if (this.#peeksName('fragment')) fragments.push(this.#fragmentDefinition());
      else operations.push(this.#operation());
    }
    return { Operations: operations, Fragments: fragments };
  }

  schema(): Node {
    const lists: Record<'Schema' | 'SchemaExtension' | 'Directives' | 'Definitions' | 'Extensions', Node[]> = {
      Schema: [],
      SchemaExtension: [],
      Directives: [],
      Definitions: [],
      Extensions: [],
    };
    while (this.#peek.kind !== 'end') {
      const description = this.#description();
      const keyword = this.#peek.kind === 'name' ? this.#peek.value : '';
      if (KINDS[keyword] !== undefined) lists.Definitions.push(this.#definition(description));
      else if (keyword === 'schema') lists.Schema.push(this.#schemaDefinition(description));
      else if (keyword === 'directive') lists.Directives.push(this.#directiveDefinition(description));
      else if (keyword === 'extend' && description.text === '') {
        const comments = this.#comments;
        this.#next();
        if (this.#peeksName('schema')) lists.SchemaExtension.push(this.#schemaExtension(comments));
        else lists.Extensions.push(this.#extension(comments));
      } else throw this.#unexpected();
    }
    return { ...lists, Comment: this.#comments };
  }

  get #peek(): Token {
    return this.#tokens[Math.min(this.#at, this.#tokens.length - 1)] as Token;
  }

  /** The comments before the next token. */
  get #comments(): Node | undefined {
    const { comments } = this.#peek;
    return comments.length === 0 ? undefined : { List: comments.map((Value) => ({ Value })) };
  }

  #next(): Token {
    const token = this.#peek;
    this.#at += 1;
    return token;
  }

  #peeksName(name: string): boolean {
    return this.#peek.kind === 'name' && this.#peek.value === name;
  }

  #skips(kind: Token['kind']): boolean {
    if (this.#peek.kind !== kind) return false;
    this.#at += 1;
    return true;
  }

  #expect(kind: Token['kind'], value?: string): Token {
    if (this.#peek.kind !== kind || (value !== undefined && this.#peek.value !== value)) throw this.#unexpected();
    return this.#next();
  }

  #name(): string {
    return this.#expect('name').value;
  }

  /** What stands between two marks, at least once; nothing if the first does not stand there. With it the comments before the second. */
  #some(open: Token['kind'], close: Token['kind'], read: () => Node): { nodes: Node[]; comments: Node | undefined } {
    const nodes: Node[] = [];
    if (!this.#skips(open)) return { nodes, comments: undefined };
    while (this.#peek.kind !== close) nodes.push(this.#deeper(read));
    if (nodes.length === 0) throw this.#unexpected();
    const comments = this.#comments;
    this.#next();
    return { nodes, comments };
  }

  #many(open: Token['kind'], close: Token['kind'], read: () => Node): Node[] {
    const nodes: Node[] = [];
    this.#expect(open);
    while (!this.#skips(close)) nodes.push(this.#deeper(read));
    return nodes;
  }

  #deeper<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new BuiltinHalt(`a GraphQL document nests at most ${MAX_DEPTH} deep here`);
    const node = read();
    this.#depth -= 1;
    return node;
  }

  #unexpected(): BuiltinError {
    return new BuiltinError(`GraphQL: an unexpected token, the ${this.#at + 1}. of the document`);
  }

  #operation(): Node {
    if (this.#peek.kind === '{') return { Operation: 'query', Name: '', SelectionSet: this.#selections() };
    const comment = this.#comments;
    const operation = this.#operationType();
    return {
      Operation: operation,
      Name: this.#peek.kind === 'name' ? this.#next().value : '',
      VariableDefinitions: this.#variables(),
      Directives: this.#directives(false),
      SelectionSet: this.#selections(),
      Comment: comment,
    };
  }

  #operationType(): string {
    const name = this.#name();
    if (!OPERATIONS.includes(name)) throw this.#unexpected();
    return name;
  }

  #variables(): Node[] {
    return this.#some('(', ')', () => {
      const comment = this.#comments;
      this.#expect('$');
      const variable = this.#name();
      this.#expect(':');
      return {
        Variable: variable,
        Type: this.#type(),
        DefaultValue: this.#skips('=') ? this.#value(true) : undefined,
        Directives: this.#directives(false),
        Comment: comment,
        Used: false,
      };
    }).nodes;
  }

  #selections(): Node[] {
    if (this.#peek.kind !== '{') throw this.#unexpected();
    return this.#some('{', '}', () => (this.#peek.kind === '...' ? this.#fragment() : this.#field())).nodes;
  }

  #field(): Node {
    const comment = this.#comments;
    const alias = this.#name();
    return {
      Alias: alias,
      Name: this.#skips(':') ? this.#name() : alias,
      Arguments: this.#arguments(false),
      Directives: this.#directives(false),
      SelectionSet: this.#peek.kind === '{' ? this.#selections() : undefined,
      Comment: comment,
    };
  }

  #fragment(): Node {
    const comment = this.#comments;
    this.#expect('...');
    if (this.#peek.kind === 'name' && this.#peek.value !== 'on')
      return { Name: this.#name(), Directives: this.#directives(false), Comment: comment };
    return {
      TypeCondition: this.#peeksName('on') && this.#next() ? this.#name() : '',
      Directives: this.#directives(false),
      SelectionSet: this.#selections(),
      Comment: comment,
    };
  }

  #fragmentDefinition(): Node {
    const comment = this.#comments;
    this.#expect('name', 'fragment');
    if (this.#peeksName('on')) throw this.#unexpected();
    const [name, variables] = [this.#name(), this.#variables()];
    this.#expect('name', 'on');
    return {
      Name: name,
      VariableDefinition: variables,
      TypeCondition: this.#name(),
      Directives: this.#directives(false),
      SelectionSet: this.#selections(),
      Comment: comment,
    };
  }

  #arguments(isConst: boolean): Node[] {
    return this.#some('(', ')', () => this.#named(isConst)).nodes;
  }

  #named(isConst: boolean): Node {
    const comment = this.#comments;
    const name = this.#name();
    this.#expect(':');
    return { Name: name, Value: this.#value(isConst), Comment: comment };
  }

  #value(isConst: boolean): Node {
    const comment = this.#comments;
    switch (this.#peek.kind) {
      case '[': {
        const children = this.#many('[', ']', () => ({ Name: '', Value: this.#value(isConst) }));
        return { ...literal('', KIND.list), Children: children, Comment: comment };
      }
      case '{': {
        const children = this.#many('{', '}', () => this.#named(isConst));
        return { ...literal('', KIND.object), Children: children, Comment: comment };
      }
      case '$':
        if (isConst) throw this.#unexpected();
        this.#next();
        return literal(this.#name(), KIND.variable);
      default: {
        const kind = kindOf(this.#peek);
        if (kind === undefined) throw this.#unexpected();
        return literal(this.#next().value, kind);
      }
    }
  }

  #directives(isConst: boolean): Node[] {
    const directives: Node[] = [];
    while (this.#skips('@')) directives.push({ Name: this.#name(), Arguments: this.#arguments(isConst), Location: '' });
    return directives;
  }

  #type(): Node {
    const element = this.#skips('[') ? this.#deeper(() => this.#type()) : undefined;
    if (element !== undefined) this.#expect(']');
    const name = element === undefined ? this.#name() : '';
    return { NamedType: name, Elem: element, NonNull: this.#skips('!') };
  }

  #description(): Description {
    if (this.#peek.kind !== 'string' && this.#peek.kind !== 'blockString') return NO_DESCRIPTION;
    const comments = this.#comments;
    return { text: this.#next().value, comments };
  }

  /** The description of what is described inside another, and the comments about it: without a text there are none before it. */
  #inner(): Node {
    const { text, comments } = this.#description();
    return { Description: text, BeforeDescriptionComment: text === '' ? undefined : comments, AfterDescriptionComment: this.#comments };
  }

  #definition({ text, comments }: Description): Node {
    const after = this.#comments;
    const keyword = this.#next().value;
    return { ...this.#body(keyword, true), Description: text, BeforeDescriptionComment: comments, AfterDescriptionComment: after };
  }

  #extension(comments: Node | undefined): Node {
    if (this.#peek.kind !== 'name' || KINDS[this.#peek.value] === undefined) throw this.#unexpected();
    const keyword = this.#next().value;
    const body = this.#body(keyword, keyword !== 'input');
    const isNothing = ['Interfaces', 'Directives', 'Fields', 'Types', 'EnumValues'].every(
      (field) => ((body[field] as unknown[] | undefined) ?? []).length === 0,
    );
    // An interface that is extended by interfaces only is none to gqlparser.
    if (isNothing || (keyword === 'interface' && (body['Interfaces'] as unknown[]).length > 0)) throw this.#unexpected();
    return { ...body, Description: '', AfterDescriptionComment: comments };
  }

  #body(keyword: string, isConst: boolean): Node {
    const name = this.#name();
    const interfaces = keyword === 'type' || keyword === 'interface' ? this.#interfaces() : undefined;
    const common = { Kind: KINDS[keyword], Name: name, Interfaces: interfaces, Directives: this.#directives(isConst), BuiltIn: false };
    if (keyword === 'scalar') return common;
    if (keyword === 'union') return { ...common, Types: this.#skips('=') ? this.#separated('|') : undefined };
    if (keyword === 'enum') {
      const { nodes, comments } = this.#some('{', '}', () => ({
        ...this.#inner(),
        Name: this.#name(),
        Directives: this.#directives(true),
      }));
      return { ...common, EnumValues: nodes, EndOfDefinitionComment: comments };
    }
    const { nodes, comments } = this.#some('{', '}', () => (keyword === 'input' ? this.#inputValue() : this.#fieldDefinition()));
    return { ...common, Fields: nodes, EndOfDefinitionComment: comments };
  }

  #interfaces(): string[] {
    return this.#peek.value === 'implements' && this.#next() ? this.#separated('&') : [];
  }

  #separated(mark: '&' | '|'): string[] {
    this.#skips(mark);
    const names = [this.#name()];
    while (this.#skips(mark)) names.push(this.#name());
    return names;
  }

  #fieldDefinition(): Node {
    const inner = this.#inner();
    const [name, args] = [this.#name(), this.#some('(', ')', () => this.#inputValue()).nodes];
    this.#expect(':');
    return { ...inner, Name: name, Arguments: args, Type: this.#type(), Directives: this.#directives(true) };
  }

  #inputValue(): Node {
    const inner = this.#inner();
    const name = this.#name();
    this.#expect(':');
    const type = this.#type();
    return {
      ...inner,
      Name: name,
      Type: type,
      DefaultValue: this.#skips('=') ? this.#value(true) : undefined,
      Directives: this.#directives(true),
    };
  }

  #schemaDefinition({ text, comments }: Description): Node {
    const after = this.#comments;
    this.#next();
    return { ...this.#schemaBody(), Description: text, BeforeDescriptionComment: comments, AfterDescriptionComment: after };
  }

  #schemaExtension(comments: Node | undefined): Node {
    this.#next();
    const body = this.#schemaBody();
    if ((body['Directives'] as unknown[]).length + (body['OperationTypes'] as unknown[]).length === 0) throw this.#unexpected();
    return { ...body, Description: '', AfterDescriptionComment: comments };
  }

  #schemaBody(): Node {
    const directives = this.#directives(true);
    const { nodes, comments } = this.#some('{', '}', () => {
      const comment = this.#comments;
      const operation = this.#operationType();
      this.#expect(':');
      return { Operation: operation, Type: this.#name(), Comment: comment };
    });
    return { Directives: directives, OperationTypes: nodes, EndOfDefinitionComment: comments };
  }

  #directiveDefinition({ text, comments }: Description): Node {
    const after = this.#comments;
    this.#next();
    this.#expect('@');
    const [name, args] = [this.#name(), this.#some('(', ')', () => this.#inputValue()).nodes];
    const isRepeatable = this.#peeksName('repeatable') && this.#next() !== undefined;
    this.#expect('name', 'on');
    const locations = this.#separated('|');
    if (!locations.every((location) => LOCATIONS.includes(location))) throw this.#unexpected();
    return {
      Description: text,
      Name: name,
      Arguments: args,
      Locations: locations,
      IsRepeatable: isRepeatable,
      BeforeDescriptionComment: comments,
      AfterDescriptionComment: after,
    };
  }
}

function literal(raw: string, kind: number): Node {
  return { Raw: raw, Kind: kind, ExpectedTypeHasDefault: false };
}

function kindOf({ kind, value }: Token): number | undefined {
  switch (kind) {
    case 'int':
    case 'float':
    case 'string':
      return KIND[kind];
    case 'blockString':
      return KIND.block;
    case 'name':
      if (value === 'true' || value === 'false') return KIND.boolean;
      return value === 'null' ? KIND.null : KIND.enum;
    default:
      return undefined;
  }
}
