import type { Candidate, ComparisonName, ComparisonOptions, LoggedQuestion } from '#access';
import type { AppId, Orgnr } from '#domain';

/** A bundle as it is kept. */
export interface ShelvedBundle {
  readonly revision: string;
  /** `active`, `before` (active before this one), or `pushed`. */
  readonly state: string;
  /** SHA-256, in lower-case hexadecimal. */
  readonly digest: string;
  readonly size: number;
  readonly entrypoints: readonly string[];
  /** Key id, and whose key it is. */
  readonly signedBy: string;
  readonly pushedBy: string;
  readonly pushedAt: string;
  readonly isTrusted: boolean;
  /** What was noticed when it was tried. */
  readonly warnings: readonly string[];
}

/** Which bundle judges after a change. */
export interface Turned {
  readonly isChanged: boolean;
  /** Absent: the standard rules alone. */
  readonly active?: string;
  readonly before?: string;
  /** Which one judges alone when it is active. */
  readonly trusted?: string;
}

/** How the bundle of an application does. */
export interface ShelfStatus {
  readonly active?: string;
  readonly before?: string;
  readonly highest?: string;
  readonly trusted?: string;
  readonly shadow?: string;
  /** What a comparison has to say before an activation. */
  readonly demands?: string;
  /** In each process in which a bundle was loaded, or could not be, as it said last. */
  readonly processes: readonly ShelvedProcess[];
}

/** How the bundles of an application do in one process. */
export interface ShelvedProcess {
  readonly process: string;
  readonly at: string;
  readonly loaded: readonly ShelvedConduct[];
  /** The last that could not be loaded. */
  readonly fault?: { readonly revision: string; readonly at: string; readonly detail: string };
}

/** How one bundle has behaved in a process; one that is trusted counts nothing. */
export interface ShelvedConduct {
  readonly revision: string;
  readonly standing?: string;
  readonly answered?: number;
  readonly failed?: number;
  readonly timedOut?: number;
  readonly outOfMemory?: number;
  readonly refused?: number;
  readonly meanMicros?: number;
  readonly lastFault?: { readonly at: string; readonly detail: string };
  readonly heldBackUntil?: string;
}

/** A public key that signatures are held against. */
export interface ShelvedKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly scope?: string;
  readonly until?: string;
  readonly isRevoked: boolean;
}

/** What is registered of a key. */
export interface NewKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly jwk: Readonly<Record<string, unknown>>;
  readonly scope?: AppId;
  readonly until?: string;
}

/** How many differ in one konsument for one reason. */
export interface ShelvedCount {
  readonly konsument: string;
  readonly kind: 'gain' | 'loss';
  readonly reason: string;
  readonly count: number;
}

/** What another bundle changes, or would. */
export interface ShelvedTotals {
  readonly questions: number;
  readonly gains: number;
  readonly losses: number;
  readonly failedBefore: number;
  readonly failedAfter: number;
  readonly counts: readonly ShelvedCount[];
}

/** What a bundle would change. */
export interface ShelvedComparison extends ShelvedTotals {
  readonly isComplete: boolean;
  /** By which moment an approval names it; absent: it is not kept. */
  readonly keptAt?: string;
}

/** What a shadow has seen. */
export interface ShelvedShadow extends ShelvedTotals {
  /** Absent: nothing is shadowed. */
  readonly revision?: string;
  readonly since?: string;
  readonly until?: string;
  readonly processes: number;
  readonly passedOver: number;
  /** Present if they were asked for. */
  readonly samples?: readonly object[];
}

/** What was taken by name: what a comparison has found. */
export interface ShelvedApproval {
  readonly revision: string;
  /** What it was held against; absent: the standard rules alone. */
  readonly active?: string;
  /** When it was compared. */
  readonly at: string;
  readonly gains: number;
  readonly losses: number;
  readonly failures: number;
}

/** Whose keys: an organisation's, or the operator's, which sign for every application. */
export type KeyOwner = Orgnr | 'operator';

/** Where the bundles of applications are kept and which of them judges: this installation's store, or a gateway somewhere else. */
export interface Shelf {
  /** For a person: which one it is. */
  readonly where: string;
  push(appId: AppId, tarball: Uint8Array): Promise<{ readonly isNew: boolean; readonly bundle: ShelvedBundle }>;
  list(appId: AppId): Promise<readonly ShelvedBundle[]>;
  activate(appId: AppId, revision: string, reason: string | undefined): Promise<Turned>;
  /** Back to the standard rules alone. */
  deactivate(appId: AppId, reason: string | undefined): Promise<Turned>;
  rollBack(appId: AppId, revision: string, reason: string): Promise<Turned>;
  status(appId: AppId): Promise<ShelfStatus>;
  /** What a bundle would change: over all current grants, or over decisions that were logged. */
  compare(
    appId: AppId,
    candidate: Candidate,
    over: { readonly decisions?: AsyncIterable<LoggedQuestion> },
    options: ComparisonOptions,
  ): Promise<ShelvedComparison>;
  /** Takes by name what a comparison has found. */
  approve(appId: AppId, compared: ComparisonName, reason: string): Promise<ShelvedApproval>;
  /** @param what absent: nothing is asked before an activation */
  demand(appId: AppId, what: 'empty' | 'approved' | undefined): Promise<Turned>;
  /** @param revision absent: nothing is shadowed any more */
  setShadow(appId: AppId, revision: string | undefined): Promise<Turned>;
  shadow(appId: AppId, withPersons: boolean): Promise<ShelvedShadow>;
  /** Whose application it is. */
  ownerOf(appId: AppId): Promise<Orgnr>;
  keys(owner: KeyOwner): Promise<readonly ShelvedKey[]>;
  addKey(owner: KeyOwner, key: NewKey): Promise<void>;
  revokeKey(owner: KeyOwner, kid: string, reason: string | undefined): Promise<void>;
  close(): Promise<void>;
}
