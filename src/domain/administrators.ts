import type { BrukerId, Withdrawal } from './grants.js';
import type { AppId, Orgnr } from './identifiers.js';
import type { Instant } from './instant.js';

/** What somebody may administer for an organisation; what each may do is said in policies/tilgang/admin, and of the last two in policies/systembruker/admin. */
export const ADMIN_ROLES = [
  'organisasjonsadministrator',
  'applikasjonsadministrator',
  'tilgangsadministrator',
  'tilgangsstyrer',
  'klientadministrator',
] as const;
/** One of them. */
export type AdminRole = (typeof ADMIN_ROLES)[number];

/** One person's standing in an organisation. */
export interface RoleAssignment {
  readonly brukerId: BrukerId;
  /** The person number sealed; see #persons. */
  readonly sealed: string;
  readonly roles: readonly AdminRole[];
  /** Only these applications; absent means all. */
  readonly applications?: readonly AppId[];
  /** Only these roles may be given; absent means all. */
  readonly mayGive?: readonly string[];
  /** Inclusive; absent means since ever. */
  readonly from?: Instant;
  /** Exclusive; absent means without end. */
  readonly until?: Instant;
  readonly reason?: string;
  /** A BrukerId, or `operator`. */
  readonly givenBy: string;
  readonly givenAt: Instant;
  /** Present once removed; appointing anew takes it away. */
  readonly withdrawn?: Withdrawal;
  readonly revision: number;
}

/**
 * All who administer an organisation, at most one assignment per person. One document, so that its revision guards what is true of them together:
 * that one is left.
 */
export interface Administrators {
  readonly orgnr: Orgnr;
  readonly assignments: readonly RoleAssignment[];
}
