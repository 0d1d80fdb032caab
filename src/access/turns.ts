import { setImmediate } from 'node:timers/promises';

/** So long a turn of the event loop may last here: others wait for it. */
const LONGEST_MS = 4;

/** Work that lets other requests have their turn whenever it has lasted a while. */
export class Turns {
  #begunMs = performance.now();

  /** Whether this turn has lasted long enough. */
  get isOver(): boolean {
    return performance.now() - this.#begunMs >= LONGEST_MS;
  }

  /** Waits for the next turn if this one has lasted long enough. */
  async next(): Promise<void> {
    if (!this.isOver) return;
    await setImmediate();
    this.#begunMs = performance.now();
  }
}

/** So many wait together, where what is asked does not answer at once. */
const TOGETHER = 50;

/** Does work for each, in their order, and lets others have their turn between them. @throws what the work throws, once what was begun is over */
export async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R> | R): Promise<readonly R[]> {
  const turns = new Turns();
  const done: R[] = [];
  for (let at = 0; at < items.length; at += TOGETHER) {
    const begun: (Promise<R> | R)[] = [];
    for (const item of items.slice(at, at + TOGETHER)) {
      const one = work(item);
      // Heard of below; until then it must not end the process.
      if (one instanceof Promise) one.catch(() => {});
      begun.push(one);
      if (turns.isOver) await turns.next();
    }
    for (const one of begun) done.push(one instanceof Promise ? await one : one);
  }
  return done;
}
