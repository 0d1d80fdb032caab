/** A policy bundle that is loaded and checked, ready to answer. */
export interface Bundle {
  /** The manifest's revision; `sha256:<hex of the tarball>` where it has none. */
  readonly revision: string;
  /** The rules that may be asked, such as `tilgang/access/search`, in alphabetical order. */
  readonly entrypoints: readonly string[];
  /**
   * Asks one rule.
   * @param entrypoint one of `entrypoints`
   * @param input any JSON value, `false`, `0`, `""` and `null` among them; `undefined` is no input; a JsonText, or a Uint8Array of UTF-8,
   *   is JSON that is written already; a RegoObject may hold what JSON does not have
   * @returns the rule's value (sets as arrays), or `undefined` when the rule is undefined for this input; at once for a bundle that
   *   runs inline, whose faults are thrown then
   * @throws TypeError for another entrypoint, or an input that has no JSON form
   * @throws ProblemError `evaluation-failed` for an input text that is no JSON, a trap, an abort, a failing built-in, more than one result, or
   *   a whole number beyond 2^53 - 1 in the value: neither a yes nor a no
   */
  evaluate(entrypoint: string, input: unknown): unknown | Promise<unknown>;
  /**
   * Asks one rule about each of many inputs; where others wait, no more at once than may wait there.
   * @returns what evaluate gives of each, in their order; for one that has no answer the ProblemError that evaluate throws
   * @throws TypeError as evaluate
   */
  evaluateMany(entrypoint: string, inputs: readonly unknown[]): readonly unknown[] | Promise<readonly unknown[]>;
  /**
   * Asks one rule and answers in JSON text: each number as the policy has it, whatever its size, keys and sets in OPA's order.
   * Otherwise as `evaluate`.
   */
  evaluateToJson(entrypoint: string, input: unknown): string | undefined | Promise<string | undefined>;
}
