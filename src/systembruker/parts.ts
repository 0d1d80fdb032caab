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
  systemUserUses,
  webhooks,
} from './entities.js';
import type { AccessPackage, AgentClient, ClientRelation, Resource, System, SystemUser, SystemUserUse, Webhook } from './nouns.js';

/** What the use cases of this room work with during one request or command. */
export type SystembrukerParts = Pick<AccessParts, 'store' | 'judge' | 'clock' | 'vault' | 'quotas' | 'uses'>;

/** The side of an installation: what its answers are made of. */
export interface SystembrukerSide {
  /** Where callers reach the gateway. */
  readonly origin: string;
  /** For how many days a request can be answered. */
  readonly requestDays: number;
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
      clientRelations: store.collection(clientRelations),
      agentClients: store.collection(agentClients),
    };
    opened.set(store, collections);
  }
  return collections;
}
