/** What kinds of value something may have. `unknown` is any of them. */
export type Kind = 'string' | 'number' | 'boolean' | 'null' | 'array' | 'object' | 'set' | 'unknown';

/** What is known of a value before anything runs. */
export interface Shape {
  readonly kinds: ReadonlySet<Kind>;
  /** What stands under a key, or under any of them if it is not known which. */
  under(key?: string | number): Shape;
  /** Of what iterating gives as keys. */
  keys(): Shape;
}

const SCALARS: ReadonlySet<Kind> = new Set(['string', 'number', 'boolean', 'null']);

/** Of what nothing is known. */
export const UNKNOWN: Shape = { kinds: new Set(['unknown']), under: () => UNKNOWN, keys: () => UNKNOWN };

/** Of one kind without parts. */
export function plain(kind: Kind): Shape {
  return { kinds: new Set([kind]), under: () => UNKNOWN, keys: () => UNKNOWN };
}

const NUMBER = plain('number');
const STRING = plain('string');

/** Whether each value of this shape is one of the kinds. */
export function isAlways({ kinds }: Shape, among: readonly Kind[]): boolean {
  return kinds.size > 0 && [...kinds].every((kind) => among.includes(kind));
}

/** Whether a value of this shape may be of the kind. */
export function maybe({ kinds }: Shape, kind: Kind): boolean {
  return kinds.has(kind) || kinds.has('unknown');
}

/** Whether nothing can stand under it. */
export function isScalar({ kinds }: Shape): boolean {
  return kinds.size > 0 && [...kinds].every((kind) => SCALARS.has(kind));
}

/** One of several; of none of them nothing is known. */
export function oneOf(shapes: readonly Shape[]): Shape {
  if (shapes.length === 0) return UNKNOWN;
  if (shapes.length === 1) return shapes[0] as Shape;
  return {
    kinds: new Set(shapes.flatMap(({ kinds }) => [...kinds])),
    under: (key) => oneOf(shapes.map((shape) => shape.under(key))),
    keys: () => oneOf(shapes.map((shape) => shape.keys())),
  };
}

/** A list whose elements are known by place, or all alike. */
export function listOf(elements: readonly Shape[], others: Shape | undefined = undefined): Shape {
  const all = others === undefined ? elements : [...elements, others];
  return {
    kinds: new Set(['array']),
    under: (key) => (typeof key === 'number' ? (elements[key] ?? others ?? UNKNOWN) : oneOf(all)),
    keys: () => NUMBER,
  };
}

/** A set. */
export function setOf(element: Shape): Shape {
  return { kinds: new Set(['set']), under: () => element, keys: () => element };
}

/** An object with known keys, and what others hold. */
export function objectOf(known: ReadonlyMap<string, Shape>, others: Shape | undefined, keys: Shape = STRING): Shape {
  return {
    kinds: new Set(['object']),
    under(key) {
      if (typeof key === 'string' && known.has(key)) return known.get(key) as Shape;
      const all = [...known.values()];
      return key === undefined ? oneOf(others === undefined ? all : [...all, others]) : (others ?? UNKNOWN);
    },
    keys: () => keys,
  };
}

/** Of a JSON value. */
export function shapeOfValue(value: unknown): Shape {
  if (value === null) return plain('null');
  if (Array.isArray(value)) return listOf(value.map(shapeOfValue));
  if (typeof value !== 'object') return plain(typeof value as Kind);
  return objectOf(new Map(Object.entries(value as object).map(([key, part]) => [key, shapeOfValue(part)])), undefined);
}

/** The part of a JSON Schema that is heeded here. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly additionalProperties?: boolean | JsonSchema;
}

/** Of what a JSON Schema takes: types, properties and items are heeded. */
export function shapeOfSchema({ type, properties = {}, items, additionalProperties }: JsonSchema): Shape {
  const types = typeof type === 'string' ? [type] : (type ?? []);
  const others = typeof additionalProperties === 'object' ? shapeOfSchema(additionalProperties) : undefined;
  return oneOf(
    types.map((one) => {
      if (one === 'object') return objectOf(new Map(Object.entries(properties).map(([key, part]) => [key, shapeOfSchema(part)])), others);
      if (one === 'array') return listOf([], items === undefined ? UNKNOWN : shapeOfSchema(items));
      return plain(one === 'integer' ? 'number' : (one as Kind));
    }),
  );
}

/** A type as `opa capabilities` writes it. */
export interface OpaType {
  readonly type: string;
  readonly of?: OpaType | readonly OpaType[];
  readonly static?: readonly unknown[];
  readonly dynamic?: OpaType | { readonly key: OpaType; readonly value: OpaType };
}

/** Of a value of such a type. */
export function shapeOfType({ type, of, static: fixed = [], dynamic }: OpaType): Shape {
  switch (type) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'null':
      return plain(type);
    case 'array':
      return listOf((fixed as OpaType[]).map(shapeOfType), dynamic === undefined ? undefined : shapeOfType(dynamic as OpaType));
    case 'set':
      return setOf(of === undefined ? UNKNOWN : shapeOfType(of as OpaType));
    case 'object': {
      const known = (fixed as { key: string; value: OpaType }[]).map(({ key, value }) => [key, shapeOfType(value)] as const);
      const { key, value } = (dynamic ?? {}) as { key?: OpaType; value?: OpaType };
      return objectOf(new Map(known), value && shapeOfType(value), key && shapeOfType(key));
    }
    default:
      return Array.isArray(of) && of.length > 0 ? oneOf(of.map(shapeOfType)) : UNKNOWN;
  }
}
