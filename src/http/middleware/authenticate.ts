import { ProblemError } from '#problem';
import type { TokenVerifier } from '#tokens';
import type { Middleware } from '../state.js';

/** Takes the bearer token (RFC 6750 §2.1) to the verifier and puts who calls into the state. */
export function authenticate(verifier: TokenVerifier): Middleware {
  return async (ctx, next) => {
    const header = ctx.req.headers.authorization;
    if (header === undefined) throw new ProblemError('token-missing');
    if (header.slice(0, 7).toLowerCase() !== 'bearer ') {
      throw new ProblemError('token-missing', { detail: 'The Authorization header has another scheme than Bearer.' });
    }
    const caller = verifier.verify(header.slice(7).trim());
    // A remembered token is answered at once; only a new one is waited for.
    ctx.state.caller = caller instanceof Promise ? await caller : caller;
    await next();
  };
}
