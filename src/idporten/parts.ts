import type { AccessParts } from '#access';
import type { Collection, Store } from '#storage';
import type { Authorization, GivenGrant } from './authorizations/authorization.js';
import { authorizations, givenGrants, logins } from './entities.js';
import type { Login } from './logins/login.js';

/** What the use cases of this room work with during one request or command. */
export type IdportenParts = Pick<AccessParts, 'store' | 'judge' | 'clock' | 'vault' | 'quotas'>;

/** The collections of the room, opened once per store. */
export interface Collections {
  readonly logins: Collection<Login>;
  readonly authorizations: Collection<Authorization>;
  readonly givenGrants: Collection<GivenGrant>;
}

const opened = new WeakMap<Store, Collections>();

/** The collections of a store, opened once. */
export function collectionsOf(store: Store): Collections {
  let collections = opened.get(store);
  if (collections === undefined) {
    collections = {
      logins: store.collection(logins),
      authorizations: store.collection(authorizations),
      givenGrants: store.collection(givenGrants),
    };
    opened.set(store, collections);
  }
  return collections;
}
