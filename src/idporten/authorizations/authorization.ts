import type { BrukerId, Instant, Orgnr } from '#domain';
import type { ScopeName } from '#maskinporten';
import type { Entity } from '#storage';

/** A scope that a person has given a client. */
export interface GivenScope {
  /** The person said yes to it; else the log-in carried it. */
  readonly consented: boolean;
  /** When it was given, and until when (exclusive). */
  readonly since: Instant;
  readonly until: Instant;
  /** Whose scope it was; absent: nobody's. */
  readonly owner?: Orgnr;
}

/**
 * All that a person has given a client now, or had when it ended. There is one for each person and client, so that what is withdrawn is gone whichever
 * log-in, device or node tokens were made by.
 */
export interface Authorization {
  readonly id: string;
  /** Counts on each time that it is given again after it has ended: tokens of before do not come to life again. */
  readonly round: number;
  readonly brukerId: BrukerId;
  /** The person number, bound to the brukerId. */
  readonly sealed: string;
  readonly clientId: string;
  /** As the client had registered it, if it said that it acts on behalf of somebody. */
  readonly onBehalfOf?: string;
  /** Whose client it was, who kept it for that one, and for whom its tokens are. */
  readonly orgnr: Orgnr;
  readonly supplier?: Orgnr;
  readonly consumer: Orgnr;
  /** Those of APIs, by name. */
  readonly scopes: Readonly<Record<ScopeName, GivenScope>>;
  /** By the last log-in. */
  readonly given: Instant;
  readonly acr?: string;
  readonly userAgent?: string;
  /** When the last of the scopes ends. */
  readonly expires: Instant;
  readonly withdrawn?: { readonly at: Instant; readonly by: string };
}

/** Key: its id, which is made of person and client. */
export const authorizations: Entity<Authorization> = {
  name: 'authorization',
  key: ({ id }) => id,
  indexes: {
    // Each by its end, so that what has ended is not read.
    citizen: { values: (one) => (isOver(one) ? [] : [ofCitizen(one.brukerId, one.expires)]) },
    client: { values: (one) => (isOver(one) ? [] : clientParties(one).map((orgnr) => ofParty(one.brukerId, orgnr, one.expires))) },
    owner: { values: (one) => (isOver(one) ? [] : ownersOf(one).map((orgnr) => ofParty(one.brukerId, orgnr, one.expires))) },
    withdrawn: { values: ({ clientId, withdrawn }) => (withdrawn === undefined ? [] : [withdrawnFrom(clientId, withdrawn.at)]) },
  },
  // The person alone: an organisation is not told by its history what somebody does.
  concerns: (before, after) => [...new Set([before, after].flatMap((one) => (one === undefined ? [] : [citizenParty(one.brukerId)])))],
};

/** What a log-in was given, as the OpenID provider calls it: with the authorization it ends. */
export interface GivenGrant {
  readonly grantId: string;
  /** The authorization and its round. */
  readonly under: string;
  readonly expiresAt: Instant;
}

/** Key: the grant's id. Apart from the authorization: there is one for each log-in, and none outlives what was given. */
export const givenGrants: Entity<GivenGrant> = {
  name: 'authorization-grant',
  key: ({ grantId }) => grantId,
  indexes: { under: { values: ({ under }) => [under] } },
  keepsNoHistory: true,
  expiresAt: ({ expiresAt }) => expiresAt,
};

/** Where this room keeps something sealed. */
export const sealedAuthorizations = {
  entity: authorizations,
  mapped: (value: Authorization, each: (sealed: string, boundTo: string) => string): Authorization => ({
    ...value,
    sealed: each(value.sealed, value.brukerId),
  }),
};

function isOver({ withdrawn }: Authorization): boolean {
  return withdrawn !== undefined;
}

/** Whose client it is, and who keeps it. */
export function clientParties({ orgnr, supplier }: Pick<Authorization, 'orgnr' | 'supplier'>): Orgnr[] {
  return supplier === undefined ? [orgnr] : [orgnr, supplier];
}

/** Whose scopes it has, each once. */
export function ownersOf({ scopes }: Pick<Authorization, 'scopes'>): Orgnr[] {
  return [...new Set(Object.values(scopes).flatMap(({ owner }: GivenScope) => owner ?? []))];
}

/** How a person's own events are found. */
export function citizenParty(brukerId: BrukerId): string {
  return `citizen/${brukerId}`;
}

/** Where a person's authorizations stand in the index `citizen`, in the order of their ends; without one it is the prefix of all. */
export function ofCitizen(brukerId: BrukerId, expires: Instant | '' = ''): string {
  return `${brukerId}/${expires}`;
}

/** Where those of a person and an organisation stand in the indexes `client` and `owner`. */
export function ofParty(brukerId: BrukerId, orgnr: Orgnr, expires: Instant | '' = ''): string {
  return `${brukerId}/${orgnr}/${expires}`;
}

/** Where what was withdrawn from a client then stands in the index `withdrawn`. No client id has a blank, so no two meet. */
export function withdrawnFrom(clientId: string, at: Instant | '' = ''): string {
  return `${clientId} ${at}`;
}

/** How grants name the authorization that they were given under. */
export function underOf({ id, round }: Pick<Authorization, 'id' | 'round'>): string {
  return `${id} ${round}`;
}
