import type { SenderStanding, TokenFault } from '#maskinporten';
import { ProblemError } from '#problem';
import type { Attempt, RateLimit } from '#serving';

/**
 * How one request stands with the limit of refusals. Who only says who it is has a limit of its own, and whoever has used that up for somebody else does not keep
 * that one away: the request goes on as far as the proof, and only what fails there is answered by the limit. Behind a proxy all have one address.
 */
export class Admission {
  readonly #refusals: RateLimit;
  readonly #address: string;
  #claimed: Attempt | undefined;
  #proven: Attempt | undefined;
  #late: ProblemError | undefined;

  constructor(refusals: RateLimit, address: string) {
    this.#refusals = refusals;
    this.#address = address;
  }

  /** @throws ProblemError `too-many-requests` if so many of whoever has proven to be the sender were refused */
  async admit(sender: string, standing: SenderStanding): Promise<void> {
    const name = `token ${standing} ${this.#address} ${sender}`;
    if (standing === 'proven') {
      this.#proven = await this.#refusals.begin(name);
      return;
    }
    try {
      this.#claimed = await this.#refusals.begin(name);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      this.#late = error;
    }
  }

  /** What is answered in the place of a fault, if too many who said the same were refused. */
  late(fault: TokenFault): ProblemError | undefined {
    return this.#counts(fault) === 'claimed' ? this.#late : undefined;
  }

  /** @param fault why no token was issued, if it was not */
  end(fault: TokenFault | undefined): void {
    const counts = fault && this.#counts(fault);
    this.#claimed?.end(counts === 'claimed');
    this.#proven?.end(counts === 'proven');
  }

  /** Who shows what has been used before may be anybody. */
  #counts({ name }: TokenFault): SenderStanding {
    return this.#proven === undefined || name === 'MP-012' ? 'claimed' : 'proven';
  }
}
