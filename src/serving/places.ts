import { ProblemError } from '#problem';

/** What there is a number of at one time. */
export interface Place {
  /** Such as `organisation 958935420`. */
  readonly of: string;
  readonly most: number;
}

/** What may be done at once, in all processes of a gateway: however much one organisation or caller begins, or lets hang, there is room for others. */
export interface Places {
  /**
   * Takes one of each, or none.
   * @param retryAfterSeconds what whoever finds none is told
   * @returns gives them back; to be called once
   * @throws ProblemError `too-many-requests`
   */
  take(places: readonly Place[], retryAfterSeconds: number): Promise<() => void>;
}

/** The places that are taken. */
export class PlaceTable implements Places {
  readonly #taken = new Map<string, number>();

  async take(places: readonly Place[], retryAfterSeconds: number): Promise<() => void> {
    if (places.some(({ of, most }) => (this.#taken.get(of) ?? 0) >= most))
      throw new ProblemError('too-many-requests', { retryAfterSeconds });
    for (const { of } of places) this.#taken.set(of, (this.#taken.get(of) ?? 0) + 1);
    return () => {
      for (const { of } of places) {
        const left = (this.#taken.get(of) ?? 1) - 1;
        if (left === 0) this.#taken.delete(of);
        else this.#taken.set(of, left);
      }
    };
  }
}
