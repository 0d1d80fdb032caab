import { BuiltinError } from './builtin.js';
import { KIND, type Node, parseSchemaDocument } from './graphql-parser.js';

// A port of gqlparser's ValidateSchemaDocument: which documents are schemas is what it says, not what the specification or graphql-js say (an empty
// one is, one without Query is, an extension of a type that is not there makes it).

/** A schema that holds: its types with their extensions in them. */
export interface Schema {
  readonly types: ReadonlyMap<string, Definition>;
  readonly directives: ReadonlyMap<string, Node>;
  /** The names of the types that operations begin at, by operation. */
  readonly roots: ReadonlyMap<string, string>;
}

/** A type with all of its extensions. */
export interface Definition {
  readonly kind: string;
  readonly name: string;
  readonly isBuiltIn: boolean;
  readonly directives: Node[];
  readonly interfaces: string[];
  readonly fields: Node[];
  readonly types: string[];
  readonly values: Node[];
}

/** What every schema has: gqlparser's prelude without its descriptions. */
const PRELUDE = `
scalar Int scalar Float scalar String scalar Boolean scalar ID
directive @defer(if: Boolean = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @include(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @skip(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
directive @deprecated(reason: String = "No longer supported") on FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE
directive @specifiedBy(url: String!) on SCALAR
directive @oneOf on INPUT_OBJECT
type __Schema { description: String types: [__Type!]! queryType: __Type! mutationType: __Type subscriptionType: __Type directives: [__Directive!]! }
type __Type {
  kind: __TypeKind! name: String description: String specifiedByURL: String fields(includeDeprecated: Boolean = false): [__Field!] interfaces: [__Type!]
  possibleTypes: [__Type!] enumValues(includeDeprecated: Boolean = false): [__EnumValue!]
  inputFields(includeDeprecated: Boolean = false): [__InputValue!] ofType: __Type isOneOf: Boolean
}
enum __TypeKind { SCALAR OBJECT INTERFACE UNION ENUM INPUT_OBJECT LIST NON_NULL }
type __Field {
  name: String! description: String args(includeDeprecated: Boolean = false): [__InputValue!]! type: __Type! isDeprecated: Boolean!
  deprecationReason: String
}
type __InputValue { name: String! description: String type: __Type! defaultValue: String isDeprecated: Boolean! deprecationReason: String }
type __EnumValue { name: String! description: String isDeprecated: Boolean! deprecationReason: String }
type __Directive {
  name: String! description: String isRepeatable: Boolean! locations: [__DirectiveLocation!]!
  args(includeDeprecated: Boolean = false): [__InputValue!]!
}
enum __DirectiveLocation {
  QUERY MUTATION SUBSCRIPTION FIELD FRAGMENT_DEFINITION FRAGMENT_SPREAD INLINE_FRAGMENT VARIABLE_DEFINITION SCHEMA SCALAR OBJECT FIELD_DEFINITION
  ARGUMENT_DEFINITION INTERFACE UNION ENUM ENUM_VALUE INPUT_OBJECT INPUT_FIELD_DEFINITION
}`;

/** Directives that a schema may define again. */
const REDEFINABLE: readonly string[] = ['include', 'skip', 'deprecated', 'specifiedBy', 'defer', 'oneOf'];

let prelude: Node | undefined;

/** The schema that a document makes. @throws BuiltinError for what is none */
export function schemaOf(document: Node): Schema {
  prelude ??= parseSchemaDocument(PRELUDE);
  const types = typesOf(document, prelude);
  const directives = new Map<string, Node>();
  for (const directive of [...nodes(prelude, 'Directives'), ...nodes(document, 'Directives')]) {
    const name = text(directive, 'Name');
    if (directives.has(name) && !REDEFINABLE.includes(name)) fail('cannot redeclare a directive');
    directives.set(name, directive);
  }
  const checker = new Checker(types, directives);
  const roots = checker.roots(document);
  for (const definition of types.values()) checker.definition(definition);
  checker.noCircles();
  for (const directive of directives.values()) {
    reserve(directive);
    checker.arguments(directive, text(directive, 'Name'));
  }
  return { types, directives, roots };
}

function typesOf(document: Node, builtIn: Node): Map<string, Definition> {
  const types = new Map<string, Definition>();
  const add = (node: Node, isBuiltIn: boolean): void => {
    if (types.has(text(node, 'Name'))) fail('cannot redeclare a type');
    types.set(text(node, 'Name'), definitionOf(node, isBuiltIn));
  };
  for (const node of nodes(builtIn, 'Definitions')) add(node, true);
  for (const node of nodes(document, 'Definitions')) add(node, node['BuiltIn'] === true);
  for (const extension of nodes(document, 'Extensions')) {
    const name = text(extension, 'Name');
    const given = definitionOf(extension, false);
    const base = types.get(name);
    if (base === undefined) types.set(name, given);
    else if (base.kind !== given.kind) fail('cannot extend a type of another kind');
    else
      for (const list of ['directives', 'interfaces', 'fields', 'types', 'values'] as const) (base[list] as unknown[]).push(...given[list]);
  }
  return types;
}

