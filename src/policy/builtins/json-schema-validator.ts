import { compareNumbers, isArray, RegoNumber, RegoObject, type Term } from '../terms/index.js';
import { BuiltinHalt } from './builtin.js';
import { hasFormat } from './json-schema-formats.js';
import { bigFloatText, isMultiple, isWhole } from './json-schema-numbers.js';
import { doubledJson, type SubSchema } from './json-schema-parser.js';

/** What a document does not keep. */
export interface SchemaError {
  readonly type: string;
  /** Where, from the root: `a.0.b`, or `(Root)`. */
  readonly field: string;
  readonly description: string;
}

/** What a document does not keep, in gojsonschema's order and words; members of objects in the order of their names. @throws BuiltinHalt if looking takes too long */
export function schemaErrors(schema: SubSchema, document: Term): readonly SchemaError[] {
  const result = new Result();
  new Validator().validate(schema, document, result, ['(Root)'], 0);
  return result.errors;
}

/** With the errors the score by which the best of several schemas is found. */
class Result {
  readonly errors: SchemaError[] = [];
  score = 0;

  add(type: string, path: Path, description: string | ((field: string) => string)): void {
    const field = path.join('.').replace(/^\(Root\)\./, '');
    this.errors.push({ type, field, description: typeof description === 'string' ? description : description(field) });
    this.score -= 2;
  }

  merge({ errors, score }: Result): void {
    for (const error of errors) this.errors.push(error);
    this.score += score;
  }

  get isValid(): boolean {
    return this.errors.length === 0;
  }
}

type Path = readonly string[];

const MAX_STEPS = 200_000;
const MAX_DEPTH = 400;

class Validator {
  #steps = 0;

  validate(schema: SubSchema, node: Term, result: Result, path: Path, depth: number): void {
    this.#steps += 1;
    // Schemas may refer to themselves, and each other, without end.
    if (this.#steps > MAX_STEPS || depth > MAX_DEPTH)
      throw new BuiltinHalt('json.match_schema: the schema takes too long for the document');
    if (schema.pass !== undefined) {
      if (!schema.pass) result.add('false', path, 'False always fails validation');
      return;
    }
    if (schema.refSchema === undefined) this.#own(schema, node, result, path, depth);
    else this.validate(schema.refSchema, node, result, path, depth + 1);
  }

  /** What the schema itself says. */
  #own(schema: SubSchema, node: Term, result: Result, path: Path, depth: number): void {
    const type = typeOf(node);
    const isAllowed = schema.types.includes(type) || (type === 'integer' && schema.types.includes('number'));
    if (schema.types.length > 0 && !isAllowed) {
      const expected = schema.types.length > 1 ? `[${schema.types.join()}]` : schema.types[0];
      result.add('invalid_type', path, `Invalid type. Expected: ${expected}, given: ${type}`);
      return;
    }
    this.#combined(schema, node, result, path, depth);
    if (node instanceof RegoObject) this.#object(schema, node, result, path, depth);
    else if (isArray(node)) this.#array(schema, node, result, path, depth);
    else if (node instanceof RegoNumber) number(schema, node, result, path);
    common(schema, node, result, path);
    if (typeof node === 'string') string(schema, node, result, path);
    if (node instanceof RegoObject) {
      for (const property of schema.properties) {
        const member = node.get(property.property);
        if (member !== undefined) this.validate(property, member, result, [...path, property.property], depth + 1);
      }
    }
    result.score += 1;
  }

