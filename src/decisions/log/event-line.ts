import { type Instant, listText } from '#domain';
import { GAP_PATH } from './decision-event.js';

/** A decision as it is logged. */
export interface MadeDecision {
  readonly id: string;
  /** The rule. */
  readonly path: string;
  /** Of the bundle that judged. */
  readonly revision: string;
  /** Revisions by the names of the bundles that have judged together; absent: the one bundle. */
  readonly bundles?: Readonly<Record<string, string>> | undefined;
  /** JSON; `undefined` if there was none. */
  readonly input: string | undefined;
  /** What the rule answered; absent if the evaluation failed, or the rule is undefined for the input. */
  readonly answer?: unknown;
  /** Why it failed: never a text of the policy's or of a caller's. */
  readonly failure?: string | undefined;
  readonly requestedBy: string | undefined;
  readonly at: Instant;
  readonly durationNs: number;
  readonly requestId: string | undefined;
  readonly documentRevision: number | undefined;
  readonly isForList?: boolean | undefined;
}

/** Writes events as OPA's JSON, a line each, by hand and in one piece: every decision needs it. */
export class EventLines {
  readonly #labels: string;
  readonly #heads = new Map<string, Map<string, string>>();
  #count = 0;

  /** @param labels of this process */
  constructor(labels: Readonly<Record<string, string>>) {
    this.#labels = `{"labels":${JSON.stringify(labels)}`;
  }

  /** The line of a decision, without its end. */
  lineOf({
    id,
    path,
    revision,
    bundles,
    input,
    answer,
    failure,
    requestedBy,
    at,
    durationNs,
    requestId,
    documentRevision,
    isForList,
  }: MadeDecision): string {
    this.#count += 1;
    const asked = input === undefined ? '' : `,"input":${input}`;
    const result = answer === undefined ? '' : `,"result":${Array.isArray(answer) ? listText(answer) : JSON.stringify(answer)}`;
    const came = failure === undefined ? result : `,"error":${failureText(failure)}`;
    const by = requestedBy === undefined ? '' : `,"requested_by":${quoted(requestedBy)}`;
    let custom = requestId === undefined ? '' : `,"request_id":${quoted(requestId)}`;
    if (documentRevision !== undefined) custom += `,"document_revision":${documentRevision}`;
    if (isForList === true) custom += ',"list":true';
    const head = bundles === undefined ? this.#headOf(revision, path) : this.#newHead(bundles, path);
    return `${head}${asked}${came}${by},"timestamp":"${at}","metrics":{"timer_rego_query_eval_ns":${durationNs}},"req_id":${this.#count},"decision_id":"${id}","custom":{${custom.slice(1)}}}`;
  }

  /** The line that stands for decisions that could not be written. */
  gapLine(id: string, at: Instant, gap: { readonly missing: number; readonly from: Instant; readonly cause: string }): string {
    this.#count += 1;
    const result = JSON.stringify({ ...gap, until: at });
    return `${this.#labels},"path":"${GAP_PATH}","result":${result},"timestamp":"${at}","req_id":${this.#count},"decision_id":"${id}"}`;
  }

  #headOf(revision: string, path: string): string {
    let heads = this.#heads.get(revision);
    if (heads === undefined) {
      // One bundle after another: there are never many.
      if (this.#heads.size > 100) this.#heads.clear();
      heads = new Map();
      this.#heads.set(revision, heads);
    }
    let head = heads.get(path);
    if (head === undefined) {
      head = this.#newHead({ tilgang: revision }, path);
      heads.set(path, head);
    }
    return head;
  }

  #newHead(bundles: Readonly<Record<string, string>>, path: string): string {
    const told = Object.fromEntries(Object.entries(bundles).map(([name, revision]) => [name, { revision }]));
    return `${this.#labels},"bundles":${JSON.stringify(told)},"path":${JSON.stringify(path)}`;
  }
}

function failureText(message: string): string {
  return JSON.stringify({ code: 'evaluation_failed', message });
}

const PLAIN = /^[\w .:-]*$/;

function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
