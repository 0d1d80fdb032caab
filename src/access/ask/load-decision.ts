import type { AppId, Application, BrukerId, Grant, GrantDocument, Organisation, PolicyBinding } from '#domain';
import type { Reading, Store } from '#storage';
import { type AccessParts, activationKey, collectionsOf, documentKey } from '../parts.js';
import type { JudgedGrant, KonsumentAround } from './access-input.js';

/** A grant with what is known of its konsument. */
export interface LoadedGrant {
  readonly grant: Grant;
  /** Absent if it is not registered. */
  readonly organisation: Organisation | undefined;
  readonly activated: boolean;
}

/** The same as the rules are asked about it. */
export function judgedGrant({ grant, activated, organisation }: LoadedGrant): JudgedGrant & LoadedGrant {
  return { grant, activated, organisation, mayBeKonsument: organisation?.mayBeKonsument ?? false };
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
  const { applications, grantDocuments, policyBindings } = collectionsOf(store);
  const read = store.read([{ collection: grantDocuments, key: documentKey(appId, brukerId) }] as const);
  const reading = read instanceof Promise ? await read : read;
  const [document] = reading.documents;
  const found = reading.registry(applications, appId);
  const bound = reading.registry(policyBindings, appId);
  // Both at once, here and below: of two that fail none may be left without anybody who hears of it, which would end the process.
  const [{ value: application } = { value: undefined }, { value: binding } = { value: undefined }] =
    found instanceof Promise || bound instanceof Promise ? await Promise.all([found, bound]) : [found, bound];
  if (document === undefined) return { application, binding, revision: 0, grants: [] };
  const loaded = surrounded(reading, appId, document.value, store);
  return { application, binding, revision: document.revision, grants: loaded instanceof Promise ? await loaded : loaded };
}

/** What decisions about many persons in an application are made from, whose documents have been read. */
export interface LoadedDecisions extends Pick<LoadedDecision, 'binding'> {
  /** Of each of the documents, in their order. */
  readonly grants: readonly (readonly LoadedGrant[])[];
}

/** The registry as of now, to documents of an application that were read before. @throws ProblemError `store-unavailable` */
export async function loadDecisions(
  { store }: Pick<AccessParts, 'store'>,
  appId: AppId,
  documents: readonly GrantDocument[],
): Promise<LoadedDecisions> {
  const read = store.read([]);
  const reading = read instanceof Promise ? await read : read;
  const [bound, grants] = await Promise.all([
    reading.registry(collectionsOf(store).policyBindings, appId),
    Promise.all(documents.map((document) => surrounded(reading, appId, document, store))),
  ]);
  return { binding: bound?.value, grants };
}

/** The grants of a document with what is known of their konsumenter; at once where the store knows it. */
function surrounded(
  reading: Pick<Reading<[]>, 'registry'>,
  appId: AppId,
  document: GrantDocument,
  store: Store,
): readonly LoadedGrant[] | Promise<readonly LoadedGrant[]> {
  const { organisations, activations } = collectionsOf(store);
  const grants = byKonsument(document.grants);
  const konsumenter = grants.map(({ konsument }) => reading.registry(organisations, konsument));
  const states = grants.map(({ konsument }) => reading.registry(activations, activationKey(appId, konsument)));
  const put = (known: Settled<typeof konsumenter>, active: Settled<typeof states>): readonly LoadedGrant[] =>
    grants.map((grant, i) => ({ grant, organisation: known[i]?.value, activated: active[i]?.value.active ?? false }));
  if (![...konsumenter, ...states].some(isPending))
    return put(konsumenter as Settled<typeof konsumenter>, states as Settled<typeof states>);
  return Promise.all([Promise.all(konsumenter), Promise.all(states)]).then(([known, active]) => put(known, active));
}

/** What stands in the way of whatever an organisation gives in an application, as it is now. @throws ProblemError `store-unavailable` */
export async function aroundOf(
  { store }: Pick<AccessParts, 'store'>,
  appId: AppId,
  { orgnr, mayBeKonsument }: Organisation,
): Promise<KonsumentAround> {
  const activation = await collectionsOf(store).activations.get(activationKey(appId, orgnr));
  return { activated: activation?.value.active ?? false, mayBeKonsument };
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
