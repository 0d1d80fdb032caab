import { type Scope, type Surroundings, scopeOf } from './scope.js';
import { isAlways, isScalar, maybe, type Shape } from './shape.js';
import { type Expression, type Location, type Module, type Rule, type Term, walkRule } from './syntax.js';

/** Something about a policy that its author should know. */
export interface Finding {
  /** Of a `fault` it is certain that the module answers something else than is written; of a `warning`, that it may. */
  readonly kind: 'fault' | 'warning';
  /** Such as `number-key`. */
  readonly rule: string;
  readonly message: string;
  readonly at?: Location;
}

/** Above it the module aborts. */
const INT32 = 2 ** 31;

/**
 * What a compiled module does otherwise than OPA, where a policy runs into it (docs/policies.md, "What differs"). Nothing is said of what is known
 * not to matter; a warning stands where it cannot be known.
 */
export function lint(module: Module, surroundings: Surroundings): readonly Finding[] {
  return (module.rules ?? []).flatMap((rule) => lintRule(rule, module, surroundings));
}

function lintRule(rule: Rule, module: Module, surroundings: Surroundings): readonly Finding[] {
  const scope = scopeOf(rule, module, surroundings);
  const found: Finding[] = [...headFindings(rule)];
  walkRule(rule, {
    ref: (operands, at) => found.push(...keyFindings(operands, at, scope, surroundings)),
    expression: (expression) => found.push(...withFindings(expression, scope, surroundings)),
    call: (name, args, at) => found.push(...callFindings(name, args, at, scope)),
  });
  return found;
}

/** `opa build` falls over (1.22) METADATA on a rule whose head holds a reference. */
function headFindings({ head, annotations = [], location }: Rule): readonly Finding[] {
  if (annotations.length === 0 || !head.ref.slice(1).some(({ type }) => type === 'ref')) return [];
  const message =
    'METADATA on a rule with a reference in its head makes `opa build` panic: name the value in the body and put the name into the head';
  return [finding('fault', 'reference-in-head', message, location)];
}

/** Numbers as keys into data whose keys are texts: OPA finds them, the module does not, and `not` then lets through. */
function keyFindings(operands: readonly Term[], at: Location | undefined, scope: Scope, { data }: Surroundings): readonly Finding[] {
  let values: readonly unknown[] = [data];
  for (const operand of scope.dataPath(operands) ?? []) {
    const objects = values.filter(isObject);
    const kind = objects.length === 0 ? undefined : numberKey(operand, scope);
    if (kind !== undefined) {
      const what = kind === 'fault' ? 'is a number' : 'may be a number';
      const message = `a key into data ${what}, and keys of JSON are texts: the module does not find it (OPA does), so that \`not\` lets through; write sprintf("%v", [key])`;
      return [finding(kind, 'number-key', message, operand.location ?? at)];
    }
    values = values.flatMap((value) => partsUnder(value, operand));
    if (values.length === 0) return [];
  }
  return [];
}

function numberKey(operand: Term, scope: Scope): Finding['kind'] | undefined {
  if (operand.type === 'var' && scope.isFree(String(operand.value))) return undefined;
  const shape = scope.shapeOf(operand);
  if (isAlways(shape, ['number'])) return 'fault';
  return maybe(shape, 'number') ? 'warning' : undefined;
}

function partsUnder(value: unknown, operand: Term): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (operand.type !== 'string' && operand.type !== 'number') return Object.values(value);
  const key = String(operand.value);
  return Object.hasOwn(value, key) ? [(value as Record<string, unknown>)[key]] : [];
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `with input.a.b as …` where `input.a` holds no object: the module traps, or the expression is undefined. */
function withFindings({ with: replaced = [] }: Expression, scope: Scope, { input }: Surroundings): readonly Finding[] {
  const found: Finding[] = [];
  let whole: Shape = input;
  for (const { target, value } of replaced) {
    const operands = target.type === 'ref' ? (target.value as Term[]) : [target];
    if (operands[0]?.value !== 'input') continue;
    if (operands.length === 1) {
      whole = scope.shapeOf(value);
      continue;
    }
    let shape = whole;
    for (const operand of operands.slice(1)) {
      if (isScalar(shape)) {
        const message =
          '`with` puts something under a value that is no object: the module traps or finds nothing where OPA makes an object; replace the value as a whole';
        found.push(finding('fault', 'with-under-scalar', message, target.location));
        break;
      }
      shape = shape.under(operand.type === 'string' ? String(operand.value) : undefined);
    }
  }
  return found;
}

function callFindings(name: string, args: readonly Term[], at: Location | undefined, scope: Scope): readonly Finding[] {
  if (name === 'json.unmarshal' || name === 'json.is_valid') {
    const message = `${name} takes what has text behind its end, such as \`{} x\`, where OPA does not: decide nothing by whether it succeeds`;
    return [finding('warning', 'trailing-text', message, at)];
  }
  const [number] = args;
  if (name !== 'format_int' || number === undefined) return [];
  if (number.type === 'number') {
    const size = Math.abs(Number(number.value));
    return size < INT32 ? [] : [finding('fault', 'format-int', BEYOND, at)];
  }
  return isAlways(scope.shapeOf(number), ['string']) ? [] : [finding('warning', 'format-int', BEYOND, at)];
}

const BEYOND = 'format_int fails the whole evaluation for a number of more than 32 bits: sprintf("%d", [number]) writes any';

function finding(kind: Finding['kind'], rule: string, message: string, at: Location | undefined): Finding {
  return at === undefined ? { kind, rule, message } : { kind, rule, message, at: { file: at.file, row: at.row, col: at.col } };
}
