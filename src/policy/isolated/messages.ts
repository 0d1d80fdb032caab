import type { OutsideLimits } from '#fetching';
import type { Module } from '../wasm/abi.js';

/** What a thread is started with. */
export interface ThreadSetting {
  /** Most linear memory of an instance. */
  readonly maxMemoryBytes: number;
  /** Where it tells how far it is, see below: 32-bit numbers in shared memory. */
  readonly progress: SharedArrayBuffer;
  /** Whom the bundles of the thread may ask; absent: nobody. */
  readonly outside?: OutsideLimits | undefined;
}

/** How far it is, as `progressAt` writes it: one number, so that whoever looks never sees the half of a step. */
export const PROGRESS = 0;
/** What the system calls the thread; 0 where it does not say. */
export const THREAD_ID = 1;
/** How many numbers there are. */
export const PROGRESS_LENGTH = 2;

/** Nothing of a bundle has run yet. */
export const IDLE = 0;
/** An instance of a bundle starts, which reads its data. */
export const STARTING = 1;
/** A question is judged. */
export const JUDGING = 2;
/** The last batch is judged, and its answers are on their way. */
export const DONE = 3;

/** Most questions of a batch: their places have six bits. */
export const MAX_BATCH = 64;

/** A step: its count, which makes it another one than that before, the phase, and the place of its question in the batch. */
export function progressAt(step: number, phase: number, question: number): number {
  return (step << 8) | (phase << 6) | question;
}

/** What the step is. */
export function phaseOf(progress: number): number {
  return (progress >> 6) & 3;
}

/** The place of its question in the batch. */
export function questionOf(progress: number): number {
  return progress & (MAX_BATCH - 1);
}

/** A compiled bundle, as a thread gets it. */
export interface CompiledBundle {
  readonly module: Module;
  /** The data document as JSON. */
  readonly document: Uint8Array;
  /** Linear memory of an instance that has just started. */
  readonly memoryBytes: number;
  /** Whether it calls built-ins of the host: a thread whose bundles call none starts without them, in half the time. */
  readonly needsBuiltins: boolean;
}

/** An input on its way: as an instance takes it, or a term as Rego text. */
export type SentInput = string | Uint8Array | undefined | { readonly rego: string };

/** The questions of a batch, a column for each of their parts: objects cost more than what is in them. */
export interface SentQuestions {
  /** The module's ids of what is asked. */
  readonly entrypoints: readonly number[];
  readonly inputs: readonly SentInput[];
  /** The values are wanted as Bundle.evaluateToJson gives them. */
  readonly areJson: boolean;
}

/** What a thread is sent, in the order in which it is done. */
export type Order =
  | { readonly kind: 'load'; readonly bundle: number; readonly compiled: CompiledBundle }
  | { readonly kind: 'drop'; readonly bundle: number }
  | ({ readonly kind: 'ask'; readonly bundle: number } & SentQuestions);

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
