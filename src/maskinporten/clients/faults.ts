import { type Fault, isFault } from '#domain';
import { type FieldFault, ProblemError } from '#problem';

/** More of them help nobody. */
const MOST_TOLD = 50;

/** What is wrong with something that was sent: all of it is told at once. */
export class Faults {
  readonly #at: FieldFault[] = [];

  /** @param pointer as the wire names the field (RFC 6901) */
  add(pointer: string, detail: string): undefined {
    if (this.#at.length < MOST_TOLD) this.#at.push({ pointer, detail });
    return undefined;
  }

  /** What a parser answered, or `undefined` and its fault kept. */
  sound<T>(pointer: string, parsed: T | Fault): T | undefined {
    return isFault(parsed) ? this.add(pointer, parsed.detail) : parsed;
  }

  /** @throws ProblemError `invalid-request` if anything is wrong */
  end(): void {
    if (this.#at.length > 0) throw new ProblemError('invalid-request', { at: this.#at });
  }
}
