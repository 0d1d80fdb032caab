import { present } from '#domain';
import type { BundleFault, BundleStatus, Standing } from './bundle-status.js';

/** Answers without a fault after which a bundle is proven. */
const CLEAN_ANSWERS = 500;
/** A proven bundle is quick: others wait for it. */
const SLOW_MICROS = 4000;
const QUICK_MICROS = 2000;
/** Ends of its thread that a bundle may cause before it is held back. */
const SPARED = 2;
const FIRST_HOLD_MS = 1000;
const LONGEST_HOLD_MS = 5 * 60_000;
/** Before anything is known of a bundle, its questions are put one by one. */
const UNKNOWN_MICROS = 2000;
/** How much the last batch weighs in the mean. */
const WEIGHT = 0.2;

/** What is remembered of a bundle's conduct, and what follows from it. */
export class Conduct {
  standing: Standing;
  #evaluations = 0;
  #failures = 0;
  #timeouts = 0;
  #exhaustions = 0;
  #refusals = 0;
  #micros: number | undefined;
  #clean = 0;
  /** Ends that it caused, until it has been clean for long. */
  #ends = 0;
  #heldBackUntil = 0;
  #lastFault: BundleFault | undefined;

  constructor(standing: Standing = 'unproven') {
    this.standing = standing;
  }

  /** About how long its next question will take. */
  get expectedMicros(): number {
    return this.#micros ?? UNKNOWN_MICROS;
  }

  /** Until when it is held back, in ms since 1970; `undefined` if it is not. */
  heldBackUntil(now: number): number | undefined {
    return now < this.#heldBackUntil ? this.#heldBackUntil : undefined;
  }

  /** A batch is over, of which so many questions have an answer. */
  answered(answers: number, questions: number, micros: number): void {
    this.#evaluations += answers;
    this.#clean += answers;
    const each = micros / questions;
    this.#micros = this.#micros === undefined ? each : this.#micros + WEIGHT * (each - this.#micros);
    if (this.#micros > SLOW_MICROS && this.standing === 'proven') this.standing = 'unproven';
    if (this.#clean < CLEAN_ANSWERS) return;
    this.#ends = 0;
    if (this.standing === 'suspect') this.standing = 'unproven';
    if (this.#micros < QUICK_MICROS) this.standing = 'proven';
  }

  /** One of its questions failed. */
  failed(fault: BundleFault): void {
    this.#failures += 1;
    this.#lastFault = fault;
  }

  /** A question was refused unasked. */
  refused(): void {
    this.#refusals += 1;
  }

  /** Its thread had to be ended at one of its questions. */
  ended(fault: BundleFault): void {
    if (fault.kind === 'deadline') this.#timeouts += 1;
    else this.#exhaustions += 1;
    this.#lastFault = fault;
    this.#clean = 0;
    this.#ends += 1;
    this.standing = 'suspect';
    const excess = this.#ends - SPARED;
    if (excess > 0) this.#heldBackUntil = fault.at + Math.min(LONGEST_HOLD_MS, FIRST_HOLD_MS * 2 ** (excess - 1));
  }

  /** All of it, for the bundle's author. */
  status(named: Pick<BundleStatus, 'name' | 'revision'>, now: number): BundleStatus {
    return {
      name: named.name,
      revision: named.revision,
      standing: this.standing,
      evaluations: this.#evaluations,
      failures: this.#failures,
      timeouts: this.#timeouts,
      exhaustions: this.#exhaustions,
      refusals: this.#refusals,
      meanMicros: this.#micros ?? 0,
      ...present({ lastFault: this.#lastFault, heldBackUntil: this.heldBackUntil(now) }),
    };
  }
}
