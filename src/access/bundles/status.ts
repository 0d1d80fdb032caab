import type { PolicyBinding } from '#domain';
import type { AdminRequest } from '../administer/authorize.js';
import type { AccessParts } from '../parts.js';
import { type BundlePlace, leaveFor } from './leave.js';
import type { BundleFault } from './own-bundles.js';

/** How an application's own bundle does. */
export interface BundleStatus {
  readonly binding: PolicyBinding;
  readonly bindingRevision: number;
  /** The last time that it could not be loaded, in the process that answers. */
  readonly fault: BundleFault | undefined;
}

/** How an application's own bundle does. @throws ProblemError as authorize says */
export async function readBundleStatus(parts: AccessParts, request: AdminRequest, place: BundlePlace): Promise<BundleStatus> {
  const { binding, bindingRevision } = await leaveFor(parts, request, place, 'bundle.status');
  return { binding, bindingRevision, fault: parts.ownBundles.faultOf(binding.appId) };
}
