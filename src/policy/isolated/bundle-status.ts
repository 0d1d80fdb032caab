/**
 * How much a bundle is believed: a proven one has answered many questions quickly, a suspect one ran away or took all memory. Those who differ in this
 * never wait for each other.
 */
export type Standing = 'proven' | 'unproven' | 'suspect';

/** What went wrong with a bundle, for its author. */
export interface BundleFault {
  /** `deadline`, `memory`: its thread was ended; `failed`: a trap, an abort, a failing built-in, an answer of another form. */
  readonly kind: 'deadline' | 'memory' | 'failed';
  readonly entrypoint: string;
  /** ms since 1970. */
  readonly at: number;
  /** Where in the policy, if it said so itself. */
  readonly detail?: string;
}

/** How a bundle has done since it was loaded in this process. */
export interface BundleStatus {
  readonly name: string;
  readonly revision: string;
  readonly standing: Standing;
  /** Questions that got an answer. */
  readonly evaluations: number;
  /** Questions that failed while the thread lived on. */
  readonly failures: number;
  /** Questions that were ended at the deadline. */
  readonly timeouts: number;
  /** Questions at which the thread ran out of memory. */
  readonly exhaustions: number;
  /** Questions that were refused unasked: too many waited, or it was held back. */
  readonly refusals: number;
  /** How long a question takes in its thread, over the last ones; 0 before the first. */
  readonly meanMicros: number;
  readonly lastFault?: BundleFault;
  /** Until when (ms since 1970) its questions are refused, since it ran away again and again. */
  readonly heldBackUntil?: number;
}