  #alone(schema: SubSchema, node: Term, path: Path, depth: number): Result {
    const result = new Result();
    this.validate(schema, node, result, path, depth + 1);
    return result;
  }

  #combined(schema: SubSchema, node: Term, result: Result, path: Path, depth: number): void {
    const { anyOf, allOf } = schema.lists;
    if (anyOf.length > 0) {
      const best = this.#best(anyOf, node, path, depth);
      if (best !== undefined) {
        result.add('number_any_of', path, 'Must validate at least one schema (anyOf)');
        result.merge(best);
      }
    }
    this.#oneOf(schema, node, result, path, depth);
    const all = allOf.map((inner) => this.#alone(inner, node, path, depth));
    for (const inner of all) result.merge(inner);
    if (all.some((inner) => !inner.isValid)) result.add('number_all_of', path, 'Must validate all the schemas (allOf)');
    const { not } = schema.single;
    if (not !== undefined && this.#alone(not, node, path, depth).isValid)
      result.add('number_not', path, 'Must not validate the schema (not)');
    if (node instanceof RegoObject) this.#dependencies(schema, node, result, path, depth);
    this.#conditional(schema, node, result, path, depth);
    result.score += 1;
  }

  /** Of schemas none of which holds, the result that is nearest to holding; `undefined` if one holds. */
  #best(schemas: readonly SubSchema[], node: Term, path: Path, depth: number): Result | undefined {
    let best: Result | undefined;
    for (const inner of schemas) {
      const given = this.#alone(inner, node, path, depth);
      if (given.isValid) return undefined;
      if (best === undefined || given.score > best.score) best = given;
    }
    return best;
  }

  #oneOf({ lists: { oneOf } }: SubSchema, node: Term, result: Result, path: Path, depth: number): void {
    if (oneOf.length === 0) return;
    const results = oneOf.map((inner) => this.#alone(inner, node, path, depth));
    const valid = results.filter((inner) => inner.isValid).length;
    if (valid === 1) return;
    result.add('number_one_of', path, 'Must validate one and only one schema (oneOf)');
    if (valid === 0) result.merge(results.reduce((best, inner) => (inner.score > best.score ? inner : best)));
  }

  #dependencies({ dependencies }: SubSchema, node: RegoObject, result: Result, path: Path, depth: number): void {
    if (dependencies === undefined) return;
    for (const key of node.keys()) {
      const dependency = dependencies.get(key as string);
      if (dependency === undefined) continue;
      if (!Array.isArray(dependency)) this.validate(dependency as SubSchema, node, result, path, depth + 1);
      else for (const name of dependency) if (!node.has(name)) result.add('missing_dependency', path, `Has a dependency on ${name}`);
    }
  }

  #conditional({ single }: SubSchema, node: Term, result: Result, path: Path, depth: number): void {
    if (single.if === undefined) return;
    const isMet = this.#alone(single.if, node, path, depth).isValid;
    const branch = isMet ? single.then : single.else;
    const given = branch === undefined ? undefined : this.#alone(branch, node, path, depth);
    if (given === undefined || given.isValid) return;
    const [name, was] = isMet ? ['then', 'was'] : ['else', 'was not'];
    result.add(`condition_${name}`, path, `Must validate "${name}" as "if" ${was} valid`);
    result.merge(given);
  }

  #array(schema: SubSchema, node: readonly Term[], result: Result, path: Path, depth: number): void {
    const { items, additionalItems, sizes } = schema;
    const each = (inner: SubSchema, i: number): void => result.merge(this.#alone(inner, node[i] as Term, [...path, String(i)], depth));
    node.forEach((_, i) => {
      const inner = schema.isSingleItem ? items[0] : items[i];
      if (inner !== undefined) each(inner, i);
      else if (items.length > 0 && typeof additionalItems === 'object') each(additionalItems, i);
    });
    if (!schema.isSingleItem && items.length > 0 && items.length < node.length && additionalItems === false) {
      result.add('array_no_additional_items', path, 'No additional items allowed on array');
    }
    const { minItems = 0, maxItems = Number.POSITIVE_INFINITY } = sizes;
    if (node.length < minItems) result.add('array_min_items', path, `Array must have at least ${minItems} items`);
    if (node.length > maxItems) result.add('array_max_items', path, `Array must have at most ${maxItems} items`);
    if (schema.uniqueItems) unique(node, result, path);
    this.#contains(schema, node, result, path, depth);
    result.score += 1;
  }

  #contains({ single: { contains } }: SubSchema, node: readonly Term[], result: Result, path: Path, depth: number): void {
    if (contains === undefined) return;
    let best: Result | undefined;
    for (const [i, item] of node.entries()) {
      const given = this.#alone(contains, item, [...path, String(i)], depth);
      if (given.isValid) return;
      if (best === undefined || given.score > best.score) best = given;
    }
    result.add('contains', path, 'At least one of the items must match');
    if (best !== undefined) result.merge(best);
  }

  #object(schema: SubSchema, node: RegoObject, result: Result, path: Path, depth: number): void {
    const { minProperties = 0, maxProperties = Number.POSITIVE_INFINITY } = schema.sizes;
    if (node.size < minProperties) result.add('array_min_properties', path, `Must have at least ${minProperties} properties`);
    if (node.size > maxProperties) result.add('array_max_properties', path, `Must have at most ${maxProperties} properties`);
    for (const name of schema.required) {
      if (node.has(name)) result.score += 1;
      else result.add('required', path, `${name} is required`);
    }
    for (const [key, member] of node) this.#member(schema, key as string, member, result, path, depth);
    const { propertyNames } = schema.single;
    for (const key of propertyNames === undefined ? [] : node.keys()) {
      const given = this.#alone(propertyNames as SubSchema, key, path, depth);
      if (given.isValid) continue;
      result.add('invalid_property_name', path, `Property name of "${key as string}" does not match`);
      result.merge(given);
    }
    result.score += 1;
  }

  #member(schema: SubSchema, key: string, member: Term, result: Result, path: Path, depth: number): void {
    const { additionalProperties } = schema;
    const patterns = schema.patternProperties.filter(({ expression }) => expression.test(key));
    for (const pattern of patterns) result.merge(this.#alone(pattern.schema, member, [...path, key], depth));
    if (patterns.length > 0) result.score += 1;
    if (patterns.length > 0 || schema.properties.some(({ property }) => property === key)) return;
    if (additionalProperties === false) result.add('additional_property_not_allowed', path, `Additional property ${key} is not allowed`);
    else if (typeof additionalProperties === 'object') result.merge(this.#alone(additionalProperties, member, [...path, key], depth));
  }
}

