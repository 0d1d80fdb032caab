import { organisations } from '#access';
import type { Orgnr } from '#domain';
import type { Reading, Refs, Store, Stored } from '#storage';
import { accessKey, delegationKey, onBehalfOfKey } from '../entities.js';
import type { Client, Delegation, OnBehalfOf, Scope, ScopeAccess, ScopeName } from '../nouns.js';
import { collectionsOf } from '../parts.js';

/** What is asked for, and by whom. */
export interface AskingClient {
  readonly client: Pick<Client, 'id' | 'orgnr' | 'supplier' | 'scopes'>;
  readonly scopes: readonly string[];
  /** For whom, if the client says so and acts by delegation. */
  readonly consumerOrg?: Orgnr | undefined;
  readonly onBehalfOf?: string | undefined;
}

/** Where scopes are kept. */
export interface ScopesPlace {
  readonly store: Store;
  /** Scopes that are the product's own and no documents, by name. */
  readonly ownScopes: ReadonlyMap<ScopeName, Scope>;
}

/** What the rules of policies/maskinporten/obtaining read beside client and request; what is undefined is not there. */
export interface JudgedDocuments {
  readonly scopes: Readonly<Record<string, unknown>>;
  readonly accesses: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly delegations: Readonly<Record<string, unknown>>;
  readonly onBehalfOf: { readonly orgnr: Orgnr } | undefined;
  /** All that are concerned; one that is not registered here has not ceased. */
  readonly organisations: Readonly<Record<string, { readonly closed: boolean }>>;
}

/** What must be read to judge whether a client may be given scopes, to be read together with whatever else is needed. */
export interface ScopesToJudge {
  /** Of the asked ones, those that are registered on the client. Of others nothing is read: that it is not registered for them is all that is told. */
  readonly names: readonly ScopeName[];
  readonly refs: Refs;
  /**
   * @param documents those of the refs, in their order; more may follow
   * @param registry as of when they were read
   * @param others organisations that are concerned for another reason
   */
  told(
    documents: readonly (Stored<unknown> | undefined)[],
    registry: Pick<Reading<Refs>, 'registry'>,
    others?: readonly Orgnr[],
  ): Promise<JudgedDocuments>;
}

/** No other text can be part of a key of the store. */
const KEY_PART = /^[^\p{C}]{1,200}$/u;

/** The documents that it depends on whether a client may be given scopes. @param judgedScope what the rules read of a scope */
export function scopesToJudge(
  { client, scopes, consumerOrg, onBehalfOf }: AskingClient,
  { store, ownScopes }: ScopesPlace,
  judgedScope: (scope: Scope) => unknown,
): ScopesToJudge {
  const collections = collectionsOf(store);
  const registered = store.collection(organisations);
  const names = client.scopes.filter((name) => scopes.includes(name));
  const consumer = consumerOrg ?? client.orgnr;
  const supplier = consumerOrg === undefined ? client.supplier : client.orgnr;
  const behalf = onBehalfOf !== undefined && KEY_PART.test(onBehalfOf) ? [onBehalfOfKey(client.id, onBehalfOf)] : [];
  const kept = names.filter((name) => !ownScopes.has(name));
  const refs = [
    kept.map((key) => ({ collection: collections.scopes, key })),
    names.map((name) => ({ collection: collections.scopeAccesses, key: accessKey(consumer, name) })),
    supplier === undefined ? [] : names.map((name) => ({ collection: collections.scopeAccesses, key: accessKey(supplier, name) })),
    supplier === undefined
      ? []
      : names.map((name) => ({ collection: collections.delegations, key: delegationKey(consumer, supplier, name) })),
    behalf.map((key) => ({ collection: collections.onBehalfOfs, key })),
  ] as const;
  return {
    names,
    refs: refs.flat(),
    async told(documents, registry, others = []) {
      const values = documents.map((stored) => stored?.value);
      const next = <T>({ length }: readonly unknown[]): readonly (T | undefined)[] => values.splice(0, length) as (T | undefined)[];
      const stored = next<Scope>(refs[0]);
      const found = byName(kept, stored, judgedScope);
      for (const name of names) {
        const own = ownScopes.get(name);
        if (own !== undefined) found[name] = judgedScope(own);
      }
      const accesses = { [consumer]: byName(names, next<ScopeAccess>(refs[1]), judgedAccess) };
      if (supplier !== undefined) accesses[supplier] = byName(names, next<ScopeAccess>(refs[2]), judgedAccess);
      const delegations = byName(names, next<Delegation>(refs[3]), judgedDelegation);
      const [represented] = next<OnBehalfOf>(refs[4]);
      const owners = [...stored, ...names.map((name) => ownScopes.get(name))].map((scope) => scope?.owner);
      const concerned = new Set([client.orgnr, client.supplier, consumer, represented?.orgnr, ...owners, ...others]);
      const standing: Record<string, { readonly closed: boolean }> = {};
      for (const orgnr of concerned) {
        if (orgnr === undefined) continue;
        // The client of our own pages is nobody's, and nobody ceases.
        const known = orgnr === '' ? undefined : registry.registry(registered, orgnr);
        const organisation = known instanceof Promise ? await known : known;
        standing[orgnr] = { closed: organisation?.value.closed !== undefined };
      }
      const behalfOf = represented === undefined ? undefined : { orgnr: represented.orgnr };
      return { scopes: found, accesses, delegations, onBehalfOf: behalfOf, organisations: standing };
    },
  };
}

/** Those that are there, by the names that they stand beside. A name is none of an object's own words: each has a colon. */
function byName<T>(names: readonly string[], values: readonly (T | undefined)[], judged: (value: T) => unknown) {
  const found: Record<string, unknown> = {};
  for (const [at, name] of names.entries()) {
    const value = values[at];
    if (value !== undefined) found[name] = judged(value);
  }
  return found;
}

function judgedAccess({ state, until }: ScopeAccess): object {
  return { state, until };
}

function judgedDelegation({ source, until, withdrawn }: Delegation): object {
  return { source, until, withdrawn: withdrawn === undefined ? undefined : true };
}
