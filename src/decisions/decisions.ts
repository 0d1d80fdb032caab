import { randomBytes } from 'node:crypto';
import type { Bundle } from '#policy';
import { ProblemError } from '#problem';

/** A rule of a bundle with the shape that its answers have. */
export interface Rule<Answer> {
  /** As policies name it, such as `tilgang/access/search`. */
  readonly entrypoint: string;
  /** Whether a value of the policy is a whole answer. */
  readonly isAnswer: (value: unknown) => value is Answer;
}

/** What a policy said of one question. */
export interface Decision<Answer> {
  readonly answer: Answer;
  /** Of the bundle that judged. */
  readonly revision: string;
  /** Names this decision in this installation. */
  readonly id: string;
}

/** Answers all questions of one request by the same bundle. */
export interface Judge {
  /** Of the bundle that judges. */
  readonly revision: string;
  /**
   * Asks one rule; at once where the bundle answers at once. A fault is thrown, or rejects what is awaited.
   * @param input any JSON value; see Bundle.evaluate
   * @param isWhole what the answer must be besides, for this input
   * @throws ProblemError `evaluation-failed` if it fails, is undefined or gives another shape: neither a yes nor a no
   */
  ask<Answer>(rule: Rule<Answer>, input: unknown, isWhole?: (answer: Answer) => boolean): Decision<Answer> | Promise<Decision<Answer>>;
}

/** Where a request gets its judge. */
export interface Decisions {
  /** The bundle that judges now, for as long as one request lasts: it never sees two revisions. */
  pinned(): Judge;
  /** Judges over one bundle, such as an application's own. The same for the same bundle. */
  over(bundle: Bundle): Judge;
}

/** Judges over a bundle that may be another from one request to the next. @param bundle the one that judges now; asked once per request */
export function createDecisions(bundle: () => Bundle): Decisions {
  // Unique without a random draw per decision: the process's own prefix and a count.
  const prefix = randomBytes(9).toString('base64url');
  let count = 0;
  const nextId = (): string => {
    count += 1;
    return `${prefix}-${count.toString(36)}`;
  };
  const judges = new WeakMap<Bundle, Judge>();
  const over = (judging: Bundle): Judge => {
    let judge = judges.get(judging);
    if (judge === undefined) {
      judge = judgeOf(judging, nextId);
      judges.set(judging, judge);
    }
    return judge;
  };
  return { pinned: () => over(bundle()), over };
}

function judgeOf(bundle: Bundle, nextId: () => string): Judge {
  const { revision } = bundle;
  return {
    revision,
    ask(rule, input, isWhole) {
      const { entrypoint, isAnswer } = rule;
      const judged = (value: unknown): Decision<never> => {
        if (isAnswer(value) && isWhole?.(value) !== false) return { answer: value as never, revision, id: nextId() };
        const gave = value === undefined ? 'nothing' : 'another shape than it declares';
        throw new ProblemError('evaluation-failed', { cause: new Error(`${entrypoint} gave ${gave}`) });
      };
      let value: unknown;
      try {
        value = bundle.evaluate(entrypoint, input);
      } catch (cause) {
        throw failed(cause);
      }
      if (!(value instanceof Promise)) return judged(value);
      return value.then(judged, (cause: unknown) => {
        throw failed(cause);
      });
    },
  };
}

function failed(cause: unknown): ProblemError {
  return new ProblemError('evaluation-failed', { cause });
}

/** Whether it is a list of texts: what most answers are made of. */
export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
