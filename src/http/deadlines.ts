/** A wait that is to end in time. */
export interface Wait {
  readonly untilMs: number;
  readonly onLate: () => void;
}

/**
 * Waits that may each last as long as the others: one timer serves all of them, since the first that began is the first that is late.
 * A wait that is late ends with a call of its `onLate`, at most once.
 */
export class Deadlines {
  readonly #limitMs: number;
  // A Set keeps the order of insertion.
  readonly #waiting = new Set<Wait>();
  #timer: NodeJS.Timeout | undefined;

  /** @param limitMs how long each may last, in milliseconds */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  begin(onLate: () => void): Wait {
    const wait = { untilMs: performance.now() + this.#limitMs, onLate };
    this.#waiting.add(wait);
    this.#timer ??= setTimeout(this.#sweep, this.#limitMs).unref();
    return wait;
  }

  end(wait: Wait): void {
    this.#waiting.delete(wait);
  }

  readonly #sweep = (): void => {
    const now = performance.now();
    this.#timer = undefined;
    for (const wait of this.#waiting) {
      // A timer may fire a moment early.
      if (wait.untilMs > now + 1) {
        this.#timer = setTimeout(this.#sweep, wait.untilMs - now).unref();
        return;
      }
      this.#waiting.delete(wait);
      wait.onLate();
    }
  };
}
