import { type BundleRef, DAY_MS, type Instant, type PolicyBinding, present, toInstant } from '#domain';
import { ProblemError } from '#problem';
import type { AdminRequest } from '../administer/authorize.js';
import { checkPrecondition, type Precondition } from '../administer/precondition.js';
import { type Change, changed } from '../bundles/change-binding.js';
import { type BundleLeave, type BundlePlace, leaveFor, storedBundle } from '../bundles/leave.js';
import { type AccessParts, collectionsOf } from '../parts.js';
import { repeated } from '../repeated.js';
import { comparisonKey, type KeptComparison } from './approval-entity.js';
import type { Comparison } from './tally.js';

/** Grants change: what was found is believed for a day. */
const BELIEVED_MS = DAY_MS;

/** Keeps what was found, if it is whole and of a bundle that can be activated: the comparison says then by which moment it is named. */
export async function keepComparison(parts: AccessParts, leave: BundleLeave, comparison: Comparison): Promise<Comparison> {
  const { candidate, active, gains, losses, failedBefore, failedAfter, isComplete } = comparison;
  if (candidate === undefined || !isComplete) return comparison;
  const keptAt = toInstant(parts.clock());
  const value: KeptComparison = present({
    appId: leave.application.value.id,
    tilbyder: leave.application.value.tilbyder,
    candidate,
    active,
    trusted: leave.binding.trusted,
    standard: parts.judge.revision,
    at: keptAt,
    gains,
    losses,
    failures: failedBefore + failedAfter,
  });
  await collectionsOf(parts.store).keptComparisons.put(value, { expect: 'any', facts: leave.facts('bundle.compare') });
  return { ...comparison, keptAt };
}

/** What somebody takes by name. */
export interface ComparisonName {
  /** Of the bundle, as it was sent. */
  readonly revision: string;
  /** When it was compared, as the comparison has said it. */
  readonly at: Instant;
}

/**
 * Says by name that what a comparison has found is taken: that one, and no later one, which may have found more.
 * @throws ProblemError as authorize says; `not-found`; `comparison-needed` if there is none of this bundle against what judges now, or it is another one
 */
export async function approveComparison(
  parts: AccessParts,
  request: AdminRequest,
  place: BundlePlace,
  { revision, at }: ComparisonName,
  reason?: string,
): Promise<KeptComparison> {
  return repeated(async () => {
    const leave = await leaveFor(parts, request, place, 'bundle.approve');
    const bundle = await storedBundle(parts, leave.application.value.id, revision);
    const { keptComparisons: kept } = collectionsOf(parts.store);
    const found = await kept.get(comparisonKey(leave.application.value.id, bundle));
    if (found === undefined || !isOfNow(parts, found.value, leave.binding)) throw needed('compare it with what is active');
    if (found.value.at !== at) throw needed('what was found at this moment is not what was found last: look at that, and name its moment');
    const value = { ...found.value, approved: present({ by: leave.actor, at: leave.at, reason }) };
    await kept.put(value, { expect: found.revision, facts: leave.facts('bundle.approve', reason) });
    return value;
  });
}

/** Asks, or asks no more, that what would change is nothing, or approved by name, before a bundle is activated. @throws ProblemError as authorize says; `precondition-failed` */
export function demandComparison(
  parts: AccessParts,
  request: AdminRequest,
  place: BundlePlace,
  demands: PolicyBinding['demands'],
  precondition: Precondition,
  reason?: string,
): Promise<Change> {
  return changed(parts, request, place, { action: 'bundle.demand', reason }, async ({ binding, bindingRevision }) => {
    const { demands: before, ...rest } = binding;
    if (before === demands) return undefined;
    checkPrecondition(precondition, bindingRevision);
    return { ...rest, ...present({ demands }) };
  });
}

/** Holds what the binding demands before a bundle is activated. @throws ProblemError `comparison-needed` */
export async function assertCompared(parts: AccessParts, binding: PolicyBinding, bundle: BundleRef): Promise<void> {
  const { appId, demands } = binding;
  if (demands === undefined) return;
  const found = (await collectionsOf(parts.store).keptComparisons.get(comparisonKey(appId, bundle)))?.value;
  const isBelieved = found !== undefined && found.at > toInstant(parts.clock() - BELIEVED_MS);
  if (!isBelieved || !isOfNow(parts, found, binding)) throw needed('compare it with what is active first');
  if (found.gains + found.losses + found.failures === 0) return;
  if (demands === 'approved' && found.approved !== undefined) return;
  throw needed(
    demands === 'empty'
      ? 'it would change what is answered, and only a bundle that changes nothing may be activated here'
      : 'it would change what is answered: somebody has to approve that by name first',
  );
}

/** Whether what was compared then is what would judge now: the active bundle, which one judges alone, and the standard rules beside both. */
function isOfNow({ judge }: AccessParts, { active, trusted, standard }: KeptComparison, binding: PolicyBinding): boolean {
  return active?.digest === binding.active?.digest && trusted?.digest === binding.trusted?.digest && standard === judge.revision;
}

/** Holds that nothing is demanded, before the bundle that judges is let judge alone. @throws ProblemError `comparison-needed` */
export function assertUndemanded({ demands }: PolicyBinding): void {
  if (demands === undefined) return;
  throw new ProblemError('comparison-needed', {
    detail: 'It judges already, and would judge alone at once: push it as a later revision, trust that one, compare it and activate it.',
  });
}

function needed(what: string): ProblemError {
  return new ProblemError('comparison-needed', { detail: `The bundle is neither approved nor activated: ${what}.` });
}
