import { deepFrozen } from '../frozen.js';
import type { Stored } from '../port.js';
import { keptRevision } from './layout.js';
import { EPOCH_KEY, type Table, type Tables } from './tables.js';

/** The registry epoch of a snapshot: one get, and no parsing while it stays what it was. */
export class RegistryEpoch {
  readonly #meta: Table;
  #text: string | undefined;
  #epoch = 0;

  constructor({ meta }: Tables) {
    this.#meta = meta;
  }

  /** The epoch in the current snapshot. */
  now(): number {
    const text = this.#meta.get(EPOCH_KEY);
    if (text !== this.#text) {
      this.#text = text;
      this.#epoch = text === undefined ? 0 : Number(text);
    }
    return this.#epoch;
  }
}

interface Remembered<T> {
  stored: Stored<T>;
  /** The latest epoch at which it was known to be the document as it stands. */
  epoch: number;
}

/**
 * The parsed documents of one registry entity. Each is believed until the epoch is raised; then it is compared once with what is stored and parsed again
 * only if it is another. Holds no more than the store does: of what is not there nothing is remembered.
 */
export class RegistryMemory<T> {
  readonly #known = new Map<string, Remembered<T>>();
  readonly #load: (key: string) => string | undefined;
  readonly #parse: (text: string) => Stored<T>;

  /** @param load the stored text of a document, from the current snapshot */
  constructor(load: (key: string) => string | undefined, parse: (text: string) => Stored<T>) {
    this.#load = load;
    this.#parse = parse;
  }

  /** The document as it was known last. */
  recall(key: string): Stored<T> | undefined {
    return this.#known.get(key)?.stored;
  }

  /**
   * The document as it stood at the epoch or later.
   * @param epoch that of the current snapshot or of an older one
   */
  get(key: string, epoch: number): Stored<T> | undefined {
    const known = this.#known.get(key);
    if (known !== undefined && known.epoch >= epoch) return known.stored;
    const text = this.#load(key);
    if (text === undefined) {
      if (known !== undefined) this.#known.delete(key);
      return undefined;
    }
    // A revision is never used twice, so it names the state.
    if (known !== undefined && known.stored.revision === keptRevision(text)) {
      known.epoch = epoch;
      return known.stored;
    }
    const stored = deepFrozen(this.#parse(text));
    if (known === undefined) this.#known.set(key, { stored, epoch });
    else {
      known.stored = stored;
      known.epoch = epoch;
    }
    return stored;
  }
}
