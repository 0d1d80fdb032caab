/** Where something stands in a source. */
export interface Location {
  readonly file: string;
  readonly row: number;
  readonly col: number;
}

/** A term as `opa parse --format json` writes it. */
export interface Term {
  readonly type: string;
  readonly value: unknown;
  readonly location?: Location;
}

/** An expression of a body. */
export interface Expression {
  readonly terms: Term | readonly Term[] | Declaration | Every;
  readonly negated?: boolean;
  readonly with?: readonly { readonly target: Term; readonly value: Term }[];
  readonly location?: Location;
}

/** `some x`, `some x in y`. */
interface Declaration {
  readonly symbols: readonly Term[];
}

/** `every k, v in domain { … }`. */
interface Every {
  /** Absent, as OPA writes it. */
  readonly key?: Term | null;
  readonly value: Term;
  readonly domain: Term;
  readonly body: readonly Expression[];
}

/** A rule, with what follows it after `else`. */
export interface Rule {
  readonly head: {
    readonly name?: string;
    readonly ref: readonly Term[];
    readonly args?: readonly Term[];
    readonly key?: Term;
    readonly value?: Term;
    readonly location?: Location;
  };
  readonly body: readonly Expression[];
  readonly else?: Rule;
  readonly default?: boolean;
  readonly annotations?: readonly { readonly entrypoint?: boolean }[];
  readonly location?: Location;
}

/** One file of Rego. */
export interface Module {
  readonly file: string;
  readonly package: { readonly path: readonly Term[] };
  readonly imports?: readonly { readonly path: Term; readonly alias?: string }[];
  readonly rules?: readonly Rule[];
}

/** Whether a source is one of tests. */
export function isTest(file: string): boolean {
  return file.endsWith('_test.rego');
}

/** The package's path below `data`, such as `['application']`. */
export function packageOf(module: Module): readonly string[] {
  return module.package.path.slice(1).map(({ value }) => String(value));
}

/** The terms of a call: its function by name, and its arguments; `undefined` if it is none. */
export function callOf(
  terms: unknown,
): { readonly name: string; readonly args: readonly Term[]; readonly at: Location | undefined } | undefined {
  if (!Array.isArray(terms) || terms.length === 0) return undefined;
  const [called, ...args] = terms as Term[];
  if (called?.type !== 'ref') return undefined;
  return { name: (called.value as Term[]).map(({ value }) => String(value)).join('.'), args, at: called.location };
}

/** What a walk through a rule meets. Whatever is not told is walked past. */
export interface Visitor {
  expression?(expression: Expression): void;
  ref?(operands: readonly Term[], at: Location | undefined): void;
  call?(name: string, args: readonly Term[], at: Location | undefined): void;
  every?(every: Every): void;
}

/** Walks through all of a rule: head, bodies, comprehensions, what follows `else`. */
export function walkRule(rule: Rule, visitor: Visitor): void {
  for (const operand of rule.head.ref.slice(1)) walkTerm(operand, visitor);
  for (const term of [...(rule.head.args ?? []), rule.head.key, rule.head.value]) if (term !== undefined) walkTerm(term, visitor);
  walkBody(rule.body, visitor);
  if (rule.else !== undefined) walkRule(rule.else, visitor);
}

function walkBody(body: readonly Expression[], visitor: Visitor): void {
  for (const expression of body) {
    visitor.expression?.(expression);
    const { terms } = expression;
    const call = callOf(terms);
    if (call !== undefined) {
      visitor.call?.(call.name, call.args, expression.location ?? call.at);
      for (const argument of call.args) walkTerm(argument, visitor);
    } else if ('symbols' in terms) {
      for (const symbol of terms.symbols) walkTerm(symbol, visitor);
    } else if ('domain' in terms) {
      visitor.every?.(terms);
      walkTerm(terms.domain, visitor);
      walkBody(terms.body, visitor);
    } else if ('type' in terms) walkTerm(terms, visitor);
    for (const { value } of expression.with ?? []) walkTerm(value, visitor);
  }
}

function walkTerm(term: Term, visitor: Visitor): void {
  const { type, value, location } = term;
  if (type === 'ref') {
    visitor.ref?.(value as Term[], location);
    for (const operand of value as Term[]) walkTerm(operand, visitor);
  } else if (type === 'call') {
    const call = callOf(value);
    if (call !== undefined) visitor.call?.(call.name, call.args, location ?? call.at);
    for (const argument of call?.args ?? []) walkTerm(argument, visitor);
  } else if (type === 'array' || type === 'set') {
    for (const element of value as Term[]) walkTerm(element, visitor);
  } else if (type === 'object') {
    for (const pair of value as (readonly Term[])[]) for (const part of pair) walkTerm(part, visitor);
  } else if (type === 'templatestring') {
    for (const part of (value as { readonly parts: readonly (Term | Expression)[] }).parts) {
      if ('terms' in part) walkBody([part], visitor);
      else walkTerm(part, visitor);
    }
  } else if (type.endsWith('comprehension')) {
    const made = value as { readonly term?: Term; readonly key?: Term; readonly value?: Term; readonly body: readonly Expression[] };
    for (const part of [made.key, made.value, made.term]) if (part !== undefined) walkTerm(part, visitor);
    walkBody(made.body, visitor);
  }
}
