import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ProblemError } from '#problem';
import type { Attempt, RateLimit } from '#serving';
import { unverifiedClaim } from '#tokens';

/**
 * How a request of a client stands with the limit of refusals. What a client is called stands in each of its tokens, so whoever has used the limit up for it
 * does not keep it away: the limit answers only what fails.
 */
export class ClientAttempt {
  readonly #attempt: Attempt | undefined;
  /** Too many have been refused who said that they were the same client, from the same address. */
  readonly isLate: boolean;

  private constructor(attempt: Attempt | undefined) {
    this.#attempt = attempt;
    this.isLate = attempt === undefined;
  }

  /** @param form as it was sent */
  static async begin(refusals: RateLimit, req: IncomingMessage, form: URLSearchParams | undefined): Promise<ClientAttempt> {
    const name = hash('sha256', `${req.socket.remoteAddress} ${clientNamed(req, form)}`, 'base64url');
    try {
      return new ClientAttempt(await refusals.begin(`idporten ${name}`));
    } catch (error) {
      if (error instanceof ProblemError && error.slug === 'too-many-requests') return new ClientAttempt(undefined);
      throw error;
    }
  }

  /** @param status what was answered */
  end(status: number): void {
    this.#attempt?.end(status === 401);
  }
}

/** Who the request says that it is of, in whichever of the ways. */
function clientNamed({ headers }: IncomingMessage, form: URLSearchParams | undefined): string {
  const [, basic] = /^basic +([\w+/=-]+)$/i.exec(headers.authorization ?? '') ?? [];
  if (basic !== undefined) return Buffer.from(basic, 'base64').toString().split(':', 1)[0] ?? '';
  return form?.get('client_id') ?? unverifiedClaim(form?.get('client_assertion') ?? '', 'sub') ?? '';
}
