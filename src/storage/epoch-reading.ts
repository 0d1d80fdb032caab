import type { Collection, Reading, Refs, Stored } from './port.js';

/** A collection of the adapter's own, as far as a reading asks it. */
export interface OwnCollection<T> {
  /** The document of a registry entity as of an epoch. @throws TypeError if the entity is none */
  registryAt(key: string, epoch: number): Stored<T> | undefined | Promise<Stored<T> | undefined>;
}

/** What an adapter tells of its collections and its faults. */
export interface ReadingParts {
  /** The collection as the adapter's own. @throws TypeError if it is of another store */
  readonly own: <T>(collection: Collection<T>) => OwnCollection<T>;
  /** A fault of a read as the port has it. */
  readonly readFault: (error: unknown) => unknown;
}

/** What has been read, with the registry as of the epoch that was read along. */
export class EpochReading<R extends Refs> implements Reading<R> {
  readonly documents: Reading<R>['documents'];
  readonly #epoch: number;
  readonly #parts: ReadingParts;

  constructor(documents: Reading<R>['documents'], epoch: number, parts: ReadingParts) {
    this.documents = documents;
    this.#epoch = epoch;
    this.#parts = parts;
  }

  registry<T>(collection: Collection<T>, key: string): Stored<T> | undefined | Promise<Stored<T> | undefined> {
    try {
      return this.#parts.own(collection).registryAt(key, this.#epoch);
    } catch (error) {
      return Promise.reject(this.#parts.readFault(error));
    }
  }
}
