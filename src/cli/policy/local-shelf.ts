import {
  type AccessParts,
  activateBundle,
  approveComparison,
  type BindingView,
  type BundleView,
  compareDecisions,
  compareGrants,
  deactivateBundle,
  demandComparison,
  listBundles,
  listPolicyKeys,
  operatorRequest,
  pushBundle,
  putPolicyKey,
  readBundleOf,
  readBundleStatus,
  readShadow,
  revokePolicyKey,
  rollBackBundle,
  setShadow,
  trustBundle,
} from '#access';
import { type AppId, type Instant, type PolicyBinding, present } from '#domain';
import type { OpenAccess } from '../ports.js';
import type { NewKey, Shelf, ShelvedBundle, Turned } from './shelf.js';

/** The store of this installation, as the operator. */
export function localShelf({ access, close }: OpenAccess): Shelf {
  const place = (appId: AppId) => ({ orgnr: 'of-application', appId }) as const;
  const request = operatorRequest();
  return {
    where: 'the store of this installation',
    async push(appId, tarball) {
      const { isNew, bundle } = await pushBundle(access, request, place(appId), tarball);
      return { isNew, bundle: shelved(await readBundleOf(access, request, place(appId), bundle.revision)) };
    },
    list: (appId) => allOf(access, appId),
    activate: async (appId, revision, reason) => turned(await activateBundle(access, request, place(appId), revision, 'any', reason)),
    deactivate: async (appId, reason) => turned(await deactivateBundle(access, request, place(appId), 'any', reason)),
    rollBack: async (appId, revision, reason) => turned(await rollBackBundle(access, request, place(appId), revision, 'any', reason)),
    trust: async (appId, revision, reason) => turned(await trustBundle(access, request, place(appId), revision, reason)),
    async status(appId) {
      const { binding, bindingRevision: _, ...told } = await readBundleStatus(access, request, place(appId));
      return { ...revisionsOf(binding), ...told };
    },
    compare: (appId, candidate, { decisions }, options) =>
      decisions === undefined
        ? compareGrants(access, request, place(appId), candidate, options)
        : compareDecisions(access, request, place(appId), candidate, decisions, options),
    async approve(appId, revision, reason) {
      await approveComparison(access, request, place(appId), revision, reason);
    },
    demand: async (appId, what) => turned(await demandComparison(access, request, place(appId), what, 'any')),
    setShadow: async (appId, revision) => turned(await setShadow(access, request, place(appId), revision, 'any')),
    async shadow(appId, withPersons) {
      const { bundle, ...seen } = await readShadow(access, request, place(appId), withPersons);
      return present({ ...seen, revision: bundle?.revision });
    },
    ownerOf: async (appId) => (await readBundleStatus(access, request, place(appId))).binding.tilbyder,
    async keys(owner) {
      const found = await listPolicyKeys(access, request, owner);
      return found.map(({ value: { kid, algorithm, scope, until, revoked } }) =>
        present({ kid, algorithm, scope, until, isRevoked: revoked !== undefined }),
      );
    },
    async addKey(owner, { kid, ...terms }: NewKey) {
      await putPolicyKey(access, request, owner, kid, terms as typeof terms & { until?: Instant }, 'any');
    },
    revokeKey: (owner, kid, reason) => revokePolicyKey(access, request, owner, kid, 'any', reason),
    close,
  };
}

async function allOf(access: AccessParts, appId: AppId): Promise<readonly ShelvedBundle[]> {
  const found: ShelvedBundle[] = [];
  let cursor: string | undefined;
  do {
    const page = await listBundles(access, operatorRequest(), { orgnr: 'of-application', appId }, present({ limit: 500, cursor }));
    found.push(...page.items.map(shelved));
    cursor = page.next;
  } while (cursor !== undefined);
  return found;
}

function shelved({ bundle, state, isTrusted }: BundleView): ShelvedBundle {
  const { revision, digest, size, entrypoints, signedBy, pushedBy, pushedAt, warnings } = bundle;
  return {
    revision,
    state,
    digest,
    size,
    entrypoints,
    signedBy: `${signedBy.kid} (${signedBy.owner})`,
    pushedBy,
    pushedAt,
    isTrusted,
    warnings,
  };
}

function turned({ binding, isChanged }: BindingView & { readonly isChanged: boolean }): Turned {
  return { isChanged, ...revisionsOf(binding) };
}

function revisionsOf({ active, before, highest, trusted, shadow, demands }: PolicyBinding) {
  const named = { active: active?.revision, before: before?.revision, trusted: trusted?.revision, shadow: shadow?.revision };
  return present({ ...named, highest, demands });
}
