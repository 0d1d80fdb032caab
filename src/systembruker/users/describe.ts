import type { Orgnr } from '#domain';
import { namesOf } from '#maskinporten';
import type { Store } from '#storage';
import type { Rights, System, SystemId, SystemUser } from '../nouns.js';
import { knownOf, systemsOf } from './known.js';
import { allOf, type Known } from './rights.js';

/** What system users are about, in words: services and packages (also of those that are out of use), systems, and what organisations are called. */
export interface Described extends Known {
  readonly systems: ReadonlyMap<SystemId, System>;
  readonly names: ReadonlyMap<Orgnr, string>;
}

/** Reads what it takes to tell of system users, and of what else they are to have. It says what everybody may know. */
export async function describeSystemUsers(store: Store, users: readonly SystemUser[], more: readonly Rights[] = []): Promise<Described> {
  const all = [...users.flatMap(allOf), ...more];
  const [known, systems] = await Promise.all([
    knownOf(store, all),
    systemsOf(
      store,
      users.map(({ systemId }) => systemId),
    ),
  ]);
  const owners = [...known.resources.values()].map(({ owner }) => owner);
  const names = await namesOf({ store }, [...users.flatMap(({ vendor, party }) => [vendor, party]), ...owners]);
  return { ...known, systems, names };
}
