import type { AccessParts } from '#access';
import type { Orgnr } from '#domain';
import { openedOnce, type Ref, type Store } from '#storage';
import { KEPT } from './entities.js';
import type { Client, Scope, SignedTerms } from './nouns.js';

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

/** The collections of a store that this room keeps, opened once. */
export const collectionsOf = openedOnce(KEPT);

/** A scope that is a document, to be read together with others. @param name as a key of the store may be */
export function scopeRef(store: Store, name: string): Ref<Scope> {
  return { collection: collectionsOf(store).scopes, key: name };
}

/** Where it stands that an organisation has signed the terms of use. */
export function termsRef(store: Store, orgnr: Orgnr): Ref<SignedTerms> {
  return { collection: collectionsOf(store).signedTerms, key: orgnr };
}

/** Whether a client may be called that: no other text is a key of the store. */
export function isClientKey(text: string): boolean {
  return /^[!-~]{1,255}$/.test(text);
}

/** A client, to be read together with others. @param id see isClientKey */
export function clientRef(store: Store, id: string): Ref<Client> {
  return { collection: collectionsOf(store).clients, key: id };
}
