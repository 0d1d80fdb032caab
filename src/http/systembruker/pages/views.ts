// What the pages are made from: plain values, in which everything has its name already.
import type { Day, Instant, Orgnr } from '#domain';
import type { SystemId, Texts } from '#systembruker';
import type { Words } from './words/words.js';

/** An organisation, by the name that people know. */
export interface NamedOrganisation {
  readonly orgnr: Orgnr;
  readonly name: string;
}

/** A service that a right is about, in words. */
export interface ServiceWords {
  /** As forms name the right. */
  readonly key: string;
  /** Absent: the service is no longer known. */
  readonly title?: Texts;
  readonly description?: Texts;
  /** What its owner is called. */
  readonly owner?: string;
  /** As the service names them. */
  readonly actions: readonly string[];
}

/** An access package in words. */
export interface PackageWords {
  readonly key: string;
  readonly title?: Texts;
  readonly description?: Texts;
  /** The services that it gives access to. */
  readonly services: readonly Texts[];
}

/** What a system may do, in words. */
export interface RightsWords {
  readonly services: readonly ServiceWords[];
  readonly packages: readonly PackageWords[];
}

/** A system and whose it is. */
export interface SystemWords {
  readonly id: SystemId;
  readonly name: Texts;
  readonly description?: Texts;
  readonly vendor: NamedOrganisation;
  /** Its vendor has deleted it. */
  readonly isGone: boolean;
}

/** What stands in the way of giving something, in words. */
export interface FailureWords {
  readonly key: string;
  readonly what: Texts | string;
  readonly why: FailureReason;
}

/** Why something cannot be given. */
export type FailureReason = keyof Words['failed']['reasons'];

/** How a request stands. */
export type RequestStanding = 'open' | 'accepted' | 'rejected' | 'expired' | 'gone';

/** A request for a system user, as the page shows it. */
export interface RequestView {
  readonly id: string;
  readonly type: 'standard' | 'agent';
  readonly title: string;
  readonly system: SystemWords;
  readonly party: NamedOrganisation;
  readonly asked: RightsWords;
  readonly standing: RequestStanding;
  readonly expires: Instant;
  readonly isEscalated: boolean;
  /** Whoever reads may answer it; else only send it on. */
  readonly mayAnswer: boolean;
  readonly redirectUrl?: string;
}

/** A request for a change, likewise. */
export interface ChangeView extends Omit<RequestView, 'asked' | 'type'> {
  readonly added: RightsWords;
  readonly removed: RightsWords;
}

/** A system user in a list. */
export interface ListedUser {
  readonly id: string;
  readonly title: string;
  readonly system: SystemWords;
  readonly created: Instant;
  readonly isStopped: boolean;
}

/** What waits for an answer, in a list. */
export interface PendingView {
  /** The page on which it is answered. */
  readonly href: string;
  readonly key: string;
  readonly title: string;
  readonly system: SystemWords;
  readonly isChange: boolean;
  readonly isEscalated: boolean;
  readonly created: Instant;
}

/** The beginning of a list, and where it goes on. */
export interface Listed<T> {
  readonly items: readonly T[];
  readonly more?: string | undefined;
}

/** What was done to a system user: see the words `detail.acts`. */
export interface HappenedView {
  readonly act: keyof Words['detail']['acts'];
  readonly at: Instant;
  /** Whoever reads did it. */
  readonly isOwn: boolean;
  readonly added: readonly (Texts | string)[];
  readonly removed: readonly (Texts | string)[];
}

/** A system user with all that there is to see of it. */
export interface UserView {
  readonly id: string;
  readonly type: 'standard' | 'agent';
  readonly title: string;
  readonly system: SystemWords;
  readonly party: NamedOrganisation;
  readonly has: RightsWords;
  readonly madeBy: 'vendor' | 'customer';
  readonly created: Instant;
  readonly stopped?: Instant | undefined;
  readonly lastUsed?: Day | undefined;
  /** Absent if it is the customer's number. */
  readonly reference?: string | undefined;
  /** Where changes are answered that wait for it. */
  readonly pending: readonly string[];
  readonly history: Listed<HappenedView>;
}
