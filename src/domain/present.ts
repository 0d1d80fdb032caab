type Optional<T> = { [Name in keyof T]: undefined extends T[Name] ? Name : never }[keyof T];

/** The fields without those that are undefined: absence is what is stored, sent and compared, never `undefined`. */
export type Present<T> = { readonly [Name in Exclude<keyof T, Optional<T>>]: T[Name] } & {
  readonly [Name in Optional<T>]?: Exclude<T[Name], undefined>;
};

/** A copy of the fields without those that are undefined. */
export function present<T extends object>(fields: T): Present<T> {
  const kept: Record<string, unknown> = {};
  for (const name of Object.keys(fields)) {
    const value = fields[name as keyof T];
    if (value !== undefined) kept[name] = value;
  }
  return kept as Present<T>;
}
