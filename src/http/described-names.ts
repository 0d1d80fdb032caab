/** Says each name of an object as the description has it. */
export type Naming = (value: unknown) => unknown;

/**
 * A naming by the properties of a description's schemas, whatever letter case they are sent in. Of what is described in two cases (`ID`, `id`) the one in
 * small letters is meant, unless the other is sent as it stands. What is described not at all stays as it was sent.
 */
export function describedNames(schemas: object): Naming {
  const names = new Map<string, Set<string>>();
  collect(schemas, names);
  const nameOf = (sent: string): string => {
    const folded = sent.toLowerCase();
    const all = names.get(folded);
    if (all === undefined || all.has(sent)) return sent;
    return all.has(folded) ? folded : ([...all][0] as string);
  };
  const named: Naming = (value) => {
    if (Array.isArray(value)) return value.map(named);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [nameOf(name), named(inner)]));
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
