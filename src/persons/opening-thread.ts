import type { KeyObject } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import type { OpenedTexts, OpeningTask } from './open-texts.js';

/** A sealed text, and where it stands. */
export interface SealedText {
  readonly sealed: string;
  readonly boundTo: string;
}

/** What is waited for. */
type Waiting = Map<number, (opened: OpenedTexts['opened']) => void>;

/**
 * A thread that opens many texts at once, which takes longer than anything else that is done with them. It is started by the first who asks, and holds
 * nobody up who wants to end. Keys are shown to it with each task, and it keeps none.
 */
export class OpeningThread {
  #started: { readonly worker: Worker; readonly waiting: Waiting } | undefined;
  #count = 0;

  /** The texts in their order; undefined is what none of the keys opens, and nothing is there if the thread ends. @throws an error of the system if none can be started */
  async open(keys: readonly KeyObject[], all: readonly SealedText[]): Promise<OpenedTexts['opened']> {
    const { worker, waiting } = this.#start();
    this.#count += 1;
    const id = this.#count;
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      worker.ref();
      const task: OpeningTask = { id, keys, sealed: all.map(({ sealed }) => sealed), boundTo: all.map(({ boundTo }) => boundTo) };
      worker.postMessage(task);
    });
  }

  #start() {
    if (this.#started !== undefined) return this.#started;
    const worker = new Worker(new URL('./open-texts.js', import.meta.url), { resourceLimits: { maxYoungGenerationSizeMb: 16 } });
    const waiting: Waiting = new Map();
    worker.on('message', ({ id, opened }: OpenedTexts) => {
      waiting.get(id)?.(opened);
      waiting.delete(id);
      if (waiting.size === 0) worker.unref();
    });
    // Whoever waits does it without; the next one starts another.
    worker.on('error', () => {});
    worker.on('exit', () => {
      this.#started = undefined;
      for (const resolve of waiting.values()) resolve([]);
    });
    this.#started = { worker, waiting };
    return this.#started;
  }
}
