import { setImmediate } from 'node:timers/promises';

/** So long a turn of the event loop may last here: others wait for it. */
const LONGEST_MS = 4;

/** Work that lets other requests have their turn whenever it has lasted a while. */
export class Turns {
  #begunMs = performance.now();

  /** Waits for the next turn if this one has lasted long enough. */
  async next(): Promise<void> {
    if (performance.now() - this.#begunMs < LONGEST_MS) return;
    await setImmediate();
    this.#begunMs = performance.now();
  }
}

/** So many wait together, where what is asked does not answer at once. */
const TOGETHER = 50;

/** Does work for each, in their order, and lets others have their turn between them. @throws what the work throws, once what was begun is over */
export async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const turns = new Turns();
  const done: R[] = [];
  for (let at = 0; at < items.length; at += TOGETHER) {
    const begun: Promise<R>[] = [];
    for (const item of items.slice(at, at + TOGETHER)) {
      const one = work(item);
      // Heard of below; until then it must not end the process.
      one.catch(() => {});
      begun.push(one);
      await turns.next();
    }
    done.push(...(await Promise.all(begun)));
  }
  return done;
}
