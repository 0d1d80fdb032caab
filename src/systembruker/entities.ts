// What this room keeps. A door of its own: whoever opens the store needs none of the rest.
import { seatIndex } from '#access/entities';
import type { Instant, Orgnr } from '#domain';
import type { Entity } from '#storage';
import { systemUserUses } from './acting/use-kind.js';
import type {
  AccessPackage,
  AgentClient,
  ClientRelation,
  Resource,
  System,
  SystemId,
  SystemUser,
  Webhook,
  WebhookDelivery,
} from './nouns.js';

export { systemUserUseKind, systemUserUses } from './acting/use-kind.js';

/** Key: the id. */
export const resources: Entity<Resource> = {
  name: 'resource',
  key: ({ id }) => id,
  indexes: {
    owner: { values: ({ owner, id }) => [`${owner}/${id}`] },
    active: { values: ({ id, active }) => (active ? [id] : []) },
  },
  concerns: (before, after) => parties(before?.owner, after?.owner),
};

/** Key: the name. The operator keeps them. */
export const accessPackages: Entity<AccessPackage> = {
  name: 'access-package',
  key: ({ name }) => name,
  indexes: {
    active: { values: ({ name, active }) => (active ? [name] : []) },
    resource: { values: ({ name, active, resources: of }) => (active ? of.map((id) => `${id} ${name}`) : []) },
  },
};

/** Key: the id, also of one that is deleted: none is used again. */
export const systems: Entity<System> = {
  name: 'system',
  key: ({ id }) => id,
  indexes: {
    vendor: { values: ({ vendor, id, deleted }) => (deleted === undefined ? [systemOf(vendor, id)] : []) },
    visible: { values: ({ id, isVisible, deleted }) => (isVisible && deleted === undefined ? [id] : []) },
    // Several values cannot be unique, so each client of a system has a document of its own: see systemClients.
    seat: { unique: true, values: ({ vendor, seat }) => (seat === undefined ? [] : [seatIndex(vendor, seat)]) },
  },
  concerns: (before, after) => parties(before?.vendor, after?.vendor),
};

/** A client's place in one living system: put as absent before the system is written, so that of two systems one gets it. */
export interface SystemClient {
  readonly clientId: string;
  readonly systemId: SystemId;
  /** When it was taken: its system may still be in the writing. */
  readonly at: Instant;
}

/** Key: the client id. It counts only while the living system that it names has the client in its list. */
export const systemClients: Entity<SystemClient> = {
  name: 'system-client',
  key: ({ clientId }) => clientId,
  indexes: {},
};

/** Key: the id. */
export const systemUsers: Entity<SystemUser> = {
  name: 'system-user',
  key: ({ id }) => id,
  indexes: {
    triple: {
      unique: true,
      values: ({ systemId, party, externalRef, removed }) => (removed === undefined ? [tripleOf(systemId, party, externalRef)] : []),
    },
    // Lists of the vendor, by system; of the customer, by what is to be done with it. Those of one moment by id.
    system: { values: (one) => (one.removed === undefined ? [inSystem(one.systemId, one)] : []) },
    party: { values: (one) => (one.removed === undefined ? [ofParty(one.party, standingOf(one), one)] : []) },
    // The places of a vendor's requests that wait for the same customer: whatever ends the waiting gives one back.
    seat: {
      unique: true,
      values: ({ vendor, party, status, removed, seat }) =>
        status === 'New' && removed === undefined && seat !== undefined ? [seatIndex(waitingFor(party, vendor), seat)] : [],
    },
    // From when on what waits for an answer can have none.
    expiry: { values: expiriesOf },
    // A change request by its id; and the system's users that have some.
    change: { values: (one) => (one.removed === undefined ? one.changes.map(({ id }) => id) : []) },
    changed: { values: (one) => (one.removed === undefined && one.changes.length > 0 ? [inSystem(one.systemId, one)] : []) },
  },
  // Whose it is, who asked for it, and the system: the vendor's feed is the events of its systems. All of them: whoever tells vendors reads no other events.
  concerns: (before, after) => [
    SYSTEM_USERS_PARTY,
    ...parties(before?.party, after?.party, before?.vendor, after?.vendor),
    ...new Set([before, after].flatMap((one) => (one === undefined ? [] : [systemParty(one.systemId)]))),
  ],
};

/** Key: the system's id. */
export const webhooks: Entity<Webhook> = {
  name: 'webhook',
  key: ({ systemId }) => systemId,
  indexes: {},
  concerns: (before, after) => parties(before?.vendor, after?.vendor),
};

/** Key: the system's id. Apart from the webhook: it changes with every event that is told. */
export const webhookDeliveries: Entity<WebhookDelivery> = {
  name: 'webhook-delivery',
  key: ({ systemId }) => systemId,
  indexes: {
    // Apart: what fails keeps nobody waiting whose turn comes first.
    due: { values: ({ systemId, due, attempts }) => (due === undefined || attempts > 0 ? [] : [`${due} ${systemId}`]) },
    again: { values: ({ systemId, due, attempts }) => (due === undefined || attempts === 0 ? [] : [`${due} ${systemId}`]) },
  },
  keepsNoHistory: true,
};

