import type { AppId, Application, BrukerId, Grant, Organisation, PolicyBinding } from '#domain';
import { type AccessParts, activationKey, collectionsOf, documentKey } from '../parts.js';

/** A grant with what is known of its konsument. */
export interface LoadedGrant {
  readonly grant: Grant;
  /** Absent if it is not registered. */
  readonly organisation: Organisation | undefined;
  readonly activated: boolean;
}

/** All that a decision about a person in an application is made from. */
export interface LoadedDecision {
  /** As it stood when the grants were read. */
  readonly application: Application | undefined;
  /** Which of its own bundles judges it, if one does. */
  readonly binding: PolicyBinding | undefined;
  /** Of the grant document; 0: there is none. */
  readonly revision: number;
  /** In the order of the organisation numbers. */
  readonly grants: readonly LoadedGrant[];
}

/**
 * Loads what a decision is made from: one read of the store, and the registry as of it.
 * @throws ProblemError `store-unavailable`
 */
export async function loadDecision({ store }: Pick<AccessParts, 'store'>, appId: AppId, brukerId: BrukerId): Promise<LoadedDecision> {
  const { applications, grantDocuments, organisations, activations, policyBindings } = collectionsOf(store);
  const read = store.read([{ collection: grantDocuments, key: documentKey(appId, brukerId) }] as const);
  const reading = read instanceof Promise ? await read : read;
  const [document] = reading.documents;
  const found = reading.registry(applications, appId);
  const bound = reading.registry(policyBindings, appId);
  // Both at once, here and below: of two that fail none may be left without anybody who hears of it, which would end the process.
  const [{ value: application } = { value: undefined }, { value: binding } = { value: undefined }] =
    found instanceof Promise || bound instanceof Promise ? await Promise.all([found, bound]) : [found, bound];
  if (document === undefined) return { application, binding, revision: 0, grants: [] };
  const grants = byKonsument(document.value.grants);
  const konsumenter = grants.map(({ konsument }) => reading.registry(organisations, konsument));
  const states = grants.map(({ konsument }) => reading.registry(activations, activationKey(appId, konsument)));
  const [known, active] = [...konsumenter, ...states].some(isPending)
    ? await Promise.all([Promise.all(konsumenter), Promise.all(states)])
    : [konsumenter as Settled<typeof konsumenter>, states as Settled<typeof states>];
  return {
    application,
    binding,
    revision: document.revision,
    grants: grants.map((grant, i) => ({ grant, organisation: known[i]?.value, activated: active[i]?.value.active ?? false })),
  };
}

/** In the order of the organisation numbers, which is that of the answer: documents keep them as they were given. */
export function byKonsument(grants: readonly Grant[]): readonly Grant[] {
  const isInOrder = grants.every(({ konsument }, i) => i === 0 || (grants[i - 1] as Grant).konsument < konsument);
  return isInOrder ? grants : grants.toSorted((a, b) => (a.konsument < b.konsument ? -1 : 1));
}

type Settled<List extends readonly unknown[]> = readonly Exclude<List[number], Promise<unknown>>[];

function isPending(value: unknown): boolean {
  return value instanceof Promise;
}
