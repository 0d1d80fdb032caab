import { catalogue, type ProblemEntry, type ProblemSlug } from './catalogue.js';

/** One faulty place in what was sent. */
export interface FieldFault {
  /** JSON Pointer (RFC 6901) to the field; the empty string is the whole value, or `parameter` is to blame. */
  readonly pointer: string;
  /** The query parameter or header, if it is not the body. */
  readonly parameter?: string;
  /** What is wrong there, without the offending value. */
  readonly detail: string;
}

/** What is known of this time, beside the catalogue's entry. */
export interface ProblemOptions {
  /** What is wrong this time. It is sent to the caller: never a person number, a token or a cause. */
  readonly detail?: string;
  /** Which of the causes that the entry knows it is: a stable word for the log, such as `audience-wrong`. */
  readonly reason?: string;
  /** The faulty places, if the fault has any. */
  readonly at?: readonly FieldFault[];
  /** The scope that would be enough (RFC 6750 §3). */
  readonly scope?: string;
  /** The levels of log-in that would be enough (RFC 9470 §3). */
  readonly acrValues?: string;
  /** The methods that the path takes (RFC 9110 §10.2.1). */
  readonly allowed?: readonly string[];
  /** Instead of the catalogue's, when it is known better. */
  readonly retryAfterSeconds?: number;
  /** What happened underneath; logged once at the boundary, never sent. */
  readonly cause?: unknown;
}

/** Bad data or a failed part, as one entry of the catalogue. Misuse by a programmer is a TypeError instead. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly slug: ProblemSlug;
  readonly detail: string | undefined;
  readonly reason: string | undefined;
  readonly at: readonly FieldFault[];
  readonly scope: string | undefined;
  readonly acrValues: string | undefined;
  readonly allowed: readonly string[] | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(slug: ProblemSlug, options: ProblemOptions = {}) {
    const entry: ProblemEntry = catalogue[slug];
    super(options.detail ?? entry.title, 'cause' in options ? { cause: options.cause } : undefined);
    this.slug = slug;
    this.detail = options.detail;
    this.reason = options.reason;
    this.at = options.at ?? [];
    this.scope = options.scope;
    this.acrValues = options.acrValues;
    this.allowed = options.allowed;
    this.retryAfterSeconds = options.retryAfterSeconds ?? entry.retryAfterSeconds;
  }

  /** The catalogue's entry of this problem. */
  get entry(): ProblemEntry {
    return catalogue[this.slug];
  }
}
