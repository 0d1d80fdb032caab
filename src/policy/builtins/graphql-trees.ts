import { isArray, kindOf, RegoNumber, RegoObject, type Term } from '../terms/index.js';
import { BuiltinError, BuiltinHalt } from './builtin.js';
import type { Node, NodeValue } from './graphql-parser.js';

// Trees that a policy hands in, read as Go reads their JSON into gqlparser's types: unknown fields are passed over, fields of another kind are a fault.
// Every selection is read as a field, also what was a fragment: so does gqlparser.

type Shape = 'text' | 'flag' | 'number' | 'texts' | Fields | readonly [Fields];

interface Fields {
  readonly [field: string]: Shape | (() => Shape);
}

const TYPE: Fields = { NamedType: 'text', Elem: () => TYPE, NonNull: 'flag' };
const CHILD: Fields = { Name: 'text', Value: () => VALUE };
const VALUE: Fields = { Raw: 'text', Kind: 'number', Children: () => [CHILD], ExpectedTypeHasDefault: 'flag' };
const DIRECTIVE: Fields = { Name: 'text', Arguments: [CHILD], Location: 'text' };
const VARIABLE: Fields = { Variable: 'text', Type: TYPE, DefaultValue: VALUE, Directives: [DIRECTIVE], Used: 'flag' };
const SELECTION: Fields = { Alias: 'text', Name: 'text', Arguments: [CHILD], Directives: [DIRECTIVE], SelectionSet: () => [SELECTION] };
const OPERATION: Fields = {
  Operation: 'text',
  Name: 'text',
  VariableDefinitions: [VARIABLE],
  Directives: [DIRECTIVE],
  SelectionSet: [SELECTION],
};
const FRAGMENT: Fields = {
  Name: 'text',
  VariableDefinition: [VARIABLE],
  TypeCondition: 'text',
  Directives: [DIRECTIVE],
  SelectionSet: [SELECTION],
};
const ARGUMENT: Fields = { Description: 'text', Name: 'text', DefaultValue: VALUE, Type: TYPE, Directives: [DIRECTIVE] };
const FIELD: Fields = { ...ARGUMENT, Arguments: [ARGUMENT] };
const ENUM_VALUE: Fields = { Description: 'text', Name: 'text', Directives: [DIRECTIVE] };
const DEFINITION: Fields = {
  Kind: 'text',
  Description: 'text',
  Name: 'text',
  Directives: [DIRECTIVE],
  Interfaces: 'texts',
  Fields: [FIELD],
  Types: 'texts',
  EnumValues: [ENUM_VALUE],
  BuiltIn: 'flag',
};
const SCHEMA: Fields = { Description: 'text', Directives: [DIRECTIVE], OperationTypes: [{ Operation: 'text', Type: 'text' }] };
const DIRECTIVE_DEFINITION: Fields = { Description: 'text', Name: 'text', Arguments: [ARGUMENT], Locations: 'texts', IsRepeatable: 'flag' };

/** The document that a tree of a query stands for. @throws BuiltinError for what is no such tree */
export function queryOfTree(tree: RegoObject): Node {
  return read(tree, { Operations: [OPERATION], Fragments: [FRAGMENT] }, 0) as Node;
}

/** The document that a tree of a schema stands for. @throws BuiltinError for what is no such tree */
export function schemaOfTree(tree: RegoObject): Node {
  return read(
    tree,
    {
      Schema: [SCHEMA],
      SchemaExtension: [SCHEMA],
      Directives: [DIRECTIVE_DEFINITION],
      Definitions: [DEFINITION],
      Extensions: [DEFINITION],
    },
    0,
  ) as Node;
}

const MAX_DEPTH = 400;

/** What a field that is not there holds in Go. */
const ZEROS: Readonly<Record<string, NodeValue>> = { text: '', flag: false, number: 0 };

function read(term: Term | undefined, shape: Shape, depth: number): NodeValue {
  if (depth > MAX_DEPTH) throw new BuiltinHalt(`a tree nests at most ${MAX_DEPTH} deep here`);
  if (term === undefined || term === null) return typeof shape === 'string' ? ZEROS[shape] : undefined;
  if (shape === 'text' && typeof term === 'string') return term;
  if (shape === 'flag' && typeof term === 'boolean') return term;
  if (shape === 'number' && term instanceof RegoNumber && term.int64 !== undefined) return Number(term.int64);
  if (shape === 'texts' && isArray(term) && term.every((item) => typeof item === 'string')) return term;
  if (Array.isArray(shape) && isArray(term)) return term.map((item) => read(item, (shape as readonly [Fields])[0], depth + 1));
  if (typeof shape !== 'object' || Array.isArray(shape) || !(term instanceof RegoObject))
    throw new BuiltinError(`a tree with ${kindOf(term)} where it has something else`);
  return Object.fromEntries(
    Object.entries(shape as Fields).map(([field, inner]) => [
      field,
      read(term.get(field), typeof inner === 'function' ? inner() : inner, depth + 1),
    ]),
  );
}
