/**
 * A host built-in: JSON values in, a JSON value out; `undefined` makes the calling expression undefined.
 * What it throws fails the evaluation.
 */
export type Builtin = (...args: unknown[]) => unknown;

/** Host built-ins by OPA's names. */
export type Builtins = Readonly<Record<string, Builtin>>;
