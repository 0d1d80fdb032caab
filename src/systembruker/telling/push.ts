import { fetchOutside, OutsideRefusal, type Resolve, resolveByDns } from '#fetching';

/** What came of sending. A refusal is of this token, and may be passed over; whatever else is in the way is so for all of them. */
export type Pushed = { readonly outcome: 'taken' } | { readonly outcome: 'refused' | 'failed'; readonly cause: string };

/** How tokens are sent. */
export interface PushTerms {
  /** Private networks that receivers may be in. */
  readonly networks: readonly string[];
  /** Of tests. */
  readonly resolve?: Resolve | undefined;
  readonly deadlineMs: number;
}

const MOST_ANSWER_BYTES = 16 * 1024;
/** What RFC 8935 §2.4 has that is no fault of a single token: the receiver mends it, and takes them then. */
const OF_THE_RECEIVER = new Set(['invalid_key', 'invalid_issuer', 'invalid_audience', 'authentication_failed', 'access_denied']);

/** Sends a Security Event Token by HTTP POST (RFC 8935 §2). Nothing that the receiver has written is told on but an error code of the RFC's. */
export async function push(url: string, token: string, { networks, resolve, deadlineMs }: PushTerms, until: AbortSignal): Promise<Pushed> {
  const request = {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/secevent+jwt', accept: 'application/json' },
    body: token,
    followsRedirects: false,
    timeoutMs: deadlineMs,
    tls: {},
  };
  const limits = { hosts: 'any' as const, networks, deadlineMs, maxBytes: MOST_ANSWER_BYTES, readsBody };
  try {
    const { status, body } = await fetchOutside(request, limits, resolve ?? resolveByDns, until);
    if (isTaken(status)) return { outcome: 'taken' };
    const err = status === 400 ? errorIn(body) : undefined;
    if (err === undefined) return { outcome: 'failed', cause: `it answers ${status}` };
    return { outcome: OF_THE_RECEIVER.has(err) ? 'failed' : 'refused', cause: `it answers 400 ${err}` };
  } catch (error) {
    if (error instanceof OutsideRefusal) return { outcome: 'failed', cause: error.message };
    throw error;
  }
}

function isTaken(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Whoever has taken it has nothing more to say. */
function readsBody(status: number): boolean {
  return !isTaken(status);
}

/** The code of an error as RFC 8935 §2.3 has it; `other` for one that it does not know. */
function errorIn(body: string): string | undefined {
  let err: unknown;
  try {
    ({ err } = JSON.parse(body) as { readonly err?: unknown });
  } catch {
    return undefined;
  }
  if (typeof err !== 'string') return undefined;
  return OF_THE_RECEIVER.has(err) || err === 'invalid_request' ? err : 'other';
}
