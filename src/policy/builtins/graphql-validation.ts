import { createRequire } from 'node:module';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { present } from '#domain';
import { BuiltinError } from './builtin.js';
import { KIND, type Node } from './graphql-parser.js';
import { type Definition, node, nodes, type Schema, text, texts } from './graphql-schema.js';
import { lazily } from './once-compiled.js';

const require = createRequire(import.meta.url);

/** What graphql-js needs to look at queries: gqlparser's trees as its own. */
type Tree = Readonly<Record<string, unknown>>;

/** A schema as graphql-js has it. @throws BuiltinError for one that it cannot make */
export function executable(schema: Schema): GraphQLSchema {
  const { buildASTSchema } = library();
  const definitions = [...schema.types.values()].filter(({ isBuiltIn }) => !isBuiltIn).map(definitionTree);
  const roots = [...schema.roots].map(([operation, name]) => ({ kind: 'OperationTypeDefinition', operation, type: named(name) }));
  const document = {
    kind: 'Document',
    definitions: [
      { kind: 'SchemaDefinition', operationTypes: roots },
      ...definitions,
      ...[...schema.directives.values()].map(directiveDefinition),
    ],
  };
  return guarded(() => buildASTSchema(document as unknown as DocumentNode, { assumeValid: true, assumeValidSDL: true }));
}

/** Looks at a query by the rules that gqlparser has. @throws BuiltinError for one that the schema does not allow */
export function checkQuery(schema: GraphQLSchema, roots: Schema['roots'], query: Node): void {
  const { specifiedRules, validate } = library();
  // gqlparser says so itself; graphql-js leaves it to who executes.
  if (nodes(query, 'Operations').some((operation) => !roots.has(text(operation, 'Operation'))))
    throw new BuiltinError('GraphQL: the schema has no such operation');
  const document = {
    kind: 'Document',
    definitions: [...nodes(query, 'Operations').map(operationTree), ...nodes(query, 'Fragments').map(fragmentTree)],
  };
  const errors = guarded(() => validate(schema, document as unknown as DocumentNode, specifiedRules, { maxErrors: 1 }));
  if (errors.length > 0) throw new BuiltinError('GraphQL: the query does not fit the schema', { cause: errors[0] });
}

const library = lazily(() => require('graphql') as typeof import('graphql'));

/** Trees that policies hand in may be such as no parser makes. */
function guarded<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw new BuiltinError('GraphQL: it cannot be looked at', { cause });
  }
}

function name(value: string): Tree {
  return { kind: 'Name', value };
}

function named(value: string): Tree {
  return { kind: 'NamedType', name: name(value) };
}

function typeTree(type: Node): Tree {
  const inner = type['Elem'] as Node | undefined;
  const plain = inner === undefined ? named(text(type, 'NamedType')) : { kind: 'ListType', type: typeTree(inner) };
  return type['NonNull'] === true ? { kind: 'NonNullType', type: plain } : plain;
}

const VALUE_KINDS: Readonly<Record<number, string>> = {
  [KIND.int]: 'IntValue',
  [KIND.float]: 'FloatValue',
  [KIND.string]: 'StringValue',
  [KIND.block]: 'StringValue',
  [KIND.enum]: 'EnumValue',
};

function valueTree(value: Node): Tree {
  const [kind, raw] = [value['Kind'] as number, text(value, 'Raw')];
  if (kind === KIND.variable || kind === undefined) return { kind: 'Variable', name: name(raw) };
  if (kind === KIND.boolean) return { kind: 'BooleanValue', value: raw === 'true' };
  if (kind === KIND.null) return { kind: 'NullValue' };
  const children = nodes(value, 'Children');
  if (kind === KIND.list) return { kind: 'ListValue', values: children.map((child) => valueTree(node(child, 'Value'))) };
  if (kind === KIND.object) return { kind: 'ObjectValue', fields: children.map((child) => argument('ObjectField', child)) };
  // gqlparser takes a whole number of any size for an Int; graphql-js, those of 32 bits.
  return { kind: VALUE_KINDS[kind], value: kind === KIND.int && /^-?[0-9]{1,1000}$/.test(raw) ? String(BigInt(raw) % 2n ** 31n) : raw };
}

function argument(kind: string, given: Node): Tree {
  return { kind, name: name(text(given, 'Name')), value: valueTree(node(given, 'Value')) };
}

