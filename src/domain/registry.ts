import type { BrukerId } from './grants.js';
import type { AppId, Kommunenummer, Orgnr } from './identifiers.js';
import type { Instant } from './instant.js';

/** Who takes part: a kommune, a tilbyder, or both. */
export interface Organisation {
  readonly orgnr: Orgnr;
  readonly name: string;
  /** Only if it is a kommune. */
  readonly kommunenummer?: Kommunenummer;
  /** FiksOrgId, a UUID in lower case. */
  readonly fiksOrgId: string;
  readonly mayBeTilbyder: boolean;
  readonly mayBeKonsument: boolean;
  /** Present once it has ceased: by then it may be neither. */
  readonly closed?: { readonly at: Instant; readonly into?: Orgnr };
}

/** What an organisation has decided for its own administrators. */
export interface OrganisationSettings {
  readonly orgnr: Orgnr;
  /** Nobody gives anything to oneself. */
  readonly fourEyes: boolean;
  /** The longest a new grant may last, in days; absent means without end. */
  readonly longestGrantDays?: number;
  /** At most one; it may have lapsed. */
  readonly pending?: PendingSettings;
}

/** What the settings are to become once another one than whoever asked confirms it. */
export interface PendingSettings extends Pick<OrganisationSettings, 'fourEyes' | 'longestGrantDays'> {
  readonly askedBy: BrukerId;
  readonly askedAt: Instant;
  /** Exclusive: from then on it has lapsed. */
  readonly until: Instant;
}

/** A text for people: bokmål always, nynorsk and English if there is one. */
export interface LocalizedText {
  readonly nb: string;
  readonly nn?: string;
  readonly en?: string;
}

/** Who may ask on the tilbyder's behalf; an absent list restricts nothing. */
export interface ClientLimits {
  /** Client ids in Maskinporten. */
  readonly ids?: readonly string[];
  /** Organisation numbers that may act by delegation. */
  readonly suppliers?: readonly Orgnr[];
}

/** A draft is being prepared by its tilbyder, a retired one answers nobody; only an active one is used. */
export type ApplicationState = 'draft' | 'active' | 'retired';

/** The role that every application knows. */
export const DEFAULT_ROLE = 'use';

/** What a tilbyder has registered. */
export interface Application {
  readonly id: AppId;
  readonly tilbyder: Orgnr;
  readonly name: LocalizedText;
  readonly description: LocalizedText;
  /** https */
  readonly url: string;
  readonly state: ApplicationState;
  /** The roles that a grant may name; always with `use`. */
  readonly roles: readonly string[];
  readonly clients?: ClientLimits;
  /** Absent if it is not counted. */
  readonly seats?: Seats;
}

/** Which of its tilbyder’s seats an application has, from 1: no two have the same, so that there are never more than seats. */
export interface Seats {
  /** Until it is retired. */
  readonly any: number;
  /** While it is a draft. */
  readonly draft: number;
}

/** The picture of an application, made safe to serve. */
export interface Logo {
  readonly appId: AppId;
  readonly tilbyder: Orgnr;
  readonly type: 'image/png' | 'image/svg+xml';
  /** base64 */
  readonly content: string;
}

/** A konsument has switched an application on. */
export interface Activation {
  readonly konsument: Orgnr;
  readonly appId: AppId;
  readonly active: boolean;
  readonly changedAt: Instant;
}
