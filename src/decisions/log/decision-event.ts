/** One event of the decision log, in OPA's form (EventV1 of its decision log plugin). */
export interface DecisionEvent {
  /** The process that decided (`id`, of this run) and the program's version. */
  readonly labels: Readonly<Record<string, string>>;
  readonly decision_id: string;
  readonly bundles?: Readonly<Record<string, { readonly revision?: string }>>;
  /** The rule that was asked, such as `tilgang/access/search`; GAP_PATH for what could not be written. */
  readonly path: string;
  readonly input?: unknown;
  readonly result?: unknown;
  /** Pointers to what a mask has taken away, or put something else in the place of. */
  readonly erased?: readonly string[];
  readonly masked?: readonly string[];
  /** Present if the evaluation failed: neither a yes nor a no. */
  readonly error?: { readonly code: string; readonly message: string };
  /** Who asked: an organisation number, a brukerId, or `operator`. */
  readonly requested_by?: string;
  /** RFC 3339, UTC. */
  readonly timestamp: string;
  readonly metrics?: Readonly<Record<string, number>>;
  /** The number of the event in its process, from 1. */
  readonly req_id?: number;
  readonly custom?: DecisionFacts & { readonly mask_failed?: true };
}

/** What an event says beyond OPA's fields. */
export interface DecisionFacts {
  /** The request's id, as the log of requests has it. */
  readonly request_id?: string;
  /** Of the grant document that it was decided from; 0: there was none. */
  readonly document_revision?: number;
  /** It was asked for a list, so that nobody was let in by it. */
  readonly list?: true;
}

/** The path of the event that says how many could not be written, since when and why (`result`). */
export const GAP_PATH = 'system/log/gap';
