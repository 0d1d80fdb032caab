/** A policy bundle that is loaded and checked, ready to answer. */
export interface Bundle {
  /** The manifest's revision; `sha256:<hex of the tarball>` where it has none. */
  readonly revision: string;
  /** The rules that may be asked, such as `tilgang/access/search`, in alphabetical order. */
  readonly entrypoints: readonly string[];
  /**
   * Asks one rule.
   * @param entrypoint one of `entrypoints`
   * @param input any JSON value, `false`, `0`, `""` and `null` among them; `undefined` is no input; a Uint8Array is UTF-8 JSON text as it is
   * @returns the rule's value (sets as arrays), or `undefined` when the rule is undefined for this input
   * @throws TypeError for another entrypoint, or an input that has no JSON form
   * @throws ProblemError `evaluation-failed` for a trap, an abort, a failing built-in, or more than one result: neither a yes nor a no
   */
  evaluate(entrypoint: string, input: unknown): Promise<unknown>;
}
