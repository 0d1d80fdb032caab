import type { Shelf } from './shelf.js';

/** A gateway, and the token of whoever works on it. */
export interface RemotePlace {
  readonly origin: string;
  readonly token: string;
}

/** A gateway somewhere else, over `/policy/api/v1`. */
export function remoteShelf(_place: RemotePlace): Shelf {
  throw new Error('not yet');
}
