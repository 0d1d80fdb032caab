import type { OutsideLimits } from '../outside/fetch-outside.js';
import type { Module } from '../wasm/abi.js';

/** What a thread is started with. */
export interface ThreadSetting {
  /** Most linear memory of an instance. */
  readonly maxMemoryBytes: number;
  /** Where it tells how far it is, see the places below: 32-bit numbers in shared memory. */
  readonly progress: SharedArrayBuffer;
  /** Whom the bundles of the thread may ask; absent: nobody. */
  readonly outside?: OutsideLimits | undefined;
}

/** Counts every step: as long as it stays the same, the same step is under way. */
export const STEP = 0;
/** What the step is. */
export const PHASE = 1;
/** The place of the question in its batch. */
export const QUESTION = 2;
/** What the system calls the thread; 0 where it does not say. */
export const THREAD_ID = 3;
/** How many numbers there are. */
export const PROGRESS_LENGTH = 4;

/** Nothing of a bundle runs. */
export const IDLE = 0;
/** An instance of a bundle starts, which reads its data. */
export const STARTING = 1;
/** A question is judged. */
export const JUDGING = 2;

/** A compiled bundle, as a thread gets it. */
export interface CompiledBundle {
  readonly module: Module;
  /** The data document as JSON. */
  readonly document: Uint8Array;
}

/** An input on its way: as an instance takes it, or a term as Rego text. */
export type SentInput = string | Uint8Array | undefined | { readonly rego: string };

/** One question of a batch. */
export interface SentQuestion {
  /** The module's id of it. */
  readonly entrypoint: number;
  readonly input: SentInput;
  /** The value is wanted as Bundle.evaluateToJson gives it. */
  readonly isJson: boolean;
}

/** What a thread is sent, in the order in which it is done. */
export type Order =
  | { readonly kind: 'load'; readonly bundle: number; readonly compiled: CompiledBundle }
  | { readonly kind: 'drop'; readonly bundle: number }
  | { readonly kind: 'ask'; readonly bundle: number; readonly questions: readonly SentQuestion[] };

/** Why a question has no answer, when the thread lives on. */
export interface Failure {
  /** What the engine said: for the log of this process, and never for a caller. */
  readonly message: string;
  /** Where the policy gave up, if it did so itself: rule and line, nothing of the input. */
  readonly abort?: string;
}

/** What a question got: the result set as JSON text, what evaluateToJson gives, or why there is none. */
export type Answer = string | undefined | Failure;

/** What a thread sends back for each batch. */
export interface Answers {
  readonly answers: readonly Answer[];
  /** How long the batch took there. */
  readonly micros: number;
}
