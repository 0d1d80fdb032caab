import { randomBytes } from 'node:crypto';
import { toInstant } from '#domain';
import { type Bundle, JsonText } from '#policy';
import { ProblemError } from '#problem';
import type { MadeDecision } from './log/event-line.js';

/** A rule of a bundle with the shape that its answers have. */
export interface Rule<Answer> {
  /** As policies name it, such as `tilgang/access/search`. */
  readonly entrypoint: string;
  /** Whether a value of the policy is a whole answer. */
  readonly isAnswer: (value: unknown) => value is Answer;
  /** Whether it decides something for somebody, so that the decision log has it; what is asked on the way to that is left out. */
  readonly isLogged?: true;
}

/** For whom a decision is made, as the log has it; `nobody`: it is thought up, and not logged. */
export type Asker =
  | 'nobody'
  | {
      /** An organisation number, a brukerId, or `operator`. */
      readonly requestedBy: string | undefined;
      /** Of the grant document that it is made from. */
      readonly documentRevision?: number;
      /** It is asked for a list: nobody is let in by the answer. */
      readonly isForList?: boolean;
    };

/** What a policy said of one question. */
export interface Decision<Answer> {
  readonly answer: Answer;
  /** Of the bundle that judged. */
  readonly revision: string;
  /** Names this decision in this installation. */
  readonly id: string;
}

/** Many questions that are answered together. */
export interface ManyAsked {
  /** For whom each is decided. */
  readonly askers: readonly Asker[];
  /** The input of one of them as JSON of one line; asked for only if it is logged. */
  inputOf(at: number): string;
}

/** Answers all questions of one request by the same bundle. */
export interface Judge {
  /** Of the bundle that judges. */
  readonly revision: string;
  /** The same for all requests that the same bundle judges: what is remembered of its answers is remembered under this. */
  readonly bundle: Bundle;
  /**
   * Asks one rule; at once where the bundle answers at once. A fault is thrown, or rejects what is awaited.
   * @param input any JSON value; see Bundle.evaluate
   * @param isWhole what the answer must be besides, for this input
   * @throws ProblemError `evaluation-failed` if it fails, is undefined or gives another shape: neither a yes nor a no; `decision-log-unavailable` if it
   *   is to be logged and cannot be
   */
  ask<Answer>(
    rule: Rule<Answer>,
    input: unknown,
    isWhole?: (answer: Answer) => boolean,
    asker?: Asker,
  ): Decision<Answer> | Promise<Decision<Answer>>;
  /**
   * Asks one rule about each of many inputs, for `nobody`: nothing of it is logged. At once where the bundle answers at once.
   * @returns the answers in their order; for one that is none the ProblemError that ask throws
   */
  askMany<Answer>(
    rule: Rule<Answer>,
    inputs: readonly unknown[],
  ): readonly (Answer | ProblemError)[] | Promise<readonly (Answer | ProblemError)[]>;
  /**
   * What is decided from the answers of several bundles, as one decision of the log: as if the rule had answered it.
   * @param work asks what it needs, for `nobody`; it is told the id of the decision
   * @throws as ask, and what the work throws
   */
  decide<Made extends { readonly answer: unknown }>(
    rule: Rule<unknown>,
    input: JsonText,
    by: { readonly asker: Asker; readonly bundles: Readonly<Record<string, string>> },
    work: (id: string) => Promise<Made>,
  ): Promise<Made>;
  /**
   * Many questions that are answered together, as a decision of the log each: as if the rule had answered it.
   * @param work answers them in their order; what it throws is nobody's decision, and is not logged
   * @throws ProblemError `decision-log-unavailable`, and what the work throws
   */
  decideMany<Made extends { readonly answer: unknown }>(
    rule: Rule<unknown>,
    questions: ManyAsked,
    work: () => Promise<readonly Made[]>,
  ): Promise<readonly { readonly made: Made; readonly id: string }[]>;
  /**
   * Resolves once what this judge has decided so far is in the decision log: to the problem that is to be answered instead, if it had to be and is not.
   * `undefined`: there is nothing to wait for.
   */
  written(): Promise<ProblemError | undefined> | undefined;
}

/** Where a request gets its judge. */
export interface Decisions {
  /** The bundle that judges now, for as long as one request lasts: it never sees two revisions. @param requestId as the log has it */
  pinned(requestId?: string): Judge;
  /** Judges over one bundle, such as an application's own, whose answers are no decisions by themselves. The same for the same bundle. */
  over(bundle: Bundle): Judge;
}

/** Where decisions are logged; see DecisionLog. */
export interface DecisionRecord {
  assertOpen(): void;
  record(bundle: Bundle, made: MadeDecision): Promise<ProblemError | undefined> | undefined;
}

