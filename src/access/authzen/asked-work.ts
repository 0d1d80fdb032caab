import { ProblemError } from '#problem';

/** Characters of questions that bundles are asked for one request: some tenths of a second. */
const MOST = 4 * 2 ** 20;

/** How much bundles have been asked for one request: what stands beside a list is asked as often as the list is long. */
export class AskedWork {
  #characters = 0;

  /** @throws ProblemError `body-too-large` if it is more than one request may ask */
  add(characters: number): void {
    this.#characters += characters;
    if (this.#characters <= MOST) return;
    const detail = `The questions, each with what stands beside the list, are more than ${MOST} characters: send less beside it, or fewer at once.`;
    throw new ProblemError('body-too-large', { detail });
  }

  /** Whether a search is to go on with its next page. */
  get isEnough(): boolean {
    return this.#characters > MOST / 2;
  }
}
