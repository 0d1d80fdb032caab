import type { AppId, BundleRef, Instant, Orgnr } from '#domain';
import type { Entity } from '#storage';

/** Who has seen what would change, and takes it. */
export interface Approval {
  readonly by: string;
  readonly at: Instant;
  readonly reason?: string;
}

/** What a whole comparison over all grants has found. */
export interface KeptComparison {
  readonly appId: AppId;
  readonly tilbyder: Orgnr;
  /** The bundle that was held against the active one, and that one; absent: the standard rules alone. */
  readonly candidate: BundleRef;
  readonly active?: BundleRef;
  /** What was let judge alone then; absent: none. */
  readonly trusted?: BundleRef;
  /** Revision of the standard rules that stood beside both. */
  readonly standard: string;
  readonly at: Instant;
  readonly gains: number;
  readonly losses: number;
  readonly failures: number;
  readonly approved?: Approval;
}

/** Key: App-ID and digest of the candidate. */
export const keptComparisons: Entity<KeptComparison> = {
  name: 'policy-comparison',
  key: ({ appId, candidate }) => comparisonKey(appId, candidate),
  indexes: {},
  concerns: (before, after) => [(after ?? (before as KeptComparison)).tilbyder],
};

/** Where it stands. */
export function comparisonKey(appId: AppId, { digest }: BundleRef): string {
  return `${appId}/${digest}`;
}
