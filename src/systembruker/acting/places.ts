import { oncePerStore } from '#storage';
import type { SystemUser } from '../nouns.js';

/** Where a question has led. */
export interface KnownPlace extends Pick<SystemUser, 'id' | 'systemId'> {}

/** So many are remembered; the one that came first makes room. */
const MOST_KNOWN = 50_000;

/**
 * Under which keys the documents of a question were found last, so that they are read together with the rest and no index is asked. No more than where to look first:
 * what is read there says by itself whether it is still what is asked for.
 */
export class KnownPlaces {
  readonly #known = new Map<string, KnownPlace>();

  get(name: string): KnownPlace | undefined {
    return this.#known.get(name);
  }

  put(name: string, { id, systemId }: KnownPlace): void {
    // A Map keeps the order of insertion.
    if (this.#known.size >= MOST_KNOWN) this.#known.delete(this.#known.keys().next().value as string);
    this.#known.set(name, { id, systemId });
  }
}

/** Those of a store. */
export const placesOf = oncePerStore(() => new KnownPlaces());
