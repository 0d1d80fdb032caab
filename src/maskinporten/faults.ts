import { type Fault, type Instant, isFault } from '#domain';
import { type FieldFault, invalid, invalidParameter, ProblemError } from '#problem';

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

/** What is said of a parameter that should be an organisation number. */
export function notNumber(parameter: string): ProblemError {
  return invalidParameter(parameter, 'must be an organisation number: nine digits, of which the last is a check digit');
}

/** Holds that what is to end, if it is, ends later than now. @throws ProblemError `invalid-request` */
export function assertLater(until: Instant | undefined, now: Instant): void {
  if (until !== undefined && until <= now) throw invalid('/until', 'must be later than now');
}
