import { compareNumbers, RegoNumber } from './rego-number.js';

/** A value of Rego. */
export type Term = null | boolean | string | RegoNumber | readonly Term[] | RegoObject | RegoSet;

/** An object of Rego: keys are terms of any kind, equal keys are one (`1` and `1.0`). */
export class RegoObject implements Iterable<readonly [Term, Term]> {
  readonly #entries: ReadonlyMap<string, readonly [Term, Term]>;
  #sorted: readonly (readonly [Term, Term])[] | undefined;

  private constructor(entries: ReadonlyMap<string, readonly [Term, Term]>) {
    this.#entries = entries;
  }

  /** Of equal keys the last one counts. */
  static of(entries: Iterable<readonly [Term, Term]>): RegoObject {
    const map = new Map<string, readonly [Term, Term]>();
    for (const entry of entries) map.set(keyOf(entry[0]), entry);
    return new RegoObject(map);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** `undefined` if there is no such key: no term is. */
  get(key: Term): Term | undefined {
    return this.#entries.get(keyOf(key))?.[1];
  }

  has(key: Term): boolean {
    return this.#entries.has(keyOf(key));
  }

  /** In Rego's order of the keys. */
  [Symbol.iterator](): Iterator<readonly [Term, Term]> {
    this.#sorted ??= [...this.#entries.values()].sort(([a], [b]) => compareTerms(a, b));
    return this.#sorted[Symbol.iterator]();
  }

  /** In Rego's order. */
  keys(): Term[] {
    return Array.from(this, ([key]) => key);
  }

  /** In Rego's order of the keys. */
  values(): Term[] {
    return Array.from(this, ([, value]) => value);
  }

  /** This object with one key more, or with another value for it. */
  with(key: Term, value: Term): RegoObject {
    return new RegoObject(new Map(this.#entries).set(keyOf(key), [key, value]));
  }

  /** This object without the key. */
  without(key: Term): RegoObject {
    const map = new Map(this.#entries);
    map.delete(keyOf(key));
    return new RegoObject(map);
  }
}

/** A set of Rego: equal terms are one (`1` and `1.0`). */
export class RegoSet implements Iterable<Term> {
  readonly #members: ReadonlyMap<string, Term>;
  #sorted: readonly Term[] | undefined;

  private constructor(members: ReadonlyMap<string, Term>) {
    this.#members = members;
  }

  /** Of equal members the first one stays. */
  static of(members: Iterable<Term>): RegoSet {
    const map = new Map<string, Term>();
    for (const member of members) {
      const key = keyOf(member);
      if (!map.has(key)) map.set(key, member);
    }
    return new RegoSet(map);
  }

  get size(): number {
    return this.#members.size;
  }

  has(member: Term): boolean {
    return this.#members.has(keyOf(member));
  }

  /** In Rego's order. */
  [Symbol.iterator](): Iterator<Term> {
    this.#sorted ??= [...this.#members.values()].sort(compareTerms);
    return this.#sorted[Symbol.iterator]();
  }
}

/** Whether a term is an array: `Array.isArray` narrows no readonly array. */
export function isArray(term: Term | undefined): term is readonly Term[] {
  return Array.isArray(term);
}

/** Rego's name of the kind of a term, as in its messages. */
export function kindOf(term: Term): 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object' | 'set' {
  if (term === null) return 'null';
  if (typeof term === 'boolean') return 'boolean';
  if (typeof term === 'string') return 'string';
  if (term instanceof RegoNumber) return 'number';
  if (term instanceof RegoObject) return 'object';
  return term instanceof RegoSet ? 'set' : 'array';
}

/** The same text for equal terms, and for no others. */
export function keyOf(term: Term): string {
  if (typeof term === 'string') return `"${term}`;
  if (term === null || typeof term === 'boolean') return String(term);
  if (term instanceof RegoNumber) {
    const { negative, digits, point } = term.decimal;
    return `${negative ? '-' : ''}${digits}e${point}`;
  }
  if (isArray(term)) return `[${term.map(innerKeyOf).join()}]`;
  if (term instanceof RegoSet) return `<${Array.from(term, innerKeyOf).join()}>`;
  return `{${Array.from(term, ([key, value]) => `${innerKeyOf(key)}:${innerKeyOf(value)}`).join()}}`;
}

function innerKeyOf(term: Term): string {
  return typeof term === 'string' ? JSON.stringify(term) : keyOf(term);
}

/** Whether two terms are equal in Rego. */
export function equalTerms(a: Term, b: Term): boolean {
  return a === b || compareTerms(a, b) === 0;
}

const ORDER = { null: 0, boolean: 1, number: 2, string: 3, array: 4, object: 5, set: 6 } as const;

/**
 * Negative, zero or positive as `a` stands before, with or behind `b` in Rego's order: null < boolean < number < string < array < object < set;
 * objects and sets are compared as sorted lists.
 */
export function compareTerms(a: Term, b: Term): number {
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b);
  if (a instanceof RegoNumber && b instanceof RegoNumber) return compareNumbers(a, b);
  const order = ORDER[kindOf(a)] - ORDER[kindOf(b)];
  if (order !== 0) return order;
  if (a === null || typeof a === 'boolean') return Number(a) - Number(b);
  if (a instanceof RegoObject) return compareObjects(a, b as RegoObject);
  return compareLists([...(a as Iterable<Term>)], [...(b as Iterable<Term>)]);
}

function compareObjects(a: RegoObject, b: RegoObject): number {
  const [left, right] = [[...a], [...b]];
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const [[keyA, valueA], [keyB, valueB]] = [left[i], right[i]] as [[Term, Term], [Term, Term]];
    const order = compareTerms(keyA, keyB) || compareTerms(valueA, valueB);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareLists(a: readonly Term[], b: readonly Term[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const order = compareTerms(a[i] as Term, b[i] as Term);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** By code points, as the bytes of UTF-8 compare; JavaScript's own order is that of UTF-16 units. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  const end = Math.min(a.length, b.length);
  for (let i = 0; i < end; i += 1) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    // Surrogates stand for code points above all others.
    if (x !== y) return (isSurrogate(x) ? x + 0x10000 : x) - (isSurrogate(y) ? y + 0x10000 : y);
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
