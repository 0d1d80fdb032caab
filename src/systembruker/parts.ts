import type { AccessParts } from '#access';
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
  type WebhookPlace,
  webhookDeliveries,
  webhookPlaces,
  webhooks,
} from './entities.js';
import type { AccessPackage, AgentClient, ClientRelation, Resource, System, SystemUser, Webhook, WebhookDelivery } from './nouns.js';

/** What the use cases of this room work with during one request or command. */
export type SystembrukerParts = Pick<AccessParts, 'store' | 'judge' | 'clock' | 'vault' | 'quotas'>;

/** The collections of the room, opened once per store. */
export interface Collections {
  readonly resources: Collection<Resource>;
  readonly accessPackages: Collection<AccessPackage>;
  readonly systems: Collection<System>;
  readonly systemClients: Collection<SystemClient>;
  readonly systemUsers: Collection<SystemUser>;
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
