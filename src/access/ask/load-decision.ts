import type { Activation, AppId, Application, BrukerId, Grant, GrantDocument, Organisation, Orgnr, PolicyBinding } from '#domain';
import type { Reading, Store, Stored } from '#storage';
import { type AccessParts, activationKey, collectionsOf, documentKey } from '../parts.js';
import type { JudgedGrant, KonsumentAround } from './access-input.js';

/** A grant with what is known of its konsument, as the rules are asked about it. */
export interface LoadedGrant extends JudgedGrant {
  readonly grant: Grant;
  /** Absent if it is not registered. */
  readonly organisation: Organisation | undefined;
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
  const loaded = surrounded(document.value, lookUpIn(reading, appId, store));
  return { application, binding, revision: document.revision, grants: loaded instanceof Promise ? await loaded : loaded };
}

/** What decisions about many persons in an application are made from. */
export interface LoadedDecisions extends Pick<LoadedDecision, 'application' | 'binding'> {
  /** Of each person, in their order. */
  readonly loaded: readonly Pick<LoadedDecision, 'revision' | 'grants'>[];
}

/** Loads what decisions about many persons are made from: one read of the store, and the registry as of it. @throws ProblemError `store-unavailable` */
export async function loadMany(
  { store }: Pick<AccessParts, 'store'>,
  appId: AppId,
  brukerIds: readonly BrukerId[],
): Promise<LoadedDecisions> {
  const { applications, grantDocuments, policyBindings } = collectionsOf(store);
  const read = store.read(brukerIds.map((brukerId) => ({ collection: grantDocuments, key: documentKey(appId, brukerId) })));
  const reading = read instanceof Promise ? await read : read;
  const documents = reading.documents as readonly (Stored<GrantDocument> | undefined)[];
  const lookUp = remembering(lookUpIn(reading, appId, store));
  const grants = documents.map((document) => (document === undefined ? NONE : surrounded(document.value, lookUp)));
  const [application, binding, settled] = await Promise.all([
    reading.registry(applications, appId),
    reading.registry(policyBindings, appId),
    allSettled<readonly LoadedGrant[]>(grants),
  ]);
  const loaded = documents.map((document, i) => ({ revision: document?.revision ?? 0, grants: settled[i] as readonly LoadedGrant[] }));
  return { application: application?.value, binding: binding?.value, loaded };
}

/** Which of its own bundles judges an application now, if one does. @throws ProblemError `store-unavailable` */
export async function bindingOf({ store }: Pick<AccessParts, 'store'>, appId: AppId): Promise<PolicyBinding | undefined> {
  const read = store.read([]);
  const reading = read instanceof Promise ? await read : read;
  return (await reading.registry(collectionsOf(store).policyBindings, appId))?.value;
}

/** The registry as of now, to grants in an application that were read before: of each document, in their order. @throws ProblemError `store-unavailable` */
export async function loadAround(
  { store }: Pick<AccessParts, 'store'>,
  appId: AppId,
  documents: readonly Pick<GrantDocument, 'grants'>[],
): Promise<readonly (readonly LoadedGrant[])[]> {
  const read = store.read([]);
  const reading = read instanceof Promise ? await read : read;
  const lookUp = remembering(lookUpIn(reading, appId, store));
  return allSettled(documents.map((document) => surrounded(document, lookUp)));
}

/** What is there at once costs no promise: there are very many of them. */
function allSettled<T>(found: readonly (T | Promise<T>)[]): readonly T[] | Promise<readonly T[]> {
  return found.some(isPending) ? Promise.all(found) : (found as readonly T[]);
}

const NONE: readonly LoadedGrant[] = Object.freeze([]);

/** What is known of a konsument in an application. */
type Around = Omit<LoadedGrant, 'grant'>;
type LookUp = (konsument: Orgnr) => Around | Promise<Around>;

/** Looks konsumenter up as of a reading; at once where the store knows them. */
function lookUpIn(reading: Pick<Reading<[]>, 'registry'>, appId: AppId, store: Store): LookUp {
  const { organisations, activations } = collectionsOf(store);
  const around = (found: Stored<Organisation> | undefined, activation: Stored<Activation> | undefined): Around => {
    const organisation = found?.value;
    return { organisation, activated: activation?.value.active ?? false, mayBeKonsument: organisation?.mayBeKonsument ?? false };
  };
  return (konsument) => {
    const found = reading.registry(organisations, konsument);
    const activation = reading.registry(activations, activationKey(appId, konsument));
    if (!(found instanceof Promise || activation instanceof Promise)) return around(found, activation);
    return Promise.all([found, activation]).then((both) => around(...both));
  };
}

/** The same for many documents: most persons of a list have grants of the same few. */
function remembering(lookUp: LookUp): LookUp {
  const known = new Map<Orgnr, Around | Promise<Around>>();
  return (konsument) => {
    let around = known.get(konsument);
    if (around === undefined) {
      around = lookUp(konsument);
      known.set(konsument, around);
    }
    return around;
  };
}

/** The grants of a document with what is known of their konsumenter; at once where that is. */
function surrounded(document: Pick<GrantDocument, 'grants'>, lookUp: LookUp): readonly LoadedGrant[] | Promise<readonly LoadedGrant[]> {
  const loaded = byKonsument(document.grants).map((grant) => {
    const around = lookUp(grant.konsument);
    return around instanceof Promise ? around.then((known) => loadedGrant(grant, known)) : loadedGrant(grant, around);
  });
  return allSettled(loaded);
}

function loadedGrant(grant: Grant, { organisation, activated, mayBeKonsument }: Around): LoadedGrant {
  return { grant, organisation, activated, mayBeKonsument };
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

function isPending(value: unknown): boolean {
  return value instanceof Promise;
}
