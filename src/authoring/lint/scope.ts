import { listOf, objectOf, oneOf, plain, type Shape, setOf, UNKNOWN } from './shape.js';
import { callOf, type Expression, isTest, type Module, packageOf, type Rule, type Term, walkRule } from './syntax.js';

/** What a policy is judged beside. */
export interface Surroundings {
  readonly modules: readonly Module[];
  /** What `data.json` and its like hold, put together. */
  readonly data: Readonly<Record<string, unknown>>;
  readonly dataShape: Shape;
  readonly input: Shape;
  /** What each built-in answers, by name. */
  readonly builtins: ReadonlyMap<string, Shape>;
}

/** What is known inside one rule. */
export interface Scope {
  /** Of a term's value. */
  shapeOf(term: Term): Shape;
  /** Whether a variable has no value before it stands where this one does: it goes through what is there. */
  isFree(name: string): boolean;
  /** The path below `data` that a reference names, an import heeded; `undefined` if it is not about data. */
  dataPath(operands: readonly Term[]): readonly Term[] | undefined;
}

/** Rules that lead to each other end somewhere. */
const DEEPEST = 8;

/** The scope of a rule. Variables of one name in one rule count as one: what is known of it is what holds for all of them. */
export function scopeOf(rule: Rule, module: Module, surroundings: Surroundings, depth = 0): Scope {
  const imports = importsOf(module);
  const bindings = new Map<string, (() => Shape)[]>();
  const bind = (pattern: Term, shape: () => Shape): void => {
    if (pattern.type === 'var') bindings.set(String(pattern.value), [...(bindings.get(String(pattern.value)) ?? []), shape]);
    else if (pattern.type === 'array') for (const [i, part] of (pattern.value as Term[]).entries()) bind(part, () => shape().under(i));
    else if (pattern.type === 'object') {
      for (const [key, part] of pattern.value as [Term, Term][]) bind(part, () => shape().under(String(key.value)));
    }
  };
  // Two that look at each other know nothing.
  const looking = new Set<string>();
  const ofVariable = (name: string): Shape => {
    const known = bindings.get(name);
    if (known === undefined) return name === 'input' ? surroundings.input : ofOwnRule(name);
    if (looking.has(name)) return UNKNOWN;
    looking.add(name);
    const shape = oneOf(known.map((one) => one()));
    looking.delete(name);
    return shape;
  };
  const ofOwnRule = (name: string): Shape => ofRules([...packageOf(module), name], surroundings, depth);
  const dataPath = (operands: readonly Term[]): readonly Term[] | undefined => {
    const [head, ...rest] = operands;
    if (head?.type !== 'var') return undefined;
    if (head.value === 'data') return rest;
    const imported = imports.get(String(head.value));
    return imported?.[0]?.value === 'data' ? [...imported.slice(1), ...rest] : undefined;
  };
  const ofRef = (operands: readonly Term[]): Shape => {
    const path = dataPath(operands);
    if (path !== undefined) return ofData(path, surroundings, depth);
    const [head, ...rest] = operands as [Term, ...Term[]];
    const imported = imports.get(String(head.value));
    if (imported !== undefined) return ofRef([...imported, ...rest]);
    return rest.reduce(step, shapeOf(head));
  };
  const shapeOf = (term: Term): Shape => shapeOfTerm(term, { ofVariable, ofRef, ofCall, shapeOf });
  const ofCall = (name: string): Shape => surroundings.builtins.get(name) ?? (depth > DEEPEST ? UNKNOWN : ofFunction(name));
  const ofFunction = (name: string): Shape => ofRules(functionPath(name, module), surroundings, depth);
  for (const [i, argument] of (rule.head.args ?? []).entries()) bind(argument, () => ofArgument(rule, module, i, surroundings, depth));
  for (const argument of rule.else === undefined ? [] : argumentsOf(rule.else)) bind(argument, () => UNKNOWN);
  bindBodies(rule, bind, shapeOf);
  const isNamed = (name: string): boolean =>
    bindings.has(name) || imports.has(name) || name === 'input' || hasRule(module, name, surroundings);
  return { shapeOf, isFree: (name) => !isNamed(name), dataPath };
}

/** The path below `data` of a function that is called by this name. */
function functionPath(name: string, module: Module): readonly string[] {
  const [first = '', ...rest] = name.split('.');
  if (first === 'data') return rest;
  const imported = importsOf(module).get(first);
  return imported === undefined
    ? [...packageOf(module), first, ...rest]
    : [...imported.slice(1).map(({ value }) => String(value)), ...rest];
}

/** Of what a function is called with in this place, by any rule that is no test; nothing is known of what nobody calls. */
function ofArgument(rule: Rule, module: Module, place: number, surroundings: Surroundings, depth: number): Shape {
  if (depth > DEEPEST) return UNKNOWN;
  const path = [...packageOf(module), String(rule.head.ref[0]?.value)].join('.');
  const shapes: Shape[] = [];
  for (const one of surroundings.modules.filter(({ file }) => !isTest(file))) {
    for (const calling of one.rules ?? []) {
      walkRule(calling, {
        call(name, args) {
          const argument = args[place];
          if (argument === undefined || functionPath(name, one).join('.') !== path) return;
          shapes.push(scopeOf(calling, one, surroundings, depth + 1).shapeOf(argument));
        },
      });
    }
  }
  return oneOf(shapes);
}

