import { ProblemError } from '#problem';
import { parseAnswer } from '../wasm/answer.js';
import type { BundleFault } from './bundle-status.js';
import type { Conduct } from './conduct.js';
import type { Answer, CompiledBundle, Failure, SentInput } from './messages.js';

/** Who hears what came of questions. */
export interface Asker {
  answered(value: unknown, place: number): void;
  refused(fault: ProblemError, place: number): void;
}

/** A question that waits, or is being judged. */
export interface Question {
  readonly entrypoint: string;
  /** The module's id of it. */
  readonly id: number;
  readonly input: SentInput;
  /** The value is wanted as Bundle.evaluateToJson gives it. */
  readonly isJson: boolean;
  readonly asker: Asker;
  /** Which of the asker's questions it is. */
  readonly place: number;
}

/** A bundle that lives in threads: what it is, how it has done, and who waits for it. */
export interface Resident {
  /** What the threads call it. */
  readonly number: number;
  readonly name: string;
  readonly revision: string;
  readonly compiled: CompiledBundle;
  readonly conduct: Conduct;
  readonly deadlineMs: number;
  /** Its own, if it asks hosts: nobody else waits while it waits for them. */
  readonly lane?: { enter(resident: Resident): void };
  /** In the order in which they came. */
  readonly waiting: Question[];
}

/** Tells a question that it has no answer; the cause is for the log. */
export function refuse(question: Question, why: string, retryAfterSeconds?: number): void {
  const cause = new Error(why);
  const fault = new ProblemError('evaluation-failed', retryAfterSeconds === undefined ? { cause } : { cause, retryAfterSeconds });
  question.asker.refused(fault, question.place);
}

/**
 * Gives a question what came from the thread.
 * @returns the fault, if it failed
 */
export function settle(question: Question, answer: Answer, now: number): BundleFault | undefined {
  let failure: Failure;
  if (typeof answer !== 'object') {
    try {
      question.asker.answered(question.isJson ? answer : parseAnswer(answer ?? '[]'), question.place);
      return undefined;
    } catch (error) {
      failure = { message: (error as Error).message };
    }
  } else failure = answer;
  refuse(question, failure.message);
  const { abort } = failure;
  const fault = { kind: 'failed', entrypoint: question.entrypoint, at: now } as const;
  return abort === undefined ? fault : { ...fault, detail: abort };
}
