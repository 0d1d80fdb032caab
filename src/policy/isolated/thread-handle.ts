import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { OutsideLimits } from '../outside/fetch-outside.js';
import { type Answers, type Order, PHASE, PROGRESS_LENGTH, QUESTION, STEP, THREAD_ID, type ThreadSetting } from './messages.js';
import type { Question, Resident } from './resident.js';

/** More bundles than this do not stay in one thread: their data take its memory. */
const MAX_LOADED = 64;

/** What a thread is given besides what is in its messages. */
export interface ThreadLimits {
  readonly maxMemoryBytes: number;
  readonly maxHeapMib: number;
  /** Whom the bundles of the thread may ask; absent: nobody. */
  readonly outside?: OutsideLimits | undefined;
}

/** A thread that answers batches, and what is seen of it from outside. */
export class ThreadHandle {
  readonly #worker: Worker;
  readonly #progress: Int32Array;
  /** Numbers of the bundles that it holds, the one that was not asked for the longest time first. */
  readonly #loaded = new Set<number>();

  /** @param onEnded hears once when the thread ends by itself, which it does when its memory does not suffice */
  constructor(limits: ThreadLimits, onAnswers: (answers: Answers) => void, onEnded: () => void) {
    const progress = new SharedArrayBuffer(4 * PROGRESS_LENGTH);
    this.#progress = new Int32Array(progress);
    const workerData: ThreadSetting = { maxMemoryBytes: limits.maxMemoryBytes, progress, outside: limits.outside };
    this.#worker = new Worker(new URL('./thread.js', import.meta.url), {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: limits.maxHeapMib, maxYoungGenerationSizeMb: 16 },
      // What a policy prints goes nowhere, and neither does what a library under it does.
      stdout: true,
      stderr: true,
    });
    this.#worker.on('message', onAnswers);
    this.#worker.on('error', () => {});
    this.#worker.on('exit', onEnded);
  }

  /** Stays the same as long as the same step is under way. */
  get step(): number {
    return Atomics.load(this.#progress, STEP);
  }

  /** What it is at: see messages.ts. */
  get phase(): number {
    return Atomics.load(this.#progress, PHASE);
  }

  /** The place in its batch of the question that it is at. */
  get question(): number {
    return Atomics.load(this.#progress, QUESTION);
  }

  /** How long it has really run, in ms; `undefined` where the system does not say (it is Linux that does). */
  get workedMs(): number | undefined {
    try {
      const [ns] = readFileSync(`/proc/self/task/${this.#progress[THREAD_ID]}/schedstat`, 'latin1').split(' ');
      return Number(ns) / 1e6;
    } catch {
      return undefined;
    }
  }

  /** Puts questions of one bundle. */
  ask({ number: bundle, compiled }: Resident, questions: readonly Question[]): void {
    if (!this.#loaded.delete(bundle)) this.#post({ kind: 'load', bundle, compiled });
    this.#loaded.add(bundle);
    for (const oldest of this.#loaded) {
      if (this.#loaded.size <= MAX_LOADED) break;
      this.drop(oldest);
    }
    this.#post({ kind: 'ask', bundle, questions: questions.map(({ sent }) => sent) });
  }

  /** Forgets a bundle. */
  drop(bundle: number): void {
    if (this.#loaded.delete(bundle)) this.#post({ kind: 'drop', bundle });
  }

  /** Ends it, wherever it is; nobody hears of it any more. */
  async end(): Promise<void> {
    this.#worker.removeAllListeners();
    // A thread that is ended while it runs out of memory may still say so.
    this.#worker.on('error', () => {});
    await this.#worker.terminate();
  }

  #post(order: Order): void {
    this.#worker.postMessage(order);
  }
}
