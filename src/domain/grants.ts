import type { AppId, Orgnr } from './identifiers.js';
import type { Instant } from './instant.js';

declare const brand: unique symbol;

/** A person's opaque name in this installation: HMAC-SHA-256 of the person number, base64url, 43 characters. */
export type BrukerId = string & { readonly [brand]: 'BrukerId' };

/** When and by whom a grant was withdrawn. */
export interface Withdrawal {
  readonly at: Instant;
  readonly by: string;
}

/** One konsument's grant to the person of the document. */
export interface Grant {
  readonly konsument: Orgnr;
  readonly roles: readonly string[];
  /** Inclusive; absent means since ever. */
  readonly from?: Instant;
  /** Exclusive; absent means without end. */
  readonly until?: Instant;
  /** Who gave it: a BrukerId, an organisation number, or `operator`. */
  readonly givenBy: string;
  readonly givenAt: Instant;
  /** Present once withdrawn; giving it anew removes this. */
  readonly withdrawn?: Withdrawal;
}

/** All grants of one person in one application, at most one per konsument: one point read, and the policy's input. */
export interface GrantDocument {
  readonly appId: AppId;
  readonly brukerId: BrukerId;
  /** The person number sealed with AES-256-GCM, base64url; see #persons. */
  readonly sealed: string;
  readonly grants: readonly Grant[];
}
