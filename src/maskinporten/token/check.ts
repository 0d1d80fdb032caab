import { TokenFault } from './token-fault.js';

/** One check: what is known goes in, what is known besides comes out, or what is wrong. */
export type Check<Parts, Known, Found> = (known: Known, parts: Parts) => Found | TokenFault | Promise<Found | TokenFault>;

/** Checks in the order in which their faults are told; each may use what those before it have found, which the compiler holds. */
export class Checks<Parts, Begun extends object, Known> {
  readonly #checks: readonly Check<Parts, never, object>[];

  private constructor(checks: readonly Check<Parts, never, object>[]) {
    this.#checks = checks;
  }

  /** No check yet, of what is known from the beginning. */
  static of<Parts, Begun extends object>(): Checks<Parts, Begun, Begun> {
    return new Checks([]);
  }

  /** With one more at the end. */
  and<Found extends object>(check: Check<Parts, Known, Found>): Checks<Parts, Begun, Known & Found> {
    return new Checks([...this.#checks, check as Check<Parts, never, object>]);
  }

  /** All that is known in the end, or the first fault. */
  async run(begun: Begun, parts: Parts): Promise<Known | TokenFault> {
    const known: object = { ...begun };
    for (const check of this.#checks) {
      const found = check(known as never, parts);
      // Most are settled at once: nothing is waited for that need not be.
      const settled = found instanceof Promise ? await found : found;
      if (settled instanceof TokenFault) return settled;
      Object.assign(known, settled);
    }
    return known as Known;
  }
}
