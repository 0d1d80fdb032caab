import type { AppId, BundleRevision, PolicyBinding } from '#domain';
import { ProblemError } from '#problem';
import type { AdminRequest } from '../administer/authorize.js';
import { type AccessParts, collectionsOf, everyOf } from '../parts.js';
import { readContent } from './content.js';
import { inspectBundle } from './inspect.js';
import { leaveFor, storedBundle } from './leave.js';
import { readBundleStatus } from './status.js';

/** Something that is wrong with the bundle that judges an application. */
export interface BundleFinding {
  readonly appId: AppId;
  readonly revision: BundleRevision;
  /** `broken`: nobody is judged by it; `unverified`: it would not be taken today; `failing`: it gave no answer, in some process. */
  readonly what: 'broken' | 'unverified' | 'failing';
  /** Nothing of what was asked. */
  readonly detail: string;
}

/** What is wrong with the bundles that judge applications: each is fetched, verified and compiled here. For the operator. @throws ProblemError as authorize says */
export async function* examineBundles(parts: AccessParts, request: AdminRequest): AsyncGenerator<BundleFinding> {
  for await (const binding of everyOf(collectionsOf(parts.store).policyBindings)) {
    const { appId, active } = binding;
    if (active === undefined) continue;
    for (const { what, detail } of await examined(parts, request, binding)) yield { appId, revision: active.revision, what, detail };
  }
}

type Found = Pick<BundleFinding, 'what' | 'detail'>;

async function examined(parts: AccessParts, request: AdminRequest, { appId, active }: PolicyBinding): Promise<readonly Found[]> {
  const place = { orgnr: 'of-application', appId } as const;
  const { application, binding } = await leaveFor(parts, request, place, 'bundle.read');
  if (active === undefined) return [];
  try {
    await parts.ownBundles.rulesOf(binding);
    const bundle = await storedBundle(parts, appId, active.revision);
    await inspectBundle(parts, application.value, await readContent(parts.store, appId, bundle));
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    if (error.slug === 'bundle-refused') return [{ what: 'unverified', detail: error.message }];
    if (error.slug !== 'evaluation-failed' && error.slug !== 'not-found') throw error;
    return [{ what: 'broken', detail: parts.ownBundles.statusOf(appId).fault?.detail ?? error.message }];
  }
  const { processes } = await readBundleStatus(parts, request, place);
  return processes.flatMap(({ status: { loaded, fault } }): readonly Found[] => {
    const conduct = loaded.find(({ ref }) => ref.digest === active.digest)?.status;
    const last = conduct?.lastFault;
    const failing =
      last === undefined
        ? []
        : [{ what: 'failing' as const, detail: [last.kind, last.entrypoint, last.detail].filter(Boolean).join(': ') }];
    return fault?.ref.digest === active.digest ? [...failing, { what: 'broken', detail: fault.detail }] : failing;
  });
}
