import type { AppId, BundleRef, Instant } from '#domain';
import type { Entity } from '#storage';
import type { Difference } from './difference.js';
import type { Counted, Totals } from './tally.js';

/** A live decision that the shadow would have made otherwise. */
export type ShadowSample = Pick<Difference, 'kind' | 'subject' | 'konsument' | 'role' | 'reasons' | 'time' | 'securityLevel'>;

/** What one process has seen of one shadow. */
export interface ShadowReport extends Totals {
  readonly appId: AppId;
  readonly bundle: BundleRef;
  /** Of its run. */
  readonly process: string;
  readonly since: Instant;
  readonly until: Instant;
  /** Live questions that the shadow was not asked, since it was busy: no request waits for it. */
  readonly passedOver: number;
  readonly counts: readonly Counted[];
  /** The last ones. */
  readonly samples: readonly ShadowSample[];
  readonly expiresAt: Instant;
}

/** Key: App-ID, digest of the shadow, run of the process. */
export const shadowReports: Entity<ShadowReport> = {
  name: 'policy-shadow',
  key: ({ appId, bundle, process }) => `${shadowKey(appId, bundle)}${process}`,
  indexes: {},
  keepsNoHistory: true,
  expiresAt: ({ expiresAt }) => expiresAt,
};

/** The prefix of the reports of all processes. */
export function shadowKey(appId: AppId, { digest }: BundleRef): string {
  return `${appId}/${digest}/`;
}
