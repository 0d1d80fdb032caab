import { organisations } from '#access';
import type { Orgnr } from '#domain';
import type { Reading, Refs, Store } from '#storage';
import type { Rights, System, SystemId } from '../nouns.js';
import { collectionsOf } from '../parts.js';
import { isSystemId, type SystemView } from '../register/named.js';
import { type Known, namedIn } from './rights.js';

/** What is known of what rights name, also of what is out of use. One round trip. */
export async function knownOf(store: Store, all: readonly Rights[]): Promise<Known> {
  const { resources, accessPackages } = collectionsOf(store);
  const named = namedIn(all);
  const packages = (await accessPackages.getMany(named.packages)).flatMap((one) => (one === undefined ? [] : [one.value]));
  const ids = [...new Set([...named.resources, ...packages.flatMap((one) => one.resources)])];
  const found = (await resources.getMany(ids)).flatMap((one) => (one === undefined ? [] : [one.value]));
  return { resources: new Map(found.map((one) => [one.id, one])), packages: new Map(packages.map((one) => [one.name, one])) };
}

/** Systems, also those that are deleted. */
export async function systemsOf(store: Store, ids: readonly SystemId[]): Promise<ReadonlyMap<SystemId, System>> {
  const found = await collectionsOf(store).systems.getMany([...new Set(ids)].filter(isSystemId));
  return new Map(found.flatMap((one) => (one === undefined ? [] : [[one.value.id, one.value] as const])));
}

/** Whether an organisation is registered here and goes on. */
export async function isInUse(store: Store, orgnr: Orgnr): Promise<boolean> {
  const found = await organisationOf(store, orgnr);
  return found !== undefined && found.value.closed === undefined;
}

/** Whether an organisation is known to have ceased. One that is not registered here has not. @param reading as of which; absent, as of now */
export async function isClosed(store: Store, orgnr: Orgnr, reading?: Pick<Reading<Refs>, 'registry'>): Promise<boolean> {
  return (await organisationOf(store, orgnr, reading))?.value.closed !== undefined;
}

/** Those of the systems whose vendors have not ceased: of others nothing can be had any more. */
export async function ofVendorsThatGoOn(store: Store, found: readonly SystemView[]): Promise<readonly SystemView[]> {
  const reading = await store.read([]);
  const closed = await Promise.all(found.map(({ value: { vendor } }) => isClosed(store, vendor, reading)));
  return found.filter((_, at) => closed[at] === false);
}

async function organisationOf(store: Store, orgnr: Orgnr, reading?: Pick<Reading<Refs>, 'registry'>) {
  return (reading ?? (await store.read([]))).registry(store.collection(organisations), orgnr);
}
