import { Fault } from './fault.js';
import type { AppId, Orgnr } from './identifiers.js';
import type { Instant } from './instant.js';

declare const brand: unique symbol;

/** A person's opaque name in this installation: HMAC-SHA-256 of the person number, base64url, 43 characters. */
export type BrukerId = string & { readonly [brand]: 'BrukerId' };

/** The text as a person's opaque name: 43 characters of base64url. */
export function parseBrukerId(text: string): BrukerId | Fault {
  return /^[A-Za-z0-9_-]{43}$/.test(text) ? (text as BrukerId) : new Fault('is no brukerId');
}

/** When and by whom a grant was withdrawn. */
export interface Withdrawal {
  readonly at: Instant;
  readonly by: string;
}

/** What was held, marked as withdrawn; that is one of its changes. */
export function ended<T extends { readonly revision: number }>(held: T, withdrawn: Withdrawal): T & { readonly withdrawn: Withdrawal } {
  return { ...held, withdrawn, revision: held.revision + 1 };
}

/** How a grant came about: by one request of a person or a machine, in an import, at a merge of organisations, or by the operator. */
export type GrantSource = 'person' | 'machine' | 'import' | 'merge' | 'operator';

/** One konsument's grant to the person of the document. */
export interface Grant {
  readonly konsument: Orgnr;
  readonly roles: readonly string[];
  /** Inclusive; absent means since ever. */
  readonly from?: Instant;
  /** Exclusive; absent means without end. */
  readonly until?: Instant;
  /** Why, in the giver's words. */
  readonly reason?: string;
  /** Who gave it: a BrukerId, an organisation number, or `operator`. */
  readonly givenBy: string;
  readonly givenAt: Instant;
  readonly source: GrantSource;
  /** Counts the changes of this grant; the document's own revision counts those of other konsumenter too. */
  readonly revision: number;
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
