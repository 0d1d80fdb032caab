import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ProblemError } from '#problem';
import type { RateLimit } from '#serving';
import { unverifiedClaim } from '#tokens';

/** How a request stands with a limit that answers only some requests: whoever has used it up for others does not keep them away. */
export interface LateAttempt {
  /** The limit is used up: if this turns out to be one that counts, it is answered by it. */
  readonly isLate: boolean;
  end(counts: boolean): void;
}

/** Takes one of the limit if there is one left. @param caller whose it is, as they say */
export async function attemptAt(limit: RateLimit, caller: string): Promise<LateAttempt> {
  try {
    const attempt = await limit.begin(`idporten ${hash('sha256', caller, 'base64url')}`);
    return { isLate: false, end: (counts) => attempt.end(counts) };
  } catch (error) {
    if (error instanceof ProblemError && error.slug === 'too-many-requests') return { isLate: true, end: () => {} };
    throw error;
  }
}

/** Whose client a request says that it is of, in whichever of the ways, and from where. What a client is called stands in each of its tokens. @param form as it was sent */
export function clientAt({ headers, socket }: IncomingMessage, form: URLSearchParams | undefined): string {
  const [, basic] = /^basic +([\w+/=-]+)$/i.exec(headers.authorization ?? '') ?? [];
  const named =
    basic === undefined
      ? (form?.get('client_id') ?? unverifiedClaim(form?.get('client_assertion') ?? '', 'sub') ?? '')
      : (Buffer.from(basic, 'base64').toString().split(':', 1)[0] ?? '');
  return `${socket.remoteAddress} ${named}`;
}
