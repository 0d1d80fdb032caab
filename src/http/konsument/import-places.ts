import { ProblemError } from '#problem';

/** In one process at a time: each may hold a file in memory. */
const MAX_IMPORTS = 8;
/** Of one organisation, and of one caller: one more than needed, since an import that broke off is noticed late. */
const SHARE = 2;
const RETRY_SECONDS = 5;

/** Imports at once: however many one organisation or caller begins, or lets hang, there is room for others. */
export class ImportPlaces {
  #count = 0;
  readonly #taken = new Map<string, number>();

  /**
   * Takes a place.
   * @param sharers each of them has a share
   * @returns gives it back; to be called once
   * @throws ProblemError `too-many-requests`
   */
  take(...sharers: readonly string[]): () => void {
    if (this.#count >= MAX_IMPORTS || sharers.some((one) => (this.#taken.get(one) ?? 0) >= SHARE)) {
      throw new ProblemError('too-many-requests', { retryAfterSeconds: RETRY_SECONDS });
    }
    this.#count += 1;
    for (const one of sharers) this.#taken.set(one, (this.#taken.get(one) ?? 0) + 1);
    return () => {
      this.#count -= 1;
      for (const one of sharers) {
        const left = (this.#taken.get(one) ?? 1) - 1;
        if (left === 0) this.#taken.delete(one);
        else this.#taken.set(one, left);
      }
    };
  }
}
