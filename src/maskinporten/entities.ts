// What this room keeps. A door of its own: whoever opens the store needs none of the rest.
import { seatIndex } from '#access/entities';
import type { Instant, Orgnr } from '#domain';
import type { Entity } from '#storage';
import { nextWarning } from './clients/key-warnings.js';
import { issuerSecrets, keyRings } from './keys/entities.js';
import type { Client, Delegation, OnBehalfOf, Scope, ScopeAccess, ScopeName, ScopePrefix, SignedTerms, UsedAssertion } from './nouns.js';

/** Key: the prefix. */
export const scopePrefixes: Entity<ScopePrefix> = {
  name: 'scope-prefix',
  key: ({ prefix }) => prefix,
  indexes: {
    owner: { values: ({ owner, prefix }) => [`${owner}/${prefix}`] },
    // No two look alike, whoever has them.
    looks: { unique: true, values: ({ prefix }) => [looksOf(prefix)] },
  },
  concerns: (before, after) => parties(before?.owner, after?.owner),
};

/** Key: the name. */
export const scopes: Entity<Scope> = {
  name: 'scope',
  key: ({ name }) => name,
  indexes: {
    owner: { values: ({ owner, name }) => (owner === undefined ? [] : [ownedBy(owner, name)]) },
    active: { values: ({ owner, name, active }) => (owner === undefined || !active ? [] : [ownedBy(owner, name)]) },
    activeName: { values: ({ name, active }) => (active ? [name] : []) },
    // What is listed openly, in the order of the names; and that with what was.
    public: { values: ({ visibility, name, active }) => (visibility === 'PUBLIC' && active ? [name] : []) },
    everPublic: { values: ({ visibility, name }) => (visibility === 'PUBLIC' ? [name] : []) },
    // Names that differ by letter case alone would be taken for each other.
    folded: { unique: true, values: ({ name }) => [name.toLowerCase()] },
    seat: { unique: true, values: ({ owner, active, seat }) => seatsOf(owner, active ? seat : undefined) },
  },
  concerns: (before, after) => parties(before?.owner, after?.owner),
};

/** Key: consumer and scope, so that a token is point reads and a consumer's lie side by side. */
export const scopeAccesses: Entity<ScopeAccess> = {
  name: 'scope-access',
  key: ({ consumer, scope }) => accessKey(consumer, scope),
  indexes: {
    scope: { values: ({ scope, consumer, state }) => [consumersOf(scope, standingOf(state), consumer)] },
    owner: {
      values: ({ owner, scope, consumer, state }) => (owner === undefined ? [] : [givenTo(owner, consumer, standingOf(state), scope)]),
    },
    consumer: { values: ({ consumer, scope, state }) => [gotBy(consumer, standingOf(state), scope)] },
    seat: { unique: true, values: ({ owner, state, seat }) => seatsOf(owner, state === 'APPROVED' ? seat : undefined) },
  },
  concerns: (before, after) => parties(before?.owner, before?.consumer, after?.owner, after?.consumer),
};

/** Key: consumer, supplier and scope. */
export const delegations: Entity<Delegation> = {
  name: 'scope-delegation',
  key: ({ consumer, supplier, scope }) => delegationKey(consumer, supplier, scope),
  indexes: {
    consumer: { values: ({ consumer, supplier, scope, withdrawn }) => [delegatedBy(consumer, withdrawnOf(withdrawn), supplier, scope)] },
    supplier: { values: ({ consumer, supplier, scope, withdrawn }) => [delegatedTo(supplier, withdrawnOf(withdrawn), consumer, scope)] },
    seat: { unique: true, values: ({ consumer, withdrawn, seat }) => seatsOf(consumer, withdrawn === undefined ? seat : undefined) },
  },
  // Not the scope's owner: whom a consumer lets act for it is told with each token, and is the consumer's own affair before.
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
  concerns: (before, after) => parties(before?.orgnr, before?.supplier, after?.orgnr, after?.supplier),
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

/** What its use cases work with, by the names of the collections. */
export const KEPT = { scopePrefixes, scopes, scopeAccesses, delegations, clients, onBehalfOfs, signedTerms, usedAssertions };

/** All that this room keeps. */
export const entities = [...Object.values(KEPT), keyRings, issuerSecrets];

function parties(...orgnr: readonly (Orgnr | undefined)[]): Orgnr[] {
  return [...new Set(orgnr.filter((one) => one !== undefined))];
}

/** The key of an access; without a scope it is the prefix of all of a consumer. */
export function accessKey(consumer: Orgnr, scope: ScopeName | '' = ''): string {
  return `${consumer}/${scope}`;
}

/** Whether something is kept, or only stands there still. Lists have the former first. */
export type Standing = 'kept' | 'over';

function standingOf(state: ScopeAccess['state']): Standing {
  return state === 'DENIED' ? 'over' : 'kept';
}

function withdrawnOf(withdrawn: Delegation['withdrawn']): Standing {
  return withdrawn === undefined ? 'kept' : 'over';
}

/** Where a scope stands in the indexes `owner` and `active`; without a name it is the prefix of all. */
export function ownedBy(owner: Orgnr, name: ScopeName | '' = ''): string {
  return `${owner}/${name}`;
}

/** Where a consumer stands in the index `scope` of accesses; without the last parts it is the prefix of more. No scope has a blank, so no two meet. */
export function consumersOf(scope: ScopeName, standing?: Standing, consumer: Orgnr | '' = ''): string {
  return `${scope} ${standing === undefined ? '' : `${standing}/${consumer}`}`;
}

/** Where an access stands in the index `owner`; without the last parts it is the prefix of more. */
export function givenTo(owner: Orgnr, consumer: Orgnr, standing?: Standing, scope: ScopeName | '' = ''): string {
  return `${owner}/${consumer}/${standing === undefined ? '' : `${standing}/${scope}`}`;
}

/** Where an access stands in the index `consumer`; without the last parts it is the prefix of more. */
export function gotBy(consumer: Orgnr, standing?: Standing, scope: ScopeName | '' = ''): string {
  return `${consumer}/${standing === undefined ? '' : `${standing}/${scope}`}`;
}

/** Where a delegation stands in the index `consumer`; without the last parts it is the prefix of more. */
export function delegatedBy(consumer: Orgnr, standing?: Standing, supplier?: Orgnr, scope: ScopeName | '' = ''): string {
  return `${consumer}/${standing === undefined ? '' : `${standing}/${supplier === undefined ? '' : `${supplier}/${scope}`}`}`;
}

/** Where a delegation stands in the index `supplier`; without the last parts it is the prefix of more. */
export function delegatedTo(supplier: Orgnr, standing?: Standing, consumer?: Orgnr, scope: ScopeName | '' = ''): string {
  return delegatedBy(supplier, standing, consumer, scope);
}

/** What a prefix is taken for at a glance. */
export function looksOf(prefix: string): string {
  return prefix.replaceAll(/[-_]/g, '').replaceAll('0', 'o').replaceAll(/[1i]/g, 'l').replaceAll('rn', 'm');
}

function seatsOf(orgnr: Orgnr | undefined, seat: number | undefined): string[] {
  return orgnr === undefined || seat === undefined ? [] : [seatIndex(orgnr, seat)];
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
