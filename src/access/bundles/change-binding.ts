import type { BundleRef, PolicyBinding, PolicyBundle } from '#domain';
import type { AdminRequest } from '../administer/authorize.js';
import { type AccessParts, collectionsOf } from '../parts.js';
import { repeated } from '../repeated.js';
import { readContent } from './content.js';
import { inspectBundle } from './inspect.js';
import { type BundleLeave, type BundlePlace, leaveFor } from './leave.js';
import type { BindingView } from './read.js';

/** Another binding than the one that a change was made from. */
export interface Change extends BindingView {
  /** Whether anything was changed. */
  readonly isChanged: boolean;
}

/** Changes the binding of an application, all at once; as it stands if the change gives nothing. */
export async function changed(
  parts: AccessParts,
  request: AdminRequest,
  place: BundlePlace,
  { action, reason }: { readonly action: string; readonly reason?: string | undefined },
  change: (leave: BundleLeave) => Promise<PolicyBinding | undefined>,
): Promise<Change> {
  return repeated(async () => {
    const leave = await leaveFor(parts, request, place, action);
    const after = await change(leave);
    if (after === undefined) return { binding: leave.binding, revision: leave.bindingRevision, isChanged: false };
    const expect = leave.bindingRevision === 0 ? 'absent' : leave.bindingRevision;
    const { revision } = await collectionsOf(parts.store).policyBindings.put(after, { expect, facts: leave.facts(action, reason) });
    return { binding: after, revision, isChanged: true };
  });
}

/**
 * Holds that a bundle can judge: its bytes are whole, its key still counts, and it is compiled here before anybody is judged by it.
 * @param isTrusted whether it will judge alone; as the binding has it if not given
 * @throws ProblemError `bundle-refused`, `evaluation-failed`
 */
export async function assertFit(
  parts: AccessParts,
  { application, binding }: BundleLeave,
  bundle: PolicyBundle,
  isTrusted: boolean = binding.trusted?.digest === bundle.digest,
): Promise<void> {
  const { id } = application.value;
  const bytes = await readContent(parts.store, id, bundle);
  await inspectBundle(parts, application.value, bytes);
  await parts.ownBundles.rulesBy(id, bundle, isTrusted, bytes);
}

/** Whether both are the same bundle. */
export function isSame({ digest, revision }: BundleRef, other: BundleRef | undefined): boolean {
  return digest === other?.digest && revision === other.revision;
}
