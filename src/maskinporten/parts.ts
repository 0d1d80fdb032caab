import type { AccessParts } from '#access';
import type { Orgnr } from '#domain';
import type { Collection, Ref, Store } from '#storage';
import { clients, delegations, onBehalfOfs, scopeAccesses, scopePrefixes, scopes, signedTerms, usedAssertions } from './entities.js';
import type { Client, Delegation, OnBehalfOf, Scope, ScopeAccess, ScopePrefix, SignedTerms, UsedAssertion } from './nouns.js';

/** What the use cases of this room work with during one request or command. */
export type MaskinportenParts = Pick<AccessParts, 'store' | 'judge' | 'clock' | 'vault' | 'quotas'>;

/** The Maskinporten side of an installation: what its own names and scopes are made of. */
export interface Side {
  /** Where callers reach the gateway. */
  readonly origin: string;
  /** Who runs it, if that is said. */
  readonly operatorOrgnr?: Orgnr | undefined;
}

/** What the use cases work with that must know what the side itself has. */
export type SideParts = MaskinportenParts & { readonly side: Side };

/** The collections of the room, opened once per store. */
export interface Collections {
  readonly scopePrefixes: Collection<ScopePrefix>;
  readonly scopes: Collection<Scope>;
  readonly scopeAccesses: Collection<ScopeAccess>;
  readonly delegations: Collection<Delegation>;
  readonly clients: Collection<Client>;
  readonly onBehalfOfs: Collection<OnBehalfOf>;
  readonly signedTerms: Collection<SignedTerms>;
  readonly usedAssertions: Collection<UsedAssertion>;
}

const opened = new WeakMap<Store, Collections>();

/** The collections of a store, opened once. */
export function collectionsOf(store: Store): Collections {
  let collections = opened.get(store);
  if (collections === undefined) {
    collections = {
      scopePrefixes: store.collection(scopePrefixes),
      scopes: store.collection(scopes),
      scopeAccesses: store.collection(scopeAccesses),
      delegations: store.collection(delegations),
      clients: store.collection(clients),
      onBehalfOfs: store.collection(onBehalfOfs),
      signedTerms: store.collection(signedTerms),
      usedAssertions: store.collection(usedAssertions),
    };
    opened.set(store, collections);
  }
  return collections;
}

/** A scope that is a document, to be read together with others. @param name as a key of the store may be */
export function scopeRef(store: Store, name: string): Ref<Scope> {
  return { collection: collectionsOf(store).scopes, key: name };
}

/** Where it stands that an organisation has signed the terms of use. */
export function termsRef(store: Store, orgnr: Orgnr): Ref<SignedTerms> {
  return { collection: collectionsOf(store).signedTerms, key: orgnr };
}

/** A client, to be read together with others. @param id as a key of the store may be */
export function clientRef(store: Store, id: string): Ref<Client> {
  return { collection: collectionsOf(store).clients, key: id };
}
