import { deepFrozen } from '../frozen.js';
import type { Stored } from '../port.js';
import { type KeptDocument, keyOf } from './layout.js';

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

  /** The document as it stood at the epoch or later, if that is known; epochs begin at 0. */
  at(key: string, epoch: number): Stored<T> | undefined {
    const known = this.#known.get(key);
    return known !== undefined && known.epoch >= epoch ? known.stored : undefined;
  }

  /**
   * The document that was read, or a later state of it.
   * @param kept what was read; undefined if there was none
   * @param epoch one that was seen before the reading began
   */
  learn(key: string, kept: KeptDocument | undefined, epoch: number): Stored<T> | undefined {
    const known = this.#known.get(key);
    const revision = kept?.r ?? Number.POSITIVE_INFINITY;
    // A revision is never used twice, so it names the state.
    if (known !== undefined && known.stored.revision >= revision) {
      if (known.stored.revision === revision) known.epoch = Math.max(known.epoch, epoch);
      return known.stored;
    }
    if (kept?.j === undefined) {
      this.#known.delete(key);
      return undefined;
    }
    const stored = deepFrozen<Stored<T>>({ value: JSON.parse(kept.j) as T, revision });
    this.#known.set(keyOf(kept._id), { stored, epoch });
    return stored;
  }
}
