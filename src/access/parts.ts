import type { Activation, AppId, Application, BrukerId, GrantDocument, Organisation, Orgnr } from '#domain';
import type { PersonVault } from '#persons';
import type { Bundle } from '#policy';
import type { Collection, Entity, Store } from '#storage';

/** Key: organisation number. */
export const organisations: Entity<Organisation> = {
  name: 'organisation',
  isRegistry: true,
  key: ({ orgnr }) => orgnr,
  indexes: { kommunenummer: { unique: true, values: ({ kommunenummer }) => (kommunenummer === undefined ? [] : [kommunenummer]) } },
};

/** Key: App-ID. */
export const applications: Entity<Application> = {
  name: 'application',
  isRegistry: true,
  key: ({ id }) => id,
  indexes: { tilbyder: { values: ({ tilbyder }) => [tilbyder] } },
};

/** Key: App-ID and konsument. */
export const activations: Entity<Activation> = {
  name: 'activation',
  isRegistry: true,
  key: ({ appId, konsument }) => activationKey(appId, konsument),
  indexes: {},
};

/** Key: App-ID and person, so that a decision is one point read and an application's documents lie side by side. */
export const grantDocuments: Entity<GrantDocument> = {
  name: 'grant-document',
  key: ({ appId, brukerId }) => documentKey(appId, brukerId),
  indexes: { konsument: { values: ({ grants }) => grants.map(({ konsument }) => konsument) } },
};

/** All that this room keeps. */
export const entities = [organisations, applications, activations, grantDocuments] as const;

/** Both parts have a fixed alphabet without `/`, so two pairs never meet in one key. */
export function documentKey(appId: AppId, brukerId: BrukerId): string {
  return `${appId}/${brukerId}`;
}

export function activationKey(appId: AppId, konsument: Orgnr): string {
  return `${appId}/${konsument}`;
}

/** What the use cases work with; the gateway makes one per process. */
export interface AccessParts {
  readonly store: Store;
  readonly vault: PersonVault;
  /** The bundle that judges now. */
  readonly policy: () => Bundle;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** The collections of the room, opened once per store. */
export interface Collections {
  readonly organisations: Collection<Organisation>;
  readonly applications: Collection<Application>;
  readonly activations: Collection<Activation>;
  readonly grantDocuments: Collection<GrantDocument>;
}

const opened = new WeakMap<Store, Collections>();

export function collectionsOf(store: Store): Collections {
  let collections = opened.get(store);
  if (collections === undefined) {
    collections = {
      organisations: store.collection(organisations),
      applications: store.collection(applications),
      activations: store.collection(activations),
      grantDocuments: store.collection(grantDocuments),
    };
    opened.set(store, collections);
  }
  return collections;
}
