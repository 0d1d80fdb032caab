import type { AccessParts } from '#access';
import type { Resolve } from '#fetching';
import { type CollectionsOf, openedOnce } from '#storage';
import { KEPT } from './entities.js';

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

/** The collections of a store that this room keeps, opened once. */
export const collectionsOf = openedOnce(KEPT);

/** The collections of the room. */
export type Collections = CollectionsOf<typeof KEPT>;