/** What decisions are made with beside the bundle. */
export interface DecisionsOptions {
  /** Absent: they are not logged. */
  readonly log?: DecisionRecord | undefined;
  /** Milliseconds since the epoch. */
  readonly clock?: () => number;
}

/** Judges over a bundle that may be another from one request to the next. @param bundle the one that judges now; asked once per request */
export function createDecisions(bundle: () => Bundle, { log, clock = Date.now }: DecisionsOptions = {}): Decisions {
  // Unique without a random draw per decision: the process's own prefix and a count.
  const prefix = randomBytes(9).toString('base64url');
  let count = 0;
  const nextId = (): string => {
    count += 1;
    return `${prefix}-${count.toString(36)}`;
  };
  const shared: Shared = { nextId, log, clock };
  const judges = new WeakMap<Bundle, Judge>();
  const over = (judging: Bundle): Judge => {
    let judge = judges.get(judging);
    if (judge === undefined) {
      judge = new PinnedJudge(judging, { ...shared, log: undefined }, undefined);
      judges.set(judging, judge);
    }
    return judge;
  };
  return { pinned: (requestId) => new PinnedJudge(bundle(), shared, requestId), over };
}

interface Shared {
  readonly nextId: () => string;
  readonly log: DecisionRecord | undefined;
  readonly clock: () => number;
}

/** A question that is to be logged. */
interface Asked {
  readonly id: string;
  readonly text: string | undefined;
  readonly begun: number;
  readonly asker: Exclude<Asker, 'nobody'> | undefined;
  readonly bundles?: MadeDecision['bundles'];
}

type Outcome = Pick<MadeDecision, 'answer' | 'failure'>;

class PinnedJudge implements Judge {
  readonly revision: string;
  readonly bundle: Bundle;
  readonly #shared: Shared;
  readonly #requestId: string | undefined;
  #written: Promise<ProblemError | undefined> | undefined;

  constructor(bundle: Bundle, shared: Shared, requestId: string | undefined) {
    this.revision = bundle.revision;
    this.bundle = bundle;
    this.#shared = shared;
    this.#requestId = requestId;
  }

  ask<Answer>(
    rule: Rule<Answer>,
    input: unknown,
    isWhole?: (answer: Answer) => boolean,
    asker?: Asker,
  ): Decision<Answer> | Promise<Decision<Answer>> {
    const { log } = this.#shared;
    const id = this.#shared.nextId();
    if (log === undefined || rule.isLogged === undefined || asker === 'nobody') return this.#evaluate(rule, input, isWhole, id);
    log.assertOpen();
    // Written once, for the rules and for the log.
    const text = textOf(input);
    const begun = performance.now();
    const logged = (outcome: Outcome): void => this.#log(log, rule, { id, text, begun, asker }, outcome);
    const failed = (fault: unknown): never => {
      logged({ failure: fault instanceof ProblemError ? failureOf(fault) : FAILED });
      throw fault;
    };
    let decision: Decision<Answer> | Promise<Decision<Answer>>;
    try {
      decision = this.#evaluate(rule, text === undefined ? undefined : new JsonText(text), isWhole, id);
    } catch (fault) {
      return failed(fault);
    }
    if (decision instanceof Promise) {
      return decision.then((made) => {
        logged(made);
        return made;
      }, failed);
    }
    logged(decision);
    return decision;
  }

  askMany<Answer>(
    { entrypoint, isAnswer }: Rule<Answer>,
    inputs: readonly unknown[],
  ): readonly (Answer | ProblemError)[] | Promise<readonly (Answer | ProblemError)[]> {
    const judged = (value: unknown): Answer | ProblemError => {
      if (value instanceof ProblemError) return evaluationFailed(value);
      return isAnswer(value) ? value : unfit(entrypoint, value);
    };
    const values = this.bundle.evaluateMany(entrypoint, inputs);
    return values instanceof Promise ? values.then((all) => all.map(judged)) : values.map(judged);
  }

  async decide<Made extends { readonly answer: unknown }>(
    rule: Rule<unknown>,
    input: JsonText,
    { asker, bundles }: { readonly asker: Asker; readonly bundles: Readonly<Record<string, string>> },
    work: (id: string) => Promise<Made>,
  ): Promise<Made> {
    const { log } = this.#shared;
    const id = this.#shared.nextId();
    if (log === undefined || asker === 'nobody') return work(id);
    log.assertOpen();
    const asked = { id, text: textOf(input), begun: performance.now(), asker, bundles };
    try {
      const made = await work(id);
      this.#log(log, rule, asked, { answer: made.answer });
      return made;
    } catch (fault) {
      this.#log(log, rule, asked, { failure: fault instanceof ProblemError ? failureOf(fault) : FAILED });
      throw fault;
    }
  }

