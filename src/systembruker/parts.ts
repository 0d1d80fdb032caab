import type { AccessParts } from '#access';
import type { Resolve } from '#fetching';
import type { Collection, Store } from '#storage';
import {
  accessPackages,
  agentClients,
  clientRelations,
  resources,
  type SystemClient,
  systemClients,
  systems,
  systemUsers,
  systemUserUses,
  type WebhookPlace,
  webhookDeliveries,
  webhookPlaces,
  webhooks,
} from './entities.js';
import type {
  AccessPackage,
  AgentClient,
  ClientRelation,
  Resource,
  System,
  SystemUser,
  SystemUserUse,
  Webhook,
  WebhookDelivery,
} from './nouns.js';

/** What the use cases of this room work with during one request or command. */
export type SystembrukerParts = Pick<AccessParts, 'store' | 'judge' | 'clock' | 'vault' | 'quotas' | 'uses'>;

/** The side of an installation: what its answers are made of. */
export interface SystembrukerSide {
  /** Where callers reach the gateway. */
  readonly origin: string;
  /** For how many days a request can be answered. */
  readonly requestDays: number;
  /** Where vendors can be told; absent: at public addresses. */
  readonly receivers?: Receivers;
}

/** Where vendors can be told. */
export interface Receivers {
  /** Private networks that receivers may be in. */
  readonly networks: readonly string[];
  /** An installation for trying things out: there http may lead to the own machine. */
  readonly isTrial: boolean;
  /** Of tests. */
  readonly resolve?: Resolve;
}

/** What the use cases work with that must know the side. */
export type SystembrukerSideParts = SystembrukerParts & { readonly side: SystembrukerSide };

/** The collections of the room, opened once per store. */
export interface Collections {
  readonly resources: Collection<Resource>;
  readonly accessPackages: Collection<AccessPackage>;
  readonly systems: Collection<System>;
  readonly systemClients: Collection<SystemClient>;
  readonly systemUsers: Collection<SystemUser>;
  readonly systemUserUses: Collection<SystemUserUse>;
  readonly webhooks: Collection<Webhook>;
  readonly webhookDeliveries: Collection<WebhookDelivery>;
  readonly webhookPlaces: Collection<WebhookPlace>;
  readonly clientRelations: Collection<ClientRelation>;
  readonly agentClients: Collection<AgentClient>;
}

const opened = new WeakMap<Store, Collections>();

/** The collections of a store, opened once. */
export function collectionsOf(store: Store): Collections {
  let collections = opened.get(store);
  if (collections === undefined) {
    collections = {
      resources: store.collection(resources),
      accessPackages: store.collection(accessPackages),
      systems: store.collection(systems),
      systemClients: store.collection(systemClients),
      systemUsers: store.collection(systemUsers),
      systemUserUses: store.collection(systemUserUses),
      webhooks: store.collection(webhooks),
      webhookDeliveries: store.collection(webhookDeliveries),
      webhookPlaces: store.collection(webhookPlaces),
      clientRelations: store.collection(clientRelations),
      agentClients: store.collection(agentClients),
    };
    opened.set(store, collections);
  }
  return collections;
}
