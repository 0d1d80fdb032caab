import type { GraphQLSchema } from 'graphql';
import { isArray, kindOf, RegoNumber, RegoObject, type Term } from '../terms/index.js';
import { BuiltinError, type Builtins } from './builtin.js';
import { type Node, type NodeValue, parseQueryDocument, parseSchemaDocument } from './graphql-parser.js';
import { type Schema, schemaOf } from './graphql-schema.js';
import { queryOfTree, schemaOfTree } from './graphql-trees.js';
import { checkQuery, executable } from './graphql-validation.js';
import { compiledOnce, lazily } from './once-compiled.js';
import { textAt } from './operands.js';

/** `graphql.*`: documents as the trees of gqlparser, which OPA uses, and whether they hold. */
export const graphqlBuiltins: Builtins = {
  'graphql.parse_query': (args) => pruned(parseQueryDocument(textAt(args, 0))) ?? RegoObject.of([]),
  'graphql.parse_schema': (args) => schemaFromText(textAt(args, 0)).tree(),
  'graphql.schema_is_valid': ([schema = null]) => holds(() => readSchema(schema).schema()),
  'graphql.is_valid': ([query = null, schema = null]) => holds(() => verified(query, schema)),
  'graphql.parse': ([query = null, schema = null]) => verified(query, schema),
  'graphql.parse_and_verify': ([query = null, schema = null]) => {
    try {
      return [true, ...verified(query, schema)];
    } catch (cause) {
      if (!(cause instanceof BuiltinError)) throw cause;
      return [false, RegoObject.of([]), RegoObject.of([])];
    }
  },
};

/** What is made of a schema, each once. */
interface ReadSchema {
  readonly tree: () => Term;
  readonly schema: () => Schema;
  readonly executable: () => GraphQLSchema;
}

const schemaFromText = compiledOnce(20, (text): ReadSchema => readSchemaOf(parseSchemaDocument(text)));

function readSchema(term: Term): ReadSchema {
  if (term instanceof RegoObject) return readSchemaOf(schemaOfTree(term));
  if (typeof term !== 'string') throw new BuiltinError(`a schema must be a string or an object but is ${kindOf(term)}`);
  return schemaFromText(term);
}

function readSchemaOf(document: Node): ReadSchema {
  const schema = lazily(() => schemaOf(document));
  return { tree: lazily(() => pruned(document) ?? RegoObject.of([])), schema, executable: lazily(() => executable(schema())) };
}

function verified(queryTerm: Term, schemaTerm: Term): [Term, Term] {
  const query = readQuery(queryTerm);
  const schema = readSchema(schemaTerm);
  const { roots } = schema.schema();
  checkQuery(schema.executable(), roots, query);
  return [pruned(query) ?? RegoObject.of([]), schema.tree()];
}

function readQuery(term: Term): Node {
  if (term instanceof RegoObject) return queryOfTree(term);
  if (typeof term !== 'string') throw new BuiltinError(`a query must be a string or an object but is ${kindOf(term)}`);
  return parseQueryDocument(term);
}

function holds(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch (cause) {
    if (cause instanceof BuiltinError) return false;
    throw cause;
  }
}

/** A tree as OPA shows it: without what is empty or nothing. */
function pruned(value: NodeValue): Term | undefined {
  if (value === undefined || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return RegoNumber.of(value);
  if (Array.isArray(value)) return filled((value as readonly NodeValue[]).flatMap((item) => pruned(item) ?? []) as Term[]);
  const entries = Object.entries(value as Node).flatMap(([key, member]) => {
    const kept = pruned(member);
    return kept === undefined ? [] : [[key, kept] as const];
  });
  return entries.length === 0 ? undefined : RegoObject.of(entries);
}

function filled(items: Term[]): Term | undefined {
  return isArray(items) && items.length > 0 ? items : undefined;
}
