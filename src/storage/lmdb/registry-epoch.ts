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
