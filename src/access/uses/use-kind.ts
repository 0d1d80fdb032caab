import type { DecisionEvent } from '#decisions';
import type { AppId, BrukerId, Day, Instant, Organisation } from '#domain';
import type { Entity } from '#storage';

/** A use that is noted: the day counts, and of one day the first. */
export interface NotedUse {
  readonly day: Day;
}

/** A kind of uses: of grants, or what another room notes of its own. */
export interface UseKind<Use extends NotedUse> {
  readonly entity: Entity<Use>;
  /** What the facts of the change say. */
  readonly action: string;
  /** Those that a decision of the log was. */
  usesIn(event: DecisionEvent): readonly Use[];
}

/** Where it is noted that something was used. At once, and nothing is waited for. */
export interface AccessUses {
  /** That a person was let into an application for these organisations. */
  note(appId: AppId, brukerId: BrukerId, konsumenter: readonly Pick<Organisation, 'orgnr'>[], at: Instant): void;
  /** That something of another kind was used. */
  noteOf<Use extends NotedUse>(kind: UseKind<Use>, use: Use): void;
}
