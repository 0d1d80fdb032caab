import type { PolicyBinding, PolicyBundle } from '#domain';
import type { AdminRequest } from '../administer/authorize.js';
import { type PageOf, type PageRange, pickedPage } from '../pages.js';
import { type AccessParts, collectionsOf } from '../parts.js';
import { readContent } from './content.js';
import { bundleKey } from './entities.js';
import { type BundlePlace, leaveFor, storedBundle } from './leave.js';

/** How a bundle stands: `active`, `before` (the one that was active before), or `pushed`. */
export type BundleState = 'active' | 'before' | 'pushed';

/** A bundle as it is shown. */
export interface BundleView {
  readonly bundle: PolicyBundle;
  readonly state: BundleState;
  /** Whether the operator lets it judge alone. */
  readonly isTrusted: boolean;
}

/** Which bundle judges an application, with the revision that a change is made from; 0 if nothing was ever bound. */
export interface BindingView {
  readonly binding: PolicyBinding;
  readonly revision: number;
}

/** The bundles of an application. @throws ProblemError as authorize says */
export async function listBundles(
  parts: AccessParts,
  request: AdminRequest,
  place: BundlePlace,
  range: PageRange,
): Promise<PageOf<BundleView>> {
  const { application, binding } = await leaveFor(parts, request, place, 'bundle.list');
  return pickedPage(collectionsOf(parts.store).policyBundles, { prefix: bundleKey(application.value.id) }, range, (documents) =>
    documents.map(({ value }) => viewOf(value, binding)),
  );
}

/** One bundle. @param revision as it was sent. @throws ProblemError as authorize says; `not-found` */
export async function readBundleOf(parts: AccessParts, request: AdminRequest, place: BundlePlace, revision: string): Promise<BundleView> {
  const { application, binding } = await leaveFor(parts, request, place, 'bundle.read');
  return viewOf(await storedBundle(parts, application.value.id, revision), binding);
}

/** The bytes of a bundle. @param revision as it was sent. @throws as readBundleOf */
export async function readBundleBytes(
  parts: AccessParts,
  request: AdminRequest,
  place: BundlePlace,
  revision: string,
): Promise<{ readonly bundle: PolicyBundle; bytes(): Promise<Uint8Array> }> {
  const { application } = await leaveFor(parts, request, place, 'bundle.read');
  const { id } = application.value;
  const bundle = await storedBundle(parts, id, revision);
  return { bundle, bytes: () => readContent(parts.store, id, bundle) };
}

/** Which bundle judges an application. @throws ProblemError as authorize says */
export async function readBinding(parts: AccessParts, request: AdminRequest, place: BundlePlace): Promise<BindingView> {
  const { binding, bindingRevision } = await leaveFor(parts, request, place, 'bundle.read');
  return { binding, revision: bindingRevision };
}

/** A bundle as it is shown under a binding. */
export function viewOf(bundle: PolicyBundle, { active, before, trusted }: PolicyBinding): BundleView {
  const { digest } = bundle;
  const state = active?.digest === digest ? 'active' : before?.digest === digest ? 'before' : 'pushed';
  return { bundle, state, isTrusted: trusted?.digest === digest };
}
