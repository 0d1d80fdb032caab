/** Says each name of an object as the description has it. */
export type Naming = (value: unknown) => unknown;

/**
 * A naming by the properties of a description's schemas, whatever letter case they are sent in. What is described in two cases (`ID`, `id`), and what is
 * described not at all, stays as it was sent.
 */
export function describedNames(schemas: object): Naming {
  const names = new Map<string, Set<string>>();
  collect(schemas, names);
  const one = new Map([...names].flatMap(([folded, all]) => (all.size === 1 ? [[folded, [...all][0] as string] as const] : [])));
  const named: Naming = (value) => {
    if (Array.isArray(value)) return value.map(named);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [one.get(name.toLowerCase()) ?? name, named(inner)]));
  };
  return named;
}

function collect(schema: unknown, names: Map<string, Set<string>>): void {
  if (typeof schema !== 'object' || schema === null) return;
  const { properties } = schema as { readonly properties?: object };
  for (const name of Object.keys(properties ?? {})) {
    const folded = name.toLowerCase();
    names.set(folded, (names.get(folded) ?? new Set()).add(name));
  }
  for (const inner of Object.values(schema)) collect(inner, names);
}