/** How far the events of all system users have been looked through for what vendors are told. */
export interface WebhookPlace {
  readonly name: 'webhooks';
  readonly place?: string;
}

/** Key: one. */
export const webhookPlaces: Entity<WebhookPlace> = { name: 'webhook-place', key: ({ name }) => name, indexes: {}, keepsNoHistory: true };

/** Key: provider, client, source; so that all of a pair lie side by side. */
export const clientRelations: Entity<ClientRelation> = {
  name: 'client-relation',
  key: ({ provider, client, source }) => relationKey(provider, client, source),
  indexes: {
    client: { values: ({ provider, client, source }) => [relationOf(client, provider, source)] },
    seat: { unique: true, values: ({ client, seat }) => (seat === undefined ? [] : [seatIndex(client, seat)]) },
  },
  concerns: (before, after) => parties(before?.provider, before?.client, after?.provider, after?.client),
};

/** Key: system user and client. */
export const agentClients: Entity<AgentClient> = {
  name: 'agent-client',
  key: ({ systemUserId, client }) => agentClientKey(systemUserId, client),
  indexes: { client: { values: ({ provider, client, systemUserId }) => [ofClient(client, provider, systemUserId)] } },
  concerns: (before, after) => parties(before?.provider, before?.client, after?.provider, after?.client),
};

/** All that this room keeps, by the names of its collections. */
export const KEPT = {
  resources,
  accessPackages,
  systems,
  systemClients,
  systemUsers,
  systemUserUses,
  webhooks,
  webhookDeliveries,
  webhookPlaces,
  clientRelations,
  agentClients,
};

/** The same, to open a store with. */
export const entities = Object.values(KEPT);

function parties(...orgnr: readonly (Orgnr | undefined)[]): Orgnr[] {
  return [...new Set(orgnr.filter((one) => one !== undefined))];
}

/** Where a living system stands in the index `vendor`; without an id it is the prefix of all. */
export function systemOf(vendor: Orgnr, id: SystemId | '' = ''): string {
  return `${vendor}/${id}`;
}

/** Where a living system user stands in the index `triple`. No system id has a blank, so no two meet. */
export function tripleOf(systemId: SystemId, party: Orgnr, externalRef: string): string {
  return `${systemId} ${party} ${externalRef}`;
}

/** Where something of a system stands in the indexes `system` and `changed`, in the order of making; without it, the prefix of all. */
export function inSystem(systemId: SystemId, one?: { readonly created: Instant; readonly id: string }): string {
  return `${systemId} ${one === undefined ? '' : `${one.created} ${one.id}`}`;
}

/** Whose the seats are of what a vendor has asked a customer for. */
export function waitingFor(party: Orgnr, vendor: Orgnr): string {
  return `${party} ${vendor}`;
}

function expiriesOf({ status, removed, changes, expires }: SystemUser): readonly Instant[] {
  if (removed !== undefined) return [];
  if (status === 'New') return [expires];
  return [...new Set(changes.flatMap((change) => (change.status === 'New' ? [change.expires] : [])))];
}

/** What a customer has to do with a system user: answer it (`asked`), keep it (`kept`), nothing any more (`over`). */
export type UserStanding = 'asked' | 'kept' | 'over';

/** How a system user stands to its customer. */
export function standingOf({ status, changes }: Pick<SystemUser, 'status' | 'changes'>): UserStanding {
  if (status === 'New' || (status === 'Accepted' && changes.some((change) => change.status === 'New'))) return 'asked';
  return status === 'Accepted' ? 'kept' : 'over';
}

/** Where a system user stands in the index `party`; without the last parts it is the prefix of more. */
export function ofParty(party: Orgnr, standing?: UserStanding, one?: { readonly created: Instant; readonly id: string }): string {
  return `${party}/${standing === undefined ? '' : `${standing}/${one === undefined ? '' : `${one.created}/${one.id}`}`}`;
}

/** How the events of a system's requests and system users are found. */
export function systemParty(systemId: SystemId): string {
  return `system/${systemId}`;
}

/** How the events of all requests and system users are found. */
export const SYSTEM_USERS_PARTY = 'system-users';

/** The key of a relation; without the last parts it is the prefix of more. */
export function relationKey(provider: Orgnr, client?: Orgnr, source: ClientRelation['source'] | '' = ''): string {
  return `${provider}/${client === undefined ? '' : `${client}/${source}`}`;
}

/** Where a relation stands in the index `client`; without the last parts it is the prefix of more. */
export function relationOf(client: Orgnr, provider?: Orgnr, source: ClientRelation['source'] | '' = ''): string {
  return `${client}/${provider === undefined ? '' : `${provider}/${source}`}`;
}

/** Where an agent's client stands in the index `client`; without an agent it is the prefix of all of a pair. */
export function ofClient(client: Orgnr, provider: Orgnr, systemUserId = ''): string {
  return `${client}/${provider}/${systemUserId}`;
}

/** The key of an agent's client; without one it is the prefix of all of the agent. */
export function agentClientKey(systemUserId: string, client: Orgnr | '' = ''): string {
  return `${systemUserId}/${client}`;
}
