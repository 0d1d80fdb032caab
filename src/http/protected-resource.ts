import { present } from '#domain';
import { ProblemError } from '#problem';
import { answer } from './answer.js';
import type { Api } from './api.js';

const PATH = '/.well-known/oauth-protected-resource';

/** What the gateway says of itself to whoever wants a token for it. */
export interface ProtectedResource {
  /** Of the gateway, as callers see it; what tokens are meant for. */
  readonly origin: string;
  /** Whose tokens are believed. */
  readonly issuers: readonly string[];
  /** Where people log in, and by which client of ours on their command line. */
  readonly login?: { readonly issuer: string; readonly clientId: string };
}

/** The metadata of a protected resource (RFC 9728), open to all; `tilgang_login` is what `tilgang login` goes by. */
export function protectedResourceApi({ origin, issuers, login }: ProtectedResource): Api {
  const body = JSON.stringify(
    present({
      resource: origin,
      authorization_servers: issuers,
      bearer_methods_supported: ['header'],
      tilgang_login: login && { issuer: login.issuer, client_id: login.clientId },
    }),
  );
  return {
    mounts: [PATH],
    handler(ctx, next) {
      if (ctx.path !== PATH) return next();
      ctx.state.route = PATH;
      if (ctx.method !== 'GET' && ctx.method !== 'HEAD') throw new ProblemError('method-not-allowed', { allowed: ['HEAD', 'GET'] });
      return answer(ctx, { status: 200, headers: { 'Content-Type': 'application/json', 'Cache-Control': 'public, max-age=3600' }, body });
    },
  };
}