function directives(of: Node | { readonly Directives: readonly Node[] }): Tree[] {
  return nodes(of as Node, 'Directives').map((directive) => ({
    kind: 'Directive',
    name: name(text(directive, 'Name')),
    arguments: nodes(directive, 'Arguments').map((given) => argument('Argument', given)),
  }));
}

function operationTree(operation: Node): Tree {
  const given = text(operation, 'Name');
  return {
    kind: 'OperationDefinition',
    operation: text(operation, 'Operation'),
    ...present({ name: given === '' ? undefined : name(given) }),
    variableDefinitions: variables(operation, 'VariableDefinitions'),
    directives: directives(operation),
    selectionSet: selections(operation),
  };
}

function variables(of: Node, field: string): Tree[] {
  return nodes(of, field).map((variable) => ({
    kind: 'VariableDefinition',
    variable: { kind: 'Variable', name: name(text(variable, 'Variable')) },
    type: typeTree(node(variable, 'Type')),
    ...defaultOf(variable),
    directives: directives(variable),
  }));
}

function defaultOf(of: Node): Tree {
  const value = of['DefaultValue'] as Node | undefined;
  return value === undefined ? {} : { defaultValue: valueTree(value) };
}

function selections(of: Node): Tree {
  return { kind: 'SelectionSet', selections: nodes(of, 'SelectionSet').map(selection) };
}

function selection(selected: Node): Tree {
  if (selected['Alias'] !== undefined) return fieldTree(selected);
  if (selected['TypeCondition'] === undefined)
    return { kind: 'FragmentSpread', name: name(text(selected, 'Name')), directives: directives(selected) };
  const condition = text(selected, 'TypeCondition');
  return {
    kind: 'InlineFragment',
    ...present({ typeCondition: condition === '' ? undefined : named(condition) }),
    directives: directives(selected),
    selectionSet: selections(selected),
  };
}

function fieldTree(field: Node): Tree {
  const [alias, own] = [text(field, 'Alias'), text(field, 'Name')];
  return {
    kind: 'Field',
    ...present({ alias: alias === own ? undefined : name(alias) }),
    name: name(own),
    arguments: nodes(field, 'Arguments').map((given) => argument('Argument', given)),
    directives: directives(field),
    ...present({ selectionSet: nodes(field, 'SelectionSet').length === 0 ? undefined : selections(field) }),
  };
}

function fragmentTree(fragment: Node): Tree {
  return {
    kind: 'FragmentDefinition',
    name: name(text(fragment, 'Name')),
    variableDefinitions: variables(fragment, 'VariableDefinition'),
    typeCondition: named(text(fragment, 'TypeCondition')),
    directives: directives(fragment),
    selectionSet: selections(fragment),
  };
}

const DEFINITION_KINDS: Readonly<Record<string, string>> = {
  SCALAR: 'ScalarTypeDefinition',
  OBJECT: 'ObjectTypeDefinition',
  INTERFACE: 'InterfaceTypeDefinition',
  UNION: 'UnionTypeDefinition',
  ENUM: 'EnumTypeDefinition',
  INPUT_OBJECT: 'InputObjectTypeDefinition',
};

function definitionTree(definition: Definition): Tree {
  return {
    kind: DEFINITION_KINDS[definition.kind],
    name: name(definition.name),
    directives: directives({ Directives: definition.directives }),
    interfaces: definition.interfaces.map(named),
    fields: definition.fields.map(definition.kind === 'INPUT_OBJECT' ? inputValue : fieldDefinition),
    types: definition.types.map(named),
    values: definition.values.map((value) => ({
      kind: 'EnumValueDefinition',
      name: name(text(value, 'Name')),
      directives: directives(value),
    })),
  };
}

function fieldDefinition(field: Node): Tree {
  return {
    kind: 'FieldDefinition',
    name: name(text(field, 'Name')),
    arguments: nodes(field, 'Arguments').map(inputValue),
    type: typeTree(node(field, 'Type')),
    directives: directives(field),
  };
}

function inputValue(value: Node): Tree {
  return {
    kind: 'InputValueDefinition',
    name: name(text(value, 'Name')),
    type: typeTree(node(value, 'Type')),
    ...defaultOf(value),
    directives: directives(value),
  };
}

function directiveDefinition(directive: Node): Tree {
  return {
    kind: 'DirectiveDefinition',
    name: name(text(directive, 'Name')),
    arguments: nodes(directive, 'Arguments').map(inputValue),
    repeatable: directive['IsRepeatable'] === true,
    locations: texts(directive, 'Locations').map(name),
  };
}
