import type { BundleRef, Instant, Orgnr } from '#domain';
import { type Compared, type Difference, OTHER_REASON } from './difference.js';

/** How many differ in one konsument for one reason. */
export interface Counted {
  readonly konsument: Orgnr;
  readonly kind: Difference['kind'];
  /** Slug of a rule that says no. */
  readonly reason: string;
  readonly count: number;
}

/** What was found in all; a gain or loss is one of a person for a konsument in a role, whatever the circumstances. */
export interface Totals {
  /** How many questions both sets of rules were asked. */
  readonly questions: number;
  readonly gains: number;
  readonly losses: number;
  /** Questions to which the one or the other gave no whole answer. */
  readonly failedBefore: number;
  readonly failedAfter: number;
}

/** What would be answered otherwise. */
export interface Comparison extends Totals {
  /** What judges now; absent: the standard rules alone. */
  readonly active?: BundleRef;
  /** Absent: it was not pushed, or is none. */
  readonly candidate?: BundleRef;
  readonly counts: readonly Counted[];
  /** Whether nothing was left out, for want of time or since the log did not tell it whole. */
  readonly isComplete: boolean;
  /** By which moment whoever takes it names it; absent: it is not kept. */
  readonly keptAt?: Instant;
}

/** Own rules may name any number of reasons: what is beyond this is counted as one. */
const MOST_COUNTS = 20_000;

/** Counts differences by konsument, kind and reason, in bounded memory. */
export class Tally {
  #questions = 0;
  #gains = 0;
  #losses = 0;
  #failedBefore = 0;
  #failedAfter = 0;
  readonly #counts = new Map<string, { konsument: Orgnr; kind: Difference['kind']; reason: string; count: number }>();

  /** Takes what was found of one question. */
  asked({ failed }: Pick<Compared, 'failed'>): void {
    this.#questions += 1;
    if (failed.before) this.#failedBefore += 1;
    if (failed.after) this.#failedAfter += 1;
  }

  /** Takes a difference. */
  differs({ kind, konsument, reasons }: Pick<Difference, 'kind' | 'konsument' | 'reasons'>): void {
    if (kind === 'gain') this.#gains += 1;
    else this.#losses += 1;
    for (const reason of reasons) this.#count(konsument, kind, reason);
  }

  #count(konsument: Orgnr, kind: Difference['kind'], told: string): void {
    const reason = this.#counts.has(`${konsument} ${kind} ${told}`) || this.#counts.size < MOST_COUNTS ? told : OTHER_REASON;
    const key = `${konsument} ${kind} ${reason}`;
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { konsument, kind, reason, count: 1 });
    else known.count += 1;
  }

  /** What was found so far. */
  get totals(): Totals {
    return {
      questions: this.#questions,
      gains: this.#gains,
      losses: this.#losses,
      failedBefore: this.#failedBefore,
      failedAfter: this.#failedAfter,
    };
  }

  /** By konsument, then losses before gains, then reason. */
  get counts(): readonly Counted[] {
    const order = ({ konsument, kind, reason }: Counted): string => `${konsument} ${kind === 'loss' ? 0 : 1} ${reason}`;
    return [...this.#counts.values()].map((counted) => ({ ...counted })).sort((a, b) => (order(a) < order(b) ? -1 : 1));
  }
}
