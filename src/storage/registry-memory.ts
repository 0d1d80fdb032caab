import { deepFrozen } from './frozen.js';
import type { Stored } from './port.js';

/** How much of each registry entity is remembered if nothing else is said, in characters of its text: several times the registry of a country. */
export const REMEMBERED_CHARS = 64 * 2 ** 20;

/** How much of what is not there is remembered of each. */
const REMEMBERED_ABSENCES = 10_000;

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
 * only if it is another. That something is not there is remembered likewise. Of all this only so much: what was learned first makes room.
 */
export class RegistryMemory<T> {
  readonly #known = new Map<string, Remembered<T>>();
  /** What is not there, with the latest epoch at which that was known. */
  readonly #absent = new Map<string, number>();
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

  /** Whether it is known that there was no such document at the epoch or later. */
  isAbsent(key: string, epoch: number): boolean {
    const known = this.#absent.get(key);
    return known !== undefined && known >= epoch;
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
    this.#drop(key);
    if (kept?.json === undefined) return this.#learnAbsence(key, epoch);
    this.#absent.delete(key);
    const { revision, json } = kept;
    const stored = deepFrozen<Stored<T>>({ value: JSON.parse(json) as T, revision });
    this.#known.set(key, { stored, epoch, size: json.length });
    this.#size += json.length;
    // A Map keeps the order of insertion.
    for (const first of this.#known.keys()) {
      if (this.#size <= this.#most) break;
      this.#drop(first);
    }
    return stored;
  }

  /** Forgets all of it. */
  forget(): void {
    this.#known.clear();
    this.#absent.clear();
    this.#size = 0;
  }

  #learnAbsence(key: string, epoch: number): undefined {
    this.#absent.set(key, Math.max(epoch, this.#absent.get(key) ?? epoch));
    if (this.#absent.size > REMEMBERED_ABSENCES) this.#absent.delete(this.#absent.keys().next().value as string);
  }

  #drop(key: string): void {
    this.#size -= this.#known.get(key)?.size ?? 0;
    this.#known.delete(key);
  }
}