function definitionOf(node: Node, isBuiltIn: boolean): Definition {
  return {
    kind: text(node, 'Kind'),
    name: text(node, 'Name'),
    isBuiltIn,
    directives: nodes(node, 'Directives'),
    interfaces: texts(node, 'Interfaces'),
    fields: nodes(node, 'Fields'),
    types: texts(node, 'Types'),
    values: nodes(node, 'EnumValues'),
  };
}

/** Whether gqlparser's own rules hold; each of its methods throws if they do not. */
class Checker {
  readonly #types: ReadonlyMap<string, Definition>;
  readonly #directives: ReadonlyMap<string, Node>;

  constructor(types: ReadonlyMap<string, Definition>, directives: ReadonlyMap<string, Node>) {
    this.#types = types;
    this.#directives = directives;
  }

  roots(document: Node): Map<string, string> {
    const definitions = nodes(document, 'Schema');
    if (definitions.length > 1) fail('cannot have multiple schema entry points');
    const roots = new Map<string, string>();
    for (const definition of [...definitions, ...nodes(document, 'SchemaExtension')]) {
      for (const root of nodes(definition, 'OperationTypes')) {
        if (!this.#types.has(text(root, 'Type'))) fail('a schema root refers to a type that does not exist');
        roots.set(text(root, 'Operation'), text(root, 'Type'));
      }
      this.applied(nodes(definition, 'Directives'), 'SCHEMA');
    }
    if (definitions.length > 0) return roots;
    for (const [operation, name] of [
      ['query', 'Query'] as const,
      ['mutation', 'Mutation'] as const,
      ['subscription', 'Subscription'] as const,
    ]) {
      if (!roots.has(operation) && this.#types.has(name)) roots.set(operation, name);
    }
    return roots;
  }

  definition(definition: Definition): void {
    const { kind, fields, types, values, interfaces } = definition;
    const place = kind === 'INPUT_OBJECT' ? 'INPUT_FIELD_DEFINITION' : 'FIELD_DEFINITION';
    for (const field of fields) {
      reserve(field);
      this.#known(nameOfType(node(field, 'Type')));
      this.arguments(field);
      this.applied(nodes(field, 'Directives'), place);
    }
    if (types.some((name) => this.#known(name).kind !== 'OBJECT')) fail('a union of what is no object');
    for (const name of interfaces) this.#implements(definition, name);
    this.#members(definition);
    for (const names of [fields.map(nameOf), values.map(nameOf), types]) if (new Set(names).size < names.length) fail('defined twice');
    if (!definition.isBuiltIn && definition.name.startsWith('__')) fail('a reserved name');
    this.applied(definition.directives, kind, { isMerged: true });
  }

  #members({ kind, fields, values }: Definition): void {
    const holds = ['OBJECT', 'INTERFACE', 'INPUT_OBJECT'].includes(kind);
    if (holds && fields.length === 0) fail('a type without fields');
    const isInput = kind === 'INPUT_OBJECT';
    const allowed = isInput ? INPUT_KINDS : OUTPUT_KINDS;
    if (holds && fields.some((field) => !allowed.includes(this.#known(nameOfType(node(field, 'Type'))).kind)))
      fail('a field of a kind that it cannot have');
    if (kind !== 'ENUM') return;
    if (values.length === 0 || values.some((value) => ['true', 'false', 'null'].includes(nameOf(value))))
      fail('an enum without values, or with one that is none');
    for (const value of values) this.applied(nodes(value, 'Directives'), 'ENUM_VALUE');
  }

  arguments(owner: Node, directive?: string): void {
    for (const argument of nodes(owner, 'Arguments')) {
      reserve(argument);
      if (!INPUT_KINDS.includes(this.#known(nameOfType(node(argument, 'Type'))).kind)) fail('an argument of a type that is not for input');
      this.applied(nodes(argument, 'Directives'), 'ARGUMENT_DEFINITION', { directive });
    }
  }

  /** Directives at one place, or at several that were merged. */
  applied(
    directives: readonly Node[],
    place: string,
    { directive, isMerged = false }: { directive?: string | undefined; isMerged?: boolean } = {},
  ): void {
    const seen = new Set<string>();
    for (const applied of directives) {
      reserve(applied);
      const name = nameOf(applied);
      const definition = this.#directives.get(name);
      if (name === directive || definition === undefined) throw invalid('a directive that is undefined, or that refers to itself');
      if (!isMerged && seen.has(name) && definition['IsRepeatable'] !== true) fail('a directive twice');
      seen.add(name);
      if (!texts(definition, 'Locations').includes(place)) fail('a directive that is not for this place');
      const [given, known] = [nodes(applied, 'Arguments'), nodes(definition, 'Arguments')];
      if (given.some((argument) => !known.some((one) => nameOf(one) === nameOf(argument)))) fail('an undefined argument of a directive');
      for (const argument of known.filter((one) => node(one, 'Type')['NonNull'] === true && one['DefaultValue'] === undefined)) {
        const value = given.find((one) => nameOf(one) === nameOf(argument))?.['Value'] as Node | undefined;
        if (value === undefined || value['Kind'] === KIND.null) fail('an argument of a directive that is missing');
      }
    }
  }

  #implements({ name, fields, interfaces }: Definition, interfaceName: string): void {
    const wanted = this.#known(interfaceName);
    if (wanted.kind !== 'INTERFACE') fail('an interface that is none');
    for (const required of wanted.fields) {
      const found = fields.find((field) => nameOf(field) === nameOf(required));
      if (found === undefined || !this.#covers(node(required, 'Type'), node(found, 'Type')))
        throw invalid('a field of an interface that is missing, or of another type');
      const [needed, given] = [nodes(required, 'Arguments'), nodes(found, 'Arguments')];
      for (const argument of needed) {
        const same = given.find((one) => nameOf(one) === nameOf(argument));
        if (same === undefined || !isCompatible(node(argument, 'Type'), node(same, 'Type')))
          fail('an argument of an interface that is missing, or of another type');
      }
      const isMore = (one: Node): boolean => !needed.some((argument) => nameOf(argument) === nameOf(one));
      if (given.some((one) => isMore(one) && node(one, 'Type')['NonNull'] === true && one['DefaultValue'] === undefined))
        fail('a further argument that is required');
    }
    if (wanted.interfaces.some((transitive) => !interfaces.includes(transitive))) fail(`${name} must implement what its interface does`);
  }

  /** Whether what a field gives is what its interface says, or less of it. */
  #covers(required: Node, actual: Node): boolean {
    if (required['NonNull'] === true && actual['NonNull'] !== true) return false;
    const [wanted, given] = [required['Elem'] as Node | undefined, actual['Elem'] as Node | undefined];
    if (wanted !== undefined) return given !== undefined && this.#covers(wanted, given);
    const [name, other] = [text(required, 'NamedType'), text(actual, 'NamedType')];
    return name === other || this.#possible(name, other);
  }

  #possible(name: string, other: string): boolean {
    const [whole, part] = [this.#types.get(name), this.#types.get(other)];
    if (whole?.kind === 'UNION') return whole.types.includes(other);
    return part !== undefined && part.kind !== 'UNION' && part.interfaces.includes(name);
  }

  /** No input object holds itself through fields that must be there. */
  noCircles(): void {
    const [visited, path] = [new Set<string>(), new Set<string>()];
    const visit = ({ name, fields }: Definition): void => {
      if (visited.has(name)) return;
      if (path.size > 500) fail('input objects within input objects, beyond 500');
      visited.add(name);
      path.add(name);
      for (const field of fields) {
        const type = node(field, 'Type');
        const inner = type['NonNull'] === true ? this.#types.get(text(type, 'NamedType')) : undefined;
        if (inner?.kind !== 'INPUT_OBJECT') continue;
        if (path.has(inner.name)) fail('an input object within itself');
        visit(inner);
      }
      path.delete(name);
    };
    for (const definition of this.#types.values()) if (definition.kind === 'INPUT_OBJECT') visit(definition);
  }

  #known(name: string): Definition {
    return this.#types.get(name) ?? fail('an undefined type');
  }
}

const INPUT_KINDS: readonly string[] = ['SCALAR', 'ENUM', 'INPUT_OBJECT'];
const OUTPUT_KINDS: readonly string[] = ['SCALAR', 'OBJECT', 'INTERFACE', 'UNION', 'ENUM'];

function isCompatible(a: Node, b: Node): boolean {
  const [inner, other] = [a['Elem'] as Node | undefined, b['Elem'] as Node | undefined];
  if (text(a, 'NamedType') !== text(b, 'NamedType') || (inner === undefined) !== (other === undefined)) return false;
  if (inner !== undefined && other !== undefined && !isCompatible(inner, other)) return false;
  return b['NonNull'] !== true || a['NonNull'] === true;
}

/** The name at the bottom of a type. */
function nameOfType(type: Node): string {
  const inner = type['Elem'] as Node | undefined;
  return inner === undefined ? text(type, 'NamedType') : nameOfType(inner);
}

function reserve(named: Node): void {
  if (nameOf(named).startsWith('__')) fail('a name that begins with two underscores');
}

function nameOf(named: Node): string {
  return text(named, 'Name');
}

/** A node in a field of another. */
export function node(of: Node, field: string): Node {
  return (of[field] ?? fail(`no ${field}`)) as Node;
}

/** The nodes in a field. */
export function nodes(of: Node, field: string): Node[] {
  return [...((of[field] ?? []) as readonly Node[])];
}

/** The texts in a field. */
export function texts(of: Node, field: string): string[] {
  return [...((of[field] ?? []) as readonly string[])];
}

/** The text in a field. */
export function text(of: Node, field: string): string {
  return (of[field] ?? '') as string;
}

function fail(reason: string): never {
  throw invalid(reason);
}

function invalid(reason: string): BuiltinError {
  return new BuiltinError(`GraphQL: ${reason}`);
}
