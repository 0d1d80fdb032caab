import type { AppId, BundleRef, BundleRevision, Instant, Orgnr, PolicyBinding, PolicyBundle, PolicyKey } from '#domain';
import type { Entity } from '#storage';
import type { ProcessStatus } from './own-rules.js';

/** Key: App-ID and revision. */
export const policyBundles: Entity<PolicyBundle> = {
  name: 'bundle',
  key: ({ appId, revision }) => bundleKey(appId, revision),
  indexes: { tilbyder: { values: ({ tilbyder }) => [tilbyder] } },
  concerns: (before, after) => [(after ?? (before as PolicyBundle)).tilbyder],
};

/** A part of the bytes of a bundle: what is written to a store in one go is small. */
export interface BundlePart {
  readonly appId: AppId;
  readonly digest: string;
  readonly part: number;
  readonly writtenAt: Instant;
  /** base64 */
  readonly bytes: string;
}

/** Key: App-ID, digest and number of the part. It is written before its bundle, and alone it means nothing. */
export const bundleParts: Entity<BundlePart> = {
  name: 'bundle-content',
  key: ({ appId, digest, part }) => partKey(appId, digest, part),
  indexes: {},
  keepsNoHistory: true,
};

/** Key: App-ID. Every decision reads it, so that all processes judge by another bundle from the same moment on. */
export const policyBindings: Entity<PolicyBinding> = {
  name: 'policy-binding',
  isRegistry: true,
  key: ({ appId }) => appId,
  indexes: {},
  concerns: (before, after) => [(after ?? (before as PolicyBinding)).tilbyder],
};

/** Key: organisation number of the tilbyder, or `operator`, and key id. */
export const policyKeys: Entity<PolicyKey> = {
  name: 'policy-key',
  key: ({ tilbyder, kid }) => policyKeyKey(tilbyder ?? 'operator', kid),
  indexes: {},
  concerns: (before, after) => {
    const { tilbyder } = after ?? (before as PolicyKey);
    return tilbyder === undefined ? [] : [tilbyder];
  },
};

/** What a tilbyder is pushing: it counts before it is there, so that two pushes at once do not both take the room that is left. */
export interface BundleRoom {
  readonly tilbyder: Orgnr;
  readonly coming: readonly { readonly appId: AppId; readonly digest: string; readonly size: number; readonly at: Instant }[];
}

/** Key: organisation number. */
export const bundleRooms: Entity<BundleRoom> = {
  name: 'bundle-room',
  key: ({ tilbyder }) => tilbyder,
  indexes: {},
  keepsNoHistory: true,
};

/** How an application's bundles do in one process, as that said last. */
export interface BundleReport {
  readonly appId: AppId;
  /** Of the run of that process. */
  readonly process: string;
  readonly at: Instant;
  readonly expiresAt: Instant;
  readonly status: ProcessStatus;
}

/** Key: App-ID and process. */
export const bundleReports: Entity<BundleReport> = {
  name: 'bundle-report',
  key: ({ appId, process }) => bundleReportKey(appId, process),
  indexes: {},
  keepsNoHistory: true,
  expiresAt: ({ expiresAt }) => expiresAt,
};

/** The key of a report; without a process it is the prefix of all of an application. */
export function bundleReportKey(appId: AppId, process = ''): string {
  return `${appId}/${process}`;
}

/** How a source of bundles does, as the process that looks at it last said. */
export interface SourceState {
  readonly name: string;
  /** Absent: of the standard rules. */
  readonly application?: AppId;
  /** By which the place knows what was taken last. */
  readonly tag?: string;
  /** When it was looked at last with nothing wrong. */
  readonly fineAt?: Instant;
  /** What is wrong since then. */
  readonly fault?: { readonly at: Instant; readonly detail: string };
}

/** Key: name of the source. */
export const policySources: Entity<SourceState> = {
  name: 'policy-source',
  key: ({ name }) => name,
  indexes: {},
  keepsNoHistory: true,
};

/** What the standard rules are called where applications are named by their App-IDs. */
export const STANDARD = 'standard';

/** The standard rules that were taken from a source last. */
export interface StandardBundle {
  readonly name: typeof STANDARD;
  readonly active: BundleRef;
  readonly before?: BundleRef;
}

/** One document. */
export const standardBundles: Entity<StandardBundle> = {
  name: 'standard-bundle',
  key: ({ name }) => name,
  indexes: {},
};

/** The key of a bundle; without a revision it is the prefix of all of an application. */
export function bundleKey(appId: AppId, revision?: BundleRevision): string {
  return `${appId}/${revision ?? ''}`;
}

/** The key of a part of a bundle; without a number it is the prefix of the parts of one, without a digest of those of all of an application. */
export function partKey(appId: AppId, digest = '', part?: number): string {
  return `${appId}/${digest}${digest === '' ? '' : '/'}${part === undefined ? '' : String(part).padStart(4, '0')}`;
}

/** The key of a key; without a key id it is the prefix of all of an owner. */
export function policyKeyKey(owner: string, kid = ''): string {
  return `${owner}/${kid}`;
}
