import { deepFrozen } from './frozen.js';
import type { Stored } from './port.js';

/** How much of each registry entity is remembered if nothing else is said, in characters of its text: several times the registry of a country. */
export const REMEMBERED_CHARS = 64 * 2 ** 20;

/** A document as a store keeps it. */
export interface KeptState {
  readonly revision: number;
  /** Absent: it was removed. */
  readonly json?: string | undefined;
}

interface Remembered<T> {
  readonly stored: Stored<T>;
  /** How long its text is. */
  readonly size: number;
  /** The latest epoch at which it was known to be the document as it stands. */
  epoch: number;
}

/**
 * The parsed documents of one registry entity. Each is believed until the epoch is raised; then it is compared once with what is stored and parsed again
 * only if it is another. Of what is not there nothing is remembered, and of the rest only so much: what was learned first makes room.
 */
export class RegistryMemory<T> {
  readonly #known = new Map<string, Remembered<T>>();
  readonly #most: number;
  #size = 0;

  /** @param most how many characters of text are remembered in all */
  constructor(most: number) {
    this.#most = most;
  }

  /** The document as it was known last. */
  recall(key: string): Stored<T> | undefined {
    return this.#known.get(key)?.stored;
  }

  /** The document as it stood at the epoch or later, if that is known. */
  at(key: string, epoch: number): Stored<T> | undefined {
    const known = this.#known.get(key);
    return known !== undefined && known.epoch >= epoch ? known.stored : undefined;
  }

  /**
   * The document that was read or written, or a later state of it.
   * @param kept undefined if there is none
   * @param epoch one that was seen before the reading or the writing began
   */
  learn(key: string, kept: KeptState | undefined, epoch: number): Stored<T> | undefined {
    const known = this.#known.get(key);
    // A revision is never used twice, so it names the state.
    if (known !== undefined && kept !== undefined && known.stored.revision >= kept.revision) {
      if (known.stored.revision === kept.revision) known.epoch = Math.max(known.epoch, epoch);
      return known.stored;
    }
    this.#forget(key);
    if (kept?.json === undefined) return undefined;
    const { revision, json } = kept;
    const stored = deepFrozen<Stored<T>>({ value: JSON.parse(json) as T, revision });
    this.#known.set(key, { stored, epoch, size: json.length });
    this.#size += json.length;
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
