import type { Term } from '../terms/index.js';

/**
 * A host built-in: terms in, a term out; `undefined`, or a BuiltinError that it throws, makes the calling expression undefined.
 * A BuiltinHalt, or whatever else it throws, fails the evaluation.
 */
export type Builtin = (args: readonly Term[], evaluation: Evaluation) => Term | undefined;

/** Host built-ins by OPA's names. */
export type Builtins = Readonly<Record<string, Builtin>>;

/** What calls of one evaluation share. */
export interface Evaluation {
  /** The wall clock in nanoseconds since 1970: the same for all of them. */
  readonly nowNs: bigint;
  /** What was made under this key before in this evaluation, else what is made now: what is drawn or looked up is so once. */
  once<T>(key: string, make: () => T): T;
}

/** The call has no value: the expression that called is undefined. */
export class BuiltinError extends Error {}

/** The evaluation cannot go on. */
export class BuiltinHalt extends Error {}

/** What the calls of an evaluation that begins now share. @param clock nanoseconds since 1970 */
export function startEvaluation(clock: () => bigint): Evaluation {
  let nowNs: bigint | undefined;
  let made: Map<string, unknown> | undefined;
  return {
    get nowNs() {
      nowNs ??= clock();
      return nowNs;
    },
    once<T>(key: string, make: () => T): T {
      made ??= new Map();
      if (!made.has(key)) made.set(key, make());
      return made.get(key) as T;
    },
  };
}