/** Whether the module's package has a rule of that name. */
function hasRule(module: Module, name: string, { modules }: Surroundings): boolean {
  const home = packageOf(module).join('.');
  return modules.some((one) => packageOf(one).join('.') === home && one.rules?.some(({ head }) => head.ref[0]?.value === name) === true);
}

function argumentsOf(rule: Rule): readonly Term[] {
  return [...(rule.head.args ?? []), ...(rule.else === undefined ? [] : argumentsOf(rule.else))];
}

function bindBodies(rule: Rule, bind: (pattern: Term, shape: () => Shape) => void, shapeOf: (term: Term) => Shape): void {
  const bindMembers = (args: readonly Term[]): void => {
    const collection = args.at(-1) as Term;
    if (args.length === 3) bind(args[0] as Term, () => shapeOf(collection).keys());
    bind(args.at(-2) as Term, () => shapeOf(collection).under());
  };
  walkRule(rule, {
    expression({ terms }: Expression) {
      if ('symbols' in terms) {
        for (const symbol of terms.symbols) {
          const call = symbol.type === 'call' ? callOf(symbol.value) : undefined;
          if (call?.name.startsWith('internal.member_')) bindMembers(call.args);
        }
      }
    },
    call(name, args) {
      if ((name !== 'assign' && name !== 'eq') || args.length !== 2) return;
      const [left, right] = args as [Term, Term];
      bind(left, () => shapeOf(right));
      if (name === 'eq') bind(right, () => shapeOf(left));
    },
    every({ key, value, domain }) {
      if (key !== null && key !== undefined) bind(key, () => shapeOf(domain).keys());
      bind(value, () => shapeOf(domain).under());
    },
  });
}

interface Known {
  readonly ofVariable: (name: string) => Shape;
  readonly ofRef: (operands: readonly Term[]) => Shape;
  readonly ofCall: (name: string) => Shape;
  readonly shapeOf: (term: Term) => Shape;
}

function shapeOfTerm({ type, value }: Term, { ofVariable, ofRef, ofCall, shapeOf }: Known): Shape {
  switch (type) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return plain(type);
    case 'templatestring':
      return plain('string');
    case 'var':
      return ofVariable(String(value));
    case 'ref':
      return ofRef(value as Term[]);
    case 'call':
      return ofCall(callOf(value)?.name ?? '');
    case 'array':
      return listOf((value as Term[]).map(shapeOf));
    case 'set':
      return setOf(oneOf((value as Term[]).map(shapeOf)));
    case 'object': {
      const pairs = value as [Term, Term][];
      const known = pairs.map(([key, held]) => [String(key.value), shapeOf(held)] as const);
      return objectOf(new Map(known), undefined, oneOf(pairs.map(([key]) => shapeOf(key))));
    }
    case 'arraycomprehension':
      return listOf([], shapeOf((value as { term: Term }).term));
    case 'setcomprehension':
      return setOf(shapeOf((value as { term: Term }).term));
    case 'objectcomprehension': {
      const made = value as { key: Term; value: Term };
      return objectOf(new Map(), shapeOf(made.value), shapeOf(made.key));
    }
    default:
      return UNKNOWN;
  }
}

/** One operand further: under a key that is written there, or under any. */
function step(shape: Shape, operand: Term): Shape {
  return shape.under(operand.type === 'string' || operand.type === 'number' ? (operand.value as string | number) : undefined);
}

function ofData(path: readonly Term[], surroundings: Surroundings, depth: number): Shape {
  for (let length = path.length; length > 0; length -= 1) {
    const names = path.slice(0, length);
    if (!names.every(({ type }) => type === 'string')) continue;
    const shape = ofRules(
      names.map(({ value }) => String(value)),
      surroundings,
      depth,
    );
    if (shape !== UNKNOWN) return path.slice(length).reduce(step, shape);
  }
  return path.reduce(step, surroundings.dataShape);
}

/** Of what the rules of one name answer, `UNKNOWN` if there is none. */
function ofRules(path: readonly string[], surroundings: Surroundings, depth: number): Shape {
  if (depth > DEEPEST) return UNKNOWN;
  const name = path.at(-1);
  const home = path.slice(0, -1).join('.');
  const shapes = surroundings.modules
    .filter((module) => packageOf(module).join('.') === home)
    .flatMap((module) =>
      (module.rules ?? []).flatMap((rule) =>
        String(rule.head.ref[0]?.value) === name ? ofRule(rule, module, surroundings, depth + 1) : [],
      ),
    );
  return shapes.length === 0 ? UNKNOWN : oneOf(shapes);
}

function ofRule(rule: Rule, module: Module, surroundings: Surroundings, depth: number): readonly Shape[] {
  const { head } = rule;
  const scope = scopeOf(rule, module, surroundings, depth);
  const value = head.value === undefined ? plain('boolean') : scope.shapeOf(head.value);
  const last = head.key === undefined ? value : head.value === undefined ? setOf(scope.shapeOf(head.key)) : value;
  // `p[a][b] := v`: an object for each operand behind the name.
  const whole = head.ref.slice(1).reduceRight((shape, operand) => objectOf(new Map(), shape, scope.shapeOf(operand)), last);
  return [whole, ...(rule.else === undefined ? [] : ofRule(rule.else, module, surroundings, depth))];
}

function importsOf({ imports = [] }: Module): ReadonlyMap<string, readonly Term[]> {
  return new Map(
    imports.map(({ path, alias }) => {
      const terms = path.value as readonly Term[];
      return [alias ?? String(terms.at(-1)?.value), terms];
    }),
  );
}