  async decideMany<Made extends { readonly answer: unknown }>(
    rule: Rule<unknown>,
    { askers, inputOf }: ManyAsked,
    work: () => Promise<readonly Made[]>,
  ): Promise<readonly { readonly made: Made; readonly id: string }[]> {
    const { log, clock, nextId } = this.#shared;
    log?.assertOpen();
    const begun = performance.now();
    const all = await work();
    // What one of them took is its part of it.
    const durationNs = Math.round(((performance.now() - begun) * 1e6) / Math.max(all.length, 1));
    const took = { at: toInstant(clock()), durationNs };
    return all.map((made, i) => {
      const asker = askers[i];
      const id = nextId();
      if (log !== undefined && asker !== 'nobody') this.#record(log, rule, { id, text: inputOf(i), asker }, made, took);
      return { made, id };
    });
  }

  written(): Promise<ProblemError | undefined> | undefined {
    return this.#written;
  }

  #evaluate<Answer>(
    { entrypoint, isAnswer }: Rule<Answer>,
    input: unknown,
    isWhole: ((answer: Answer) => boolean) | undefined,
    id: string,
  ): Decision<Answer> | Promise<Decision<Answer>> {
    const judged = (value: unknown): Decision<Answer> => {
      if (isAnswer(value) && isWhole?.(value) !== false) return { answer: value, revision: this.revision, id };
      throw unfit(entrypoint, value);
    };
    let value: unknown;
    try {
      value = this.bundle.evaluate(entrypoint, input);
    } catch (cause) {
      throw evaluationFailed(cause);
    }
    if (!(value instanceof Promise)) return judged(value);
    return value.then(judged, (cause: unknown) => {
      throw evaluationFailed(cause);
    });
  }

  #log(log: DecisionRecord, rule: Rule<unknown>, asked: Asked, outcome: Outcome): void {
    const durationNs = Math.round((performance.now() - asked.begun) * 1e6);
    this.#record(log, rule, asked, outcome, { at: toInstant(this.#shared.clock()), durationNs });
  }

  #record(
    log: DecisionRecord,
    { entrypoint: path }: Rule<unknown>,
    { id, text: input, asker, bundles }: Omit<Asked, 'begun'>,
    { answer, failure }: Outcome,
    { at, durationNs }: Pick<MadeDecision, 'at' | 'durationNs'>,
  ): void {
    const written = log.record(this.bundle, {
      id,
      path,
      revision: this.revision,
      bundles,
      // A text that is no JSON has failed, and would spoil the line.
      input: failure === undefined ? input : soundText(input),
      answer,
      failure,
      requestedBy: asker?.requestedBy,
      documentRevision: asker?.documentRevision,
      isForList: asker?.isForList,
      requestId: this.#requestId,
      at,
      durationNs,
    });
    if (written === undefined || written === this.#written) return;
    const before = this.#written;
    // One of them that could not be written is enough.
    this.#written = before === undefined ? written : before.then(async (problem) => problem ?? written);
  }
}

/** What a rule gave is no answer: its words are ours. */
class UnfitAnswer extends Error {}

const FAILED = 'the evaluation failed';

/** What the log may say of a failed evaluation: what the engine says of it may quote what was asked (threat 37). */
function failureOf({ cause }: ProblemError): string {
  return cause instanceof UnfitAnswer ? cause.message : FAILED;
}

function unfit(entrypoint: string, value: unknown): ProblemError {
  const gave = value === undefined ? 'nothing' : 'another shape than it declares';
  return new ProblemError('evaluation-failed', { cause: new UnfitAnswer(`${entrypoint} gave ${gave}`) });
}

function evaluationFailed(cause: unknown): ProblemError {
  return new ProblemError('evaluation-failed', { cause });
}

/** The input as JSON of one line. */
function textOf(input: unknown): string | undefined {
  if (input instanceof JsonText) return input.text.includes('\n') ? (soundText(input.text) ?? input.text) : input.text;
  if (input instanceof Uint8Array) return textOf(new JsonText(Buffer.from(input).toString('utf8')));
  return input === undefined ? undefined : JSON.stringify(input);
}

function soundText(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : JSON.stringify(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Whether it is a list of texts: what most answers are made of. */
export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** The answer of a rule that says whether something may be done. */
export interface Ruling {
  readonly allowed: boolean;
  /** Why not, the most telling first; none of a yes. */
  readonly reasons: readonly string[];
}

/** Whether it is such an answer, and a whole one. */
export function isRuling(value: unknown): value is Ruling {
  const { allowed, reasons } = (value ?? {}) as Partial<Ruling>;
  return typeof allowed === 'boolean' && isTexts(reasons) && allowed === (reasons.length === 0);
}

/** Whether it is a list of yes and no. */
export function isBooleans(value: unknown): value is readonly boolean[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'boolean');
}
