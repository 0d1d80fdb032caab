import { type BundleRef, compareRevisions, type PolicyBinding, type PolicyBundle, present } from '#domain';
import { ProblemError } from '#problem';
import type { AdminRequest } from '../administer/authorize.js';
import { checkPrecondition, type Precondition } from '../administer/precondition.js';
import { assertCompared, assertUndemanded } from '../comparison/approval.js';
import type { AccessParts } from '../parts.js';
import { assertFit, type Change, changed, isSame } from './change-binding.js';
import { assertLater } from './inspect.js';
import { type BundlePlace, storedBundle } from './leave.js';

/** How many bundles that were active are kept to go back to, besides the one that was so last. */
const MOST_EARLIER = 5;
const TIDIED = `Of those that were pushed the last ones are kept, and the ${MOST_EARLIER + 1} that were active last: what is gone is pushed again, as a later revision, and activated.`;

/**
 * Lets a pushed bundle judge from now on, in every process: no request is judged by two. The one that is active stays so.
 * @param revision as it was sent; later than all that was active
 * @throws ProblemError as authorize says; `not-found`, `precondition-failed`, `bundle-revision-refused`, `bundle-refused` if its key does not count any more,
 *   `comparison-needed` if the binding demands one
 */
export function activateBundle(
  parts: AccessParts,
  request: AdminRequest,
  place: BundlePlace,
  revision: string,
  precondition: Precondition,
  reason?: string,
): Promise<Change> {
  return changed(parts, request, place, { action: 'bundle.activate', reason }, async (leave) => {
    const bundle = await storedBundle(parts, leave.application.value.id, revision);
    if (isSame(bundle, leave.binding.active)) return undefined;
    checkPrecondition(precondition, leave.bindingRevision);
    assertLater(bundle.revision, leave.binding);
    await assertFit(parts, leave, bundle);
    await assertCompared(parts, leave.binding, bundle);
    return { ...turned(leave.binding, bundle), highest: bundle.revision };
  });
}

/**
 * Goes back to a bundle that was pushed earlier, by name; to the one before at once, to others as the binding demands. The one that is active stays so.
 * @param reason why, which the history keeps
 * @throws as activateBundle; `bundle-revision-refused` for one that is later than all that was active; `comparison-needed` if the binding demands one
 */
export function rollBackBundle(
  parts: AccessParts,
  request: AdminRequest,
  place: BundlePlace,
  revision: string,
  precondition: Precondition,
  reason: string,
): Promise<Change> {
  return changed(parts, request, place, { action: 'bundle.rollback', reason }, async (leave) => {
    const bundle = await storedBundle(parts, leave.application.value.id, revision, TIDIED);
    const { binding } = leave;
    if (isSame(bundle, binding.active)) return undefined;
    checkPrecondition(precondition, leave.bindingRevision);
    if (binding.highest === undefined || compareRevisions(bundle.revision, binding.highest) > 0) {
      throw new ProblemError('bundle-revision-refused', { detail: 'It is later than all that was active: activate it.' });
    }
    await assertFit(parts, leave, bundle);
    if (!isSame(bundle, binding.before)) await assertCompared(parts, binding, bundle);
    return turned(binding, bundle);
  });
}

/** Goes back to the standard rules alone. @throws ProblemError as authorize says; `precondition-failed` */
export function deactivateBundle(
  parts: AccessParts,
  request: AdminRequest,
  place: BundlePlace,
  precondition: Precondition,
  reason?: string,
): Promise<Change> {
  return changed(parts, request, place, { action: 'bundle.deactivate', reason }, async ({ binding, bindingRevision }) => {
    const { active, earlier: _, ...rest } = binding;
    if (active === undefined) return undefined;
    checkPrecondition(precondition, bindingRevision);
    return { ...rest, ...present({ before: active, earlier: earlierThan(binding, [active]) }) };
  });
}

/**
 * Lets one bundle judge alone, when it is active, without the standard rules; or none. For the operator.
 * @param revision as it was sent; `undefined` takes the trust back
 * @throws ProblemError as authorize says; `not-found`, `bundle-refused` if its key does not count any more; `comparison-needed` for the one that judges, where
 *   an activation demands one: nobody has seen what it would give
 */
export function trustBundle(
  parts: AccessParts,
  request: AdminRequest,
  place: BundlePlace,
  revision: string | undefined,
  reason?: string,
): Promise<Change> {
  return changed(parts, request, place, { action: 'bundle.trust', reason }, async (leave) => {
    const { trusted, ...rest } = leave.binding;
    if (revision === undefined) return trusted === undefined ? undefined : rest;
    const bundle = await storedBundle(parts, leave.application.value.id, revision);
    if (isSame(bundle, trusted)) return undefined;
    if (isSame(bundle, leave.binding.active)) assertUndemanded(leave.binding);
    await assertFit(parts, leave, bundle, true);
    return { ...rest, trusted: refOf(bundle) };
  });
}

/** The binding with another bundle that judges. */
function turned(binding: PolicyBinding, bundle: PolicyBundle): PolicyBinding {
  const { active: last, before: _, earlier: __, ...rest } = binding;
  const active = refOf(bundle);
  const before = last ?? binding.before;
  return { ...rest, ...present({ active, before, earlier: earlierThan(binding, before === undefined ? [active] : [active, before]) }) };
}

/** What was active before, beside those that have another place now. */
function earlierThan({ before, earlier = [] }: PolicyBinding, placed: readonly BundleRef[]): readonly BundleRef[] | undefined {
  const all = before === undefined ? earlier : [before, ...earlier];
  const left = all.filter((one) => !placed.some((other) => isSame(one, other))).slice(0, MOST_EARLIER);
  return left.length === 0 ? undefined : left;
}

function refOf({ revision, digest }: BundleRef): BundleRef {
  return { revision, digest };
}
