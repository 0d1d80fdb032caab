import type { Instant } from '#domain';
import { GAP_PATH } from './decision-event.js';

/** A decision as it is logged. */
export interface MadeDecision {
  readonly id: string;
  /** The rule. */
  readonly path: string;
  /** Of the bundle that judged. */
  readonly revision: string;
  /** JSON; `undefined` if there was none. */
  readonly input: string | undefined;
  /** What the rule answered; absent if the evaluation failed. */
  readonly answer?: unknown;
  /** Why it failed: never a text of the policy's or of a caller's. */
  readonly failure?: string | undefined;
  readonly requestedBy: string | undefined;
  readonly at: Instant;
  readonly durationNs: number;
  readonly requestId: string | undefined;
  readonly documentRevision: number | undefined;
}

/** Writes events as OPA's JSON, a line each, by hand: every decision needs it. */
export class EventLines {
  readonly #labels: string;
  readonly #bundles = new Map<string, string>();
  #count = 0;

  /** @param labels of this process */
  constructor(labels: Readonly<Record<string, string>>) {
    this.#labels = `{"labels":${JSON.stringify(labels)}`;
  }

  /** The line of a decision, without its end. */
  lineOf(made: MadeDecision): string {
    const { id, path, revision, input, requestedBy, at, durationNs, requestId, documentRevision, failure } = made;
    this.#count += 1;
    let line = `${this.#headOf(revision)}"path":"${path}"`;
    if (input !== undefined) line += `,"input":${input}`;
    line +=
      failure === undefined
        ? `,"result":${JSON.stringify(made.answer)}`
        : `,"error":{"code":"evaluation_failed","message":${JSON.stringify(failure)}}`;
    if (requestedBy !== undefined) line += `,"requested_by":${quoted(requestedBy)}`;
    line += `,"timestamp":"${at}","metrics":{"timer_rego_query_eval_ns":${durationNs}},"req_id":${this.#count},"decision_id":"${id}"`;
    if (requestId === undefined && documentRevision === undefined) return `${line}}`;
    let custom = '';
    if (requestId !== undefined) custom = `"request_id":${quoted(requestId)}`;
    if (documentRevision !== undefined) custom += `${custom === '' ? '' : ','}"document_revision":${documentRevision}`;
    return `${line},"custom":{${custom}}}`;
  }

  /** The line that stands for decisions that could not be written. */
  gapLine(id: string, at: Instant, gap: { readonly missing: number; readonly from: Instant; readonly cause: string }): string {
    this.#count += 1;
    const result = JSON.stringify({ ...gap, until: at });
    return `${this.#labels},"path":"${GAP_PATH}","result":${result},"timestamp":"${at}","req_id":${this.#count},"decision_id":"${id}"}`;
  }

  #headOf(revision: string): string {
    let head = this.#bundles.get(revision);
    if (head === undefined) {
      // One bundle after another: there are never many.
      if (this.#bundles.size > 100) this.#bundles.clear();
      head = `${this.#labels},"bundles":{"tilgang":{"revision":${JSON.stringify(revision)}}},`;
      this.#bundles.set(revision, head);
    }
    return head;
  }
}

const PLAIN = /^[\w .:-]*$/;

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
