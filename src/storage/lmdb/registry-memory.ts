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
  /** How long its text is. */
  size: number;
  /** The latest epoch at which it was known to be the document as it stands. */
  epoch: number;
}

/**
 * The parsed documents of one registry entity. Each is believed until the epoch is raised; then it is compared once with what is stored and parsed again
 * only if it is another. Of what is not there nothing is remembered, and of the rest only so much: what was parsed first makes room.
 */
export class RegistryMemory<T> {
  readonly #known = new Map<string, Remembered<T>>();
  readonly #load: (key: string) => string | undefined;
  readonly #parse: (text: string) => Stored<T>;
  readonly #most: number;
  #size = 0;

  /**
   * @param load the stored text of a document, from the current snapshot
   * @param most how many characters of text are remembered in all
   */
  constructor(load: (key: string) => string | undefined, parse: (text: string) => Stored<T>, most: number) {
    this.#load = load;
    this.#parse = parse;
    this.#most = most;
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
      this.#forget(key);
      return undefined;
    }
    // A revision is never used twice, so it names the state.
    if (known !== undefined && known.stored.revision === keptRevision(text)) {
      known.epoch = epoch;
      return known.stored;
    }
    const stored = deepFrozen(this.#parse(text));
    this.#forget(key);
    this.#known.set(key, { stored, epoch, size: text.length });
    this.#size += text.length;
    // A Map keeps the order of insertion.
    for (const first of this.#known.keys()) {
      if (this.#size <= this.#most) break;
      this.#forget(first);
    }
    return stored;
  }

  #forget(key: string): void {
    this.#size -= this.#known.get(key)?.size ?? 0;
    this.#known.delete(key);
  }
}
