import { randomBytes } from 'node:crypto';
import type { TokenFault } from '#maskinporten';
import { ProblemError } from '#problem';
import { errorDescription } from '../../error-description.js';
import type { Context, Reply } from '../../state.js';

/** That no token is issued: what is told to the client stands in the log, too. */
export class TokenRefused extends ProblemError {
  readonly fault: TokenFault;

  constructor(fault: TokenFault) {
    super('token-refused', { detail: fault.description, reason: fault.name });
    this.fault = fault;
  }
}

/** No body is the same for all that comes to the endpoint: RFC 6749 §5.2, as Maskinporten writes it. */
interface OAuthError {
  readonly error: string;
  readonly error_description: string;
  readonly error_uri: string;
}

/** Has all problems of the request written as errors of OAuth, each with the trace by which the log knows the request. @param issuer ends in a slash */
export function writeOAuthErrors(ctx: Context, issuer: string): void {
  const { state } = ctx;
  state.writesProblem = (problem) => {
    // Whoever sends none has one made: it is in the answer and in the log.
    state.traceparent ??= newTraceparent();
    const [, traceId = ''] = state.traceparent.split('-');
    return errorReply(problem, issuer, traceId);
  };
}

/** W3C Trace Context §3.2. */
function newTraceparent(): string {
  const random = randomBytes(24).toString('hex');
  return `00-${random.slice(0, 32)}-${random.slice(32)}-01`;
}

function errorReply(problem: ProblemError, issuer: string, traceId: string): Reply {
  const { error, text, uri, status } = problem instanceof TokenRefused ? refusal(problem.fault, issuer) : failure(problem, issuer);
  const body: OAuthError = { error, error_description: `${errorDescription(text)} (trace_id: ${traceId})`, error_uri: uri };
  return { status, headers: { ...NOT_STORED, 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

/** RFC 6749 §5.1. */
export const NOT_STORED = { 'Cache-Control': 'no-store', Pragma: 'no-cache' } as const;

function refusal({ name, entry: { status, error }, description }: TokenFault, issuer: string) {
  return { error, status, text: description, uri: `${issuer}errors/${name}` };
}

/** What does not come as far as the checks, or fails in them: the catalogue of all APIs knows it. */
function failure(problem: ProblemError, issuer: string) {
  const { status, title } = problem.entry;
  const error = status >= 500 ? 'server_error' : 'invalid_request';
  const busy = status === 429 || status === 503;
  const told = [problem.detail ?? title, ...problem.at.map(({ parameter, detail }) => `${parameter ?? 'the body'} ${detail}.`)];
  return {
    error: busy ? 'temporarily_unavailable' : error,
    status,
    text: told.join(' '),
    uri: new URL(`/problems/${problem.slug}`, issuer).href,
  };
}
