import type { Module } from '../wasm/abi.js';
import type { InputText } from '../wasm/instance.js';

/** What a thread is started with. */
export interface ThreadSetting {
  /** Most linear memory of an instance. */
  readonly maxMemoryBytes: number;
  /** Where it tells how far it is, see the places below: 32-bit numbers in shared memory. */
  readonly progress: SharedArrayBuffer;
}

/** Counts every step: as long as it stays the same, the same step is under way. */
export const STEP = 0;
/** What the step is. */
export const PHASE = 1;
/** The place of the question in its batch. */
export const QUESTION = 2;
/** How many numbers there are. */
export const PROGRESS_LENGTH = 3;

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

/** What a thread is sent, in the order in which it is done. */
export type Order =
  | { readonly kind: 'load'; readonly bundle: number; readonly compiled: CompiledBundle }
  | { readonly kind: 'drop'; readonly bundle: number }
  | { readonly kind: 'ask'; readonly bundle: number; readonly entrypoints: readonly number[]; readonly inputs: readonly InputText[] };

/** Why a question has no answer, when the thread lives on. */
export interface Failure {
  /** What the engine said: for the log of this process, and never for a caller. */
  readonly message: string;
  /** Where the policy gave up, if it did so itself: rule and line, nothing of the input. */
  readonly abort?: string;
}

/** What a thread sends back for each batch: the result sets as JSON text, or why there is none. */
export interface Answers {
  readonly answers: readonly (string | Failure)[];
  /** How long the batch took there. */
  readonly micros: number;
}
