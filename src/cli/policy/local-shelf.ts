import {
  type AccessParts,
  activateBundle,
  approveComparison,
  type BindingView,
  type BundleStatus,
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
import { type AppId, type Instant, maskPersonNumbers, type PolicyBinding, present, toInstant } from '#domain';
import type { OpenAccess } from '../ports.js';
import type { NewKey, Shelf, ShelvedBundle, ShelvedConduct, ShelvedProcess, Turned } from './shelf.js';

/** What only the operator does, and only where the gateway runs. */
export interface LocalShelf extends Shelf {
  /** @param revision absent: none is trusted any more */
  trust(appId: AppId, revision: string | undefined, reason: string | undefined): Promise<Turned>;
}

/** The store of this installation, as the operator. */
export function localShelf({ access, close }: OpenAccess): LocalShelf {
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
      const { binding, processes } = await readBundleStatus(access, request, place(appId));
      return { ...revisionsOf(binding), processes: processes.map(processIn) };
    },
    compare: (appId, candidate, { decisions }, options) =>
      decisions === undefined
        ? compareGrants(access, request, place(appId), candidate, options)
        : compareDecisions(access, request, place(appId), candidate, decisions, options),
    async approve(appId, compared, reason) {
      const { candidate, active, at, gains, losses, failures } = await approveComparison(access, request, place(appId), compared, reason);
      return present({ revision: candidate.revision, active: active?.revision, at, gains, losses, failures });
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

type Told = BundleStatus['processes'][number];

function processIn({ process, at, status: { loaded, fault } }: Told): ShelvedProcess {
  const failed = fault && { revision: fault.ref.revision, at: toInstant(fault.at), detail: maskPersonNumbers(fault.detail) };
  return present({ process, at, loaded: loaded.map(conductOf), fault: failed });
}

function conductOf({ ref: { revision }, status }: Told['status']['loaded'][number]): ShelvedConduct {
  if (status === undefined) return { revision };
  const { lastFault, heldBackUntil } = status;
  const detail = [lastFault?.kind, lastFault?.entrypoint, lastFault?.detail].filter(Boolean).join(': ');
  return present({
    revision,
    standing: status.standing,
    answered: status.evaluations,
    failed: status.failures,
    timedOut: status.timeouts,
    outOfMemory: status.exhaustions,
    refused: status.refusals,
    meanMicros: Math.round(status.meanMicros),
    lastFault: lastFault && { at: toInstant(lastFault.at), detail: maskPersonNumbers(detail) },
    heldBackUntil: heldBackUntil === undefined ? undefined : toInstant(heldBackUntil),
  });
}

function turned({ binding, isChanged }: BindingView & { readonly isChanged: boolean }): Turned {
  return { isChanged, ...revisionsOf(binding) };
}

function revisionsOf({ active, before, highest, trusted, shadow, demands }: PolicyBinding) {
  const named = { active: active?.revision, before: before?.revision, trusted: trusted?.revision, shadow: shadow?.revision };
  return present({ ...named, highest, demands });
}
