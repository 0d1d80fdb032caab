import { setImmediate } from 'node:timers/promises';

/** Others have to wait no longer than this and the work on one row or some lines. */
const TURN_MS = 4;

/** How long the event loop has been held, by whoever works between the calls too: what has arrived already is read without a pause else. */
export class Turns {
  #sinceMs = performance.now();

  /** Whether it is somebody else's turn. */
  get isOver(): boolean {
    return performance.now() - this.#sinceMs > TURN_MS;
  }

  /** Lets whoever waits go first. */
  async give(): Promise<void> {
    await setImmediate();
    this.#sinceMs = performance.now();
  }
}
