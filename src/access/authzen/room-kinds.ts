import type { Judge } from '#decisions';
import type { PersonVault } from '#persons';
import type { ProblemError } from '#problem';
import type { Store } from '#storage';
import type { AccessCaller } from '../ask/may-ask.js';
import type { ExplainedReason } from '../ask/reason-texts.js';
import type { Quotas } from '../settings.js';
import type { AccessUses } from '../uses/use-kind.js';
import type { Action, Entity, Evaluation, Properties, Sought } from './nouns.js';
import type { Found, PagePlace } from './page-place.js';

/** What of the parts of a request a room answers with. */
export interface RoomParts {
  readonly store: Store;
  readonly judge: Judge;
  readonly vault: PersonVault;
  readonly quotas: Quotas;
  readonly clock: () => number;
  readonly uses?: AccessUses | undefined;
}

/** Who asks, and with what it is answered. */
export interface RoomAsker {
  readonly parts: RoomParts;
  readonly caller: AccessCaller;
}

/** Yes or no, why, the most telling first, and what the decision log calls it. */
export interface RoomDecision {
  readonly decision: boolean;
  readonly reasons: readonly ExplainedReason[];
  readonly decisionId: string | undefined;
}

/** A search, with what is searched for left out or without an id. */
export interface RoomSearch {
  readonly subject: Sought;
  readonly resource: Sought;
  readonly action?: Action | undefined;
  readonly context?: Properties | undefined;
}

/**
 * A kind of subjects that another room judges, by documents of its own: a port, since rooms beside each other do not meet. Its rules are of the same bundle,
 * and its decisions of the same log.
 */
export interface RoomKinds {
  readonly subject: string;
  readonly resource: string;
  /**
   * The answers, in their order; a fault of one question in its place: `invalid-request` for what it lacks, or `evaluation-failed`.
   * @throws MayNotAsk if the caller may ask nothing of the kind; ProblemError for what concerns all of them
   */
  decide(asker: RoomAsker, questions: readonly Evaluation[]): Promise<readonly (RoomDecision | ProblemError)[]>;
  /** Subjects that may do it. @throws as decide, and the faults of the question */
  subjects(
    asker: RoomAsker,
    question: RoomSearch & { readonly resource: Entity; readonly action: Action },
    place: PagePlace,
  ): Promise<Found<Entity>>;
  /** Resources on which the subject may do it. @throws as subjects */
  resources(
    asker: RoomAsker,
    question: RoomSearch & { readonly subject: Entity; readonly action: Action },
    place: PagePlace,
  ): Promise<Found<Entity>>;
  /** What the subject may do to the resource. @throws as subjects */
  actions(
    asker: RoomAsker,
    question: RoomSearch & { readonly subject: Entity; readonly resource: Entity },
    place: PagePlace,
  ): Promise<Found<Action>>;
}
