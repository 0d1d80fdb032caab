import { type Instant, type PolicyBinding, toInstant } from '#domain';
import type { AdminRequest } from '../administer/authorize.js';
import { type AccessParts, collectionsOf, everyOf } from '../parts.js';
import { bundleReportKey } from './entities.js';
import { type BundlePlace, leaveFor } from './leave.js';
import type { ProcessStatus } from './own-rules.js';

/** How an application's own bundles do. */
export interface BundleStatus {
  readonly binding: PolicyBinding;
  /** See BindingView. */
  readonly bindingRevision: number;
  /** In each process in which something was loaded, or could not be: of the one that answers now, of others as they said last. */
  readonly processes: readonly { readonly process: string; readonly at: Instant; readonly status: ProcessStatus }[];
}

/** How an application's own bundles do. @throws ProblemError as authorize says */
export async function readBundleStatus(parts: AccessParts, request: AdminRequest, place: BundlePlace): Promise<BundleStatus> {
  const { application, binding, bindingRevision } = await leaveFor(parts, request, place, 'bundle.status');
  const { store, ownBundles, clock } = parts;
  const { id } = application.value;
  const own = { process: ownBundles.process, at: toInstant(clock()), status: ownBundles.statusOf(id) };
  const processes = own.status.loaded.length > 0 || own.status.fault !== undefined ? [own] : [];
  for await (const { process, at, status } of everyOf(collectionsOf(store).bundleReports, { prefix: bundleReportKey(id) })) {
    if (process !== own.process) processes.push({ process, at, status });
  }
  return { binding, bindingRevision, processes };
}
