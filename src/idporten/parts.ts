import type { AccessParts } from '#access';
import type { Collection, Store } from '#storage';
import type { Authorization, GivenGrant } from './authorizations/authorization.js';
import { authorizations, blockedPersons, contacts, givenGrants, logins, mailboxProviders, registerImports } from './entities.js';
import type { Contact, MailboxProvider, RegisterImport } from './krr/contact.js';
import type { BlockedPerson } from './logins/blocked.js';
import type { Login } from './logins/login.js';

/** What the use cases of this room work with during one request or command. */
export type IdportenParts = Pick<AccessParts, 'store' | 'judge' | 'clock' | 'vault' | 'quotas'>;

/** The collections of the room, opened once per store. */
export interface Collections {
  readonly logins: Collection<Login>;
  readonly authorizations: Collection<Authorization>;
  readonly givenGrants: Collection<GivenGrant>;
  readonly blockedPersons: Collection<BlockedPerson>;
  readonly contacts: Collection<Contact>;
  readonly mailboxProviders: Collection<MailboxProvider>;
  readonly registerImports: Collection<RegisterImport>;
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
      blockedPersons: store.collection(blockedPersons),
      contacts: store.collection(contacts),
      mailboxProviders: store.collection(mailboxProviders),
      registerImports: store.collection(registerImports),
    };
    opened.set(store, collections);
  }
  return collections;
}
