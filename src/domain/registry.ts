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
}

export type ApplicationState = 'draft' | 'active' | 'retired';

/** The role that every application knows. */
export const DEFAULT_ROLE = 'use';

/** What a tilbyder has registered. */
export interface Application {
  readonly id: AppId;
  readonly tilbyder: Orgnr;
  readonly name: string;
  readonly description: string;
  /** https */
  readonly url: string;
  readonly state: ApplicationState;
  /** The roles that a grant may name; always with `use`. */
  readonly roles: readonly string[];
}

/** A konsument has switched an application on. */
export interface Activation {
  readonly konsument: Orgnr;
  readonly appId: AppId;
  readonly active: boolean;
  readonly changedAt: Instant;
}
