import type { PolicyBinding } from '#domain';
import type { AdminRequest } from '../administer/authorize.js';
import type { AccessParts } from '../parts.js';
import { type BundlePlace, leaveFor } from './leave.js';
import type { ProcessStatus } from './own-rules.js';

/** How an application's own bundle does. */
export interface BundleStatus {
  readonly binding: PolicyBinding;
  readonly bindingRevision: number;
  /** In the process that answers. */
  readonly here: ProcessStatus;
}

/** How an application's own bundle does. @throws ProblemError as authorize says */
export async function readBundleStatus(parts: AccessParts, request: AdminRequest, place: BundlePlace): Promise<BundleStatus> {
  const { binding, bindingRevision } = await leaveFor(parts, request, place, 'bundle.status');
  return { binding, bindingRevision, here: parts.ownBundles.statusOf(binding.appId) };
}
