// What this room keeps. A door of its own: whoever opens the store needs none of the rest.
import { seatIndex } from '#access';
import type { Instant, Orgnr } from '#domain';
import type { Entity } from '#storage';
import { nextWarning } from './clients/key-warnings.js';
import { issuerSecrets, keyRings } from './keys/entities.js';
import type { Client, Delegation, OnBehalfOf, Scope, ScopeAccess, ScopeName, ScopePrefix, SignedTerms, UsedAssertion } from './nouns.js';

/** Key: the prefix. */
export const scopePrefixes: Entity<ScopePrefix> = {
  name: 'scope-prefix',
  key: ({ prefix }) => prefix,
  indexes: { owner: { values: ({ owner, prefix }) => [`${owner}/${prefix}`] } },
  concerns: (before, after) => parties(before?.owner, after?.owner),
};

/** Key: the name. */
export const scopes: Entity<Scope> = {
  name: 'scope',
  key: ({ name }) => name,
  indexes: {
    owner: { values: ({ owner, name }) => [`${owner}/${name}`] },
    // What is listed openly, in the order of the names.
    public: { values: ({ visibility, name }) => (visibility === 'PUBLIC' ? [name] : []) },
  },
  concerns: (before, after) => parties(before?.owner, after?.owner),
};

/** Key: consumer and scope, so that a token is point reads and a consumer's lie side by side. */
export const scopeAccesses: Entity<ScopeAccess> = {
  name: 'scope-access',
  key: ({ consumer, scope }) => accessKey(consumer, scope),
  indexes: {
    scope: { values: ({ scope, consumer }) => [consumersOf(scope, consumer)] },
    owner: { values: ({ owner, consumer, scope }) => [`${owner}/${consumer}/${scope}`] },
  },
  concerns: (before, after) => parties(before?.owner, before?.consumer, after?.owner, after?.consumer),
};

/** Key: consumer, supplier and scope. */
export const delegations: Entity<Delegation> = {
  name: 'scope-delegation',
  key: ({ consumer, supplier, scope }) => delegationKey(consumer, supplier, scope),
  indexes: { supplier: { values: ({ consumer, supplier, scope }) => [`${supplier}/${consumer}/${scope}`] } },
  concerns: (before, after) => parties(before?.consumer, before?.supplier, after?.consumer, after?.supplier),
};

/** Key: client id. Its keys stand in it: a token reads one document of its client. */
export const clients: Entity<Client> = {
  name: 'client',
  key: ({ id }) => id,
  indexes: {
    // Its organisation and its supplier find it by what is theirs: of what is others' nothing is read.
    party: { values: (client) => partiesOf(client).map((orgnr) => clientOf(orgnr, client.id)) },
    keyEnding: {
      values: (client) =>
        client.active ? partiesOf(client).flatMap((orgnr) => client.keys.map(({ until }) => keyEndingIndex(orgnr, until))) : [],
    },
    // When somebody is to be told next that a key ends: of all organisations, so that a look finds what is due and reads nothing else.
    keyWarning: { values: ({ active, keys }) => (active ? keys.flatMap((key) => nextWarning(key)?.at ?? []) : []) },
    seat: {
      unique: true,
      values: ({ active, orgnr, supplier, seat }) => (active && seat !== undefined ? [seatIndex(supplier ?? orgnr, seat)] : []),
    },
  },
  concerns: (before, after) => parties(before?.orgnr, before?.supplier, after?.orgnr, after?.supplier),
};

/** Key: client id and value. */
export const onBehalfOfs: Entity<OnBehalfOf> = {
  name: 'client-onbehalfof',
  key: ({ clientId, value }) => onBehalfOfKey(clientId, value),
  indexes: { seat: { unique: true, values: ({ clientId, seat }) => [seatIndex(clientId, seat)] } },
  concerns: (before, after) => parties(before?.keeper, before?.orgnr, after?.keeper, after?.orgnr),
};

/** Key: organisation number. */
export const signedTerms: Entity<SignedTerms> = {
  name: 'signed-terms',
  key: ({ orgnr }) => orgnr,
  indexes: {},
  concerns: (before, after) => parties(before?.orgnr, after?.orgnr),
};

/** Key: a hash. Put as absent: of two nodes that are shown the same assertion one is refused. */
export const usedAssertions: Entity<UsedAssertion> = {
  name: 'used-assertion',
  key: ({ key }) => key,
  indexes: {},
  keepsNoHistory: true,
  expiresAt: ({ expiresAt }) => expiresAt,
};

export { issuerSecrets, keyRings, sealedIssuerSecrets } from './keys/entities.js';

/** All that this room keeps. */
export const entities = [
  scopePrefixes,
  scopes,
  scopeAccesses,
  delegations,
  clients,
  onBehalfOfs,
  signedTerms,
  usedAssertions,
  keyRings,
  issuerSecrets,
] as const;

function parties(...orgnr: readonly (Orgnr | undefined)[]): Orgnr[] {
  return [...new Set(orgnr.filter((one) => one !== undefined))];
}

/** The key of an access; without a scope it is the prefix of all of a consumer. */
export function accessKey(consumer: Orgnr, scope: ScopeName | '' = ''): string {
  return `${consumer}/${scope}`;
}

/** Where a consumer stands in the index `scope` of accesses; without one it is the prefix of all. No scope has a blank, so no two meet. */
export function consumersOf(scope: ScopeName, consumer: Orgnr | '' = ''): string {
  return `${scope} ${consumer}`;
}

/** The key of a delegation; without the last parts it is the prefix of more of them. */
export function delegationKey(consumer: Orgnr, supplier?: Orgnr, scope: ScopeName | '' = ''): string {
  return `${consumer}/${supplier === undefined ? '' : `${supplier}/${scope}`}`;
}

/** Whose client it is: the organisation's, and the supplier's that keeps it. */
export function partiesOf({ orgnr, supplier }: Pick<Client, 'orgnr' | 'supplier'>): Orgnr[] {
  return parties(orgnr, supplier);
}

/** Where a client of an organisation, or one that it keeps, stands in the index `party`; without an id it is the prefix of all. */
export function clientOf(orgnr: Orgnr, id = ''): string {
  return `${orgnr}/${id}`;
}

/** The key of an onbehalfof; without a value it is the prefix of all of a client. */
export function onBehalfOfKey(clientId: string, value = ''): string {
  return `${clientId}/${value}`;
}

/** Where a key that ends then stands in the index `keyEnding`. */
export function keyEndingIndex(orgnr: Orgnr, until: Instant | '' = ''): string {
  return `${orgnr}/${until}`;
}
