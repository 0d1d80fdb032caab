import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { OutsideLimits } from '#fetching';
import { type Answers, type CompiledBundle, type Order, PROGRESS, PROGRESS_LENGTH, THREAD_ID, type ThreadSetting } from './messages.js';
import type { Question, Resident } from './resident.js';

/** Bundles whose instances have more linear memory than this do not stay in one thread. */
const MAX_LOADED_BYTES = 256 * 2 ** 20;
/** What a bundle takes beside it: compiled code, and what JavaScript keeps. */
const OWN_BYTES = 2 ** 20;

/** What a thread is given besides what is in its messages. */
export interface ThreadLimits {
  readonly maxMemoryBytes: number;
  readonly maxHeapMib: number;
  /** Whom the bundles of the thread may ask; absent: nobody. */
  readonly outside?: OutsideLimits | undefined;
  /** Whether it lets the threads of others go first, where the system has that. */
  readonly givesWay?: boolean;
}

/** A thread that answers batches, and what is seen of it from outside. */
export class ThreadHandle {
  readonly #worker: Worker;
  readonly #progress: Int32Array;
  /** What the bundles that it holds take, by their numbers, the one that was not asked for the longest time first. */
  readonly #loaded = new Map<number, number>();
  #loadedBytes = 0;

  /** @param onEnded hears once when the thread ends by itself, which it does when its memory does not suffice */
  constructor(limits: ThreadLimits, onAnswers: (answers: Answers) => void, onEnded: () => void) {
    const progress = new SharedArrayBuffer(4 * PROGRESS_LENGTH);
    this.#progress = new Int32Array(progress);
    const workerData: ThreadSetting = { maxMemoryBytes: limits.maxMemoryBytes, progress, outside: limits.outside };
    this.#worker = new Worker(new URL(limits.givesWay === true ? './yielding-thread.js' : './thread.js', import.meta.url), {
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

  /** How far it is, see messages.ts: the same as long as the same step is under way. */
  get progress(): number {
    return Atomics.load(this.#progress, PROGRESS);
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

  /** Puts questions of one bundle, all of one form. */
  ask({ number: bundle, compiled }: Resident, questions: readonly Question[]): void {
    const bytes = this.#loaded.get(bundle) ?? this.#load(bundle, compiled);
    // A Map keeps the order of insertion.
    this.#loaded.delete(bundle);
    this.#loaded.set(bundle, bytes);
    for (const oldest of this.#loaded.keys()) {
      if (this.#loadedBytes <= MAX_LOADED_BYTES || oldest === bundle) break;
      this.drop(oldest);
    }
    this.#post({
      kind: 'ask',
      bundle,
      entrypoints: questions.map(({ id }) => id),
      inputs: questions.map(({ input }) => input),
      areJson: questions[0]?.isJson === true,
    });
  }

  #load(bundle: number, compiled: CompiledBundle): number {
    this.#post({ kind: 'load', bundle, compiled });
    const bytes = compiled.memoryBytes + compiled.document.byteLength + OWN_BYTES;
    this.#loadedBytes += bytes;
    return bytes;
  }

  /** Forgets a bundle. */
  drop(bundle: number): void {
    this.#loadedBytes -= this.#loaded.get(bundle) ?? 0;
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
