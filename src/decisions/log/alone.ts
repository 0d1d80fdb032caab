import { setImmediate } from 'node:timers';

/** After so many turns of the event loop in a row with one decision the next is thought to be alone too. */
const ALONE_AFTER = 8;
/** Of so many that were thought to be alone it is looked at one whether it was; no number that loads come in, so that it is not always the last of its turn. */
const LOOKED_AT = 31;

/**
 * Whether decisions come one in a turn. Then there is nothing to write them together with, and waiting for the turn's end only costs.
 */
export class Alone {
  #turns = 0;
  #count = 0;

  /** Whether the next decision is thought to be the only one of its turn. */
  get isLikely(): boolean {
    return this.#turns >= ALONE_AFTER;
  }

  /** So many have come in a turn. */
  came(decisions: number): void {
    this.#turns = decisions === 1 ? this.#turns + 1 : 0;
  }

  /** One has come that was thought to be alone. */
  thought(): void {
    this.#count += 1;
    if (this.#count % LOOKED_AT !== 0) return;
    const count = this.#count;
    setImmediate(() => {
      if (this.#count !== count) this.#turns = 0;
    });
  }
}