function typeOf(node: Term): string {
  if (node === null) return 'null';
  if (node instanceof RegoNumber) return isWhole(node) ? 'integer' : 'number';
  if (node instanceof RegoObject) return 'object';
  return isArray(node) ? 'array' : typeof node;
}

function unique(node: readonly Term[], result: Result, path: Path): void {
  const seen = new Map<string, number>();
  for (const [j, item] of node.entries()) {
    const text = doubledJson(item);
    const i = seen.get(text);
    if (i !== undefined) result.add('unique', path, `array items[${i},${j}] must be unique`);
    seen.set(text, j);
  }
}

function common(schema: SubSchema, node: Term, result: Result, path: Path): void {
  const needsText = schema.const !== undefined || schema.enum !== undefined;
  const text = needsText ? doubledJson(node) : '';
  if (schema.const !== undefined && text !== schema.const) result.add('const', path, (field) => `${field} does not match: ${schema.const}`);
  if (schema.enum !== undefined && !schema.enum.includes(text)) {
    result.add('enum', path, (field) => `${field} must be one of the following: ${schema.enum?.join(', ')}`);
  }
  const { format } = schema;
  if (format !== undefined && format !== '' && typeof node === 'string' && !hasFormat(format, node)) {
    result.add('format', path, `Does not match format '${format}'`);
  }
  result.score += 1;
}

function string({ sizes, pattern }: SubSchema, node: string, result: Result, path: Path): void {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = sizes;
  const length = Array.from(node).length;
  if (length < minLength) result.add('string_gte', path, `String length must be greater than or equal to ${minLength}`);
  if (length > maxLength) result.add('string_lte', path, `String length must be less than or equal to ${maxLength}`);
  if (pattern !== undefined && !pattern.expression.test(node)) result.add('pattern', path, `Does not match pattern '${pattern.text}'`);
  result.score += 1;
}

function number({ numbers }: SubSchema, node: RegoNumber, result: Result, path: Path): void {
  const { multipleOf, maximum, exclusiveMaximum, minimum, exclusiveMinimum } = numbers;
  if (multipleOf !== undefined && !isMultiple(node, multipleOf))
    result.add('multiple_of', path, `Must be a multiple of ${bigFloatText(multipleOf)}`);
  if (maximum !== undefined && compareNumbers(node, maximum) > 0)
    result.add('number_lte', path, `Must be less than or equal to ${bigFloatText(maximum)}`);
  if (exclusiveMaximum !== undefined && compareNumbers(node, exclusiveMaximum) >= 0)
    result.add('number_lt', path, `Must be less than ${bigFloatText(exclusiveMaximum)}`);
  if (minimum !== undefined && compareNumbers(node, minimum) < 0)
    result.add('number_gte', path, `Must be greater than or equal to ${bigFloatText(minimum)}`);
  if (exclusiveMinimum !== undefined && compareNumbers(node, exclusiveMinimum) <= 0)
    result.add('number_gt', path, `Must be greater than ${bigFloatText(exclusiveMinimum)}`);
  result.score += 1;
}
