import type { Judge } from '#decisions';

/** A bundle of the operator's that judges kinds of its own, as its manifest declares (`metadata.tilgang.judges`). */
export interface JudgedKinds {
  /** What the decision log calls it. */
  readonly name: string;
  readonly judge: Judge;
  readonly subjects: readonly string[];
  readonly resources: readonly string[];
  /** Entrypoint: may the subject do that to the resource? A boolean, or an Outcome. Empty: the bundle judges no kinds. */
  readonly decision: string;
  /** Entrypoint: of what is searched for, all that may be meant; each is then judged by `decision`. Absent: nothing is found. */
  readonly candidates?: string;
  /** Entrypoints that may be asked by name, with any input and for whatever they answer; such a bundle need judge no kinds. */
  readonly documents: readonly string[];
  /** Organisations that may ask; absent: any. */
  readonly callers?: readonly string[];
}
