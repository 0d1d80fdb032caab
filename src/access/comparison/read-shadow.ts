import { type BundleRef, type Instant, present } from '#domain';
import type { AdminRequest } from '../administer/authorize.js';
import { checkPrecondition, type Precondition } from '../administer/precondition.js';
import { assertFit, type Change, changed } from '../bundles/change-binding.js';
import { type BundlePlace, leaveFor, storedBundle } from '../bundles/leave.js';
import { type AccessParts, collectionsOf, everyOf } from '../parts.js';
import { type ShadowReport, type ShadowSample, shadowKey } from './shadow-report.js';
import type { Counted, Totals } from './tally.js';

/** What the processes have seen of the shadow of an application, together. */
export interface ShadowView extends Totals {
  /** Absent: nothing is shadowed. */
  readonly bundle?: BundleRef;
  /** Of the first process that saw it. */
  readonly since?: Instant;
  /** When it was last told of; a process tells every few seconds. */
  readonly until?: Instant;
  readonly processes: number;
  readonly passedOver: number;
  readonly counts: readonly Counted[];
  /** Only for whoever may see persons. */
  readonly samples?: readonly ShadowSample[];
}

/**
 * Lets a pushed bundle judge beside the active one from now on, without touching answers; or none any more.
 * @param revision as it was sent; `undefined` ends it
 * @throws ProblemError as authorize says; `not-found`, `precondition-failed`, `bundle-refused`
 */
export function setShadow(
  parts: AccessParts,
  request: AdminRequest,
  place: BundlePlace,
  revision: string | undefined,
  precondition: Precondition,
  reason?: string,
): Promise<Change> {
  return changed(parts, request, place, { action: 'bundle.shadow', reason }, async (leave) => {
    const { shadow, ...rest } = leave.binding;
    if (revision === undefined) {
      if (shadow === undefined) return undefined;
      checkPrecondition(precondition, leave.bindingRevision);
      return rest;
    }
    const bundle = await storedBundle(parts, leave.application.value.id, revision);
    if (shadow?.digest === bundle.digest) return undefined;
    checkPrecondition(precondition, leave.bindingRevision);
    await assertFit(parts, leave, bundle);
    return { ...rest, shadow: { revision: bundle.revision, digest: bundle.digest } };
  });
}

/**
 * What the shadow of an application has seen, in all processes together.
 * @param withPersons whether samples are wanted, which name persons
 * @throws ProblemError as authorize says
 */
export async function readShadow(parts: AccessParts, request: AdminRequest, place: BundlePlace, withPersons = false): Promise<ShadowView> {
  const { binding } = await leaveFor(parts, request, place, 'bundle.status');
  if (withPersons) await leaveFor(parts, request, place, 'bundle.persons');
  const { appId, shadow } = binding;
  const reports: ShadowReport[] = [];
  if (shadow !== undefined) {
    for await (const report of everyOf(collectionsOf(parts.store).shadowReports, { prefix: shadowKey(appId, shadow) }))
      reports.push(report);
  }
  const sum = (name: keyof Totals | 'passedOver'): number => reports.reduce((total, report) => total + report[name], 0);
  const moments = reports.flatMap(({ since, until }) => [since, until]).sort();
  const samples = reports.flatMap((report) => report.samples).sort((a, b) => (a.time < b.time ? 1 : -1));
  return {
    ...{ questions: sum('questions'), gains: sum('gains'), losses: sum('losses') },
    ...{ failedBefore: sum('failedBefore'), failedAfter: sum('failedAfter'), passedOver: sum('passedOver') },
    processes: reports.length,
    counts: together(reports),
    ...present({ bundle: shadow, since: moments[0], until: moments.at(-1), samples: withPersons ? samples : undefined }),
  };
}

function together(reports: readonly ShadowReport[]): readonly Counted[] {
  const sums = new Map<string, Counted>();
  for (const counted of reports.flatMap(({ counts }) => counts)) {
    const key = `${counted.konsument} ${counted.kind === 'loss' ? 0 : 1} ${counted.reason}`;
    sums.set(key, { ...counted, count: counted.count + (sums.get(key)?.count ?? 0) });
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, counted]) => counted);
}
