import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { ProblemError } from '#problem';
import { lateRequests } from './late-requests.js';
import { tellsPerson } from './provider-settings.js';
import { PAR_SECONDS, prolongPushedRequests } from './pushed-requests.js';
import { ROUTES } from './routes.js';
import { claimsOf, type KeptToken, type TokenMaking } from './tokens.js';

/** What the provider's answers say otherwise here. */
export function afterRoutes(provider: Provider, making: TokenMaking): void {
  prolongPushedRequests(provider);
  provider.use(async (ctx, next) => {
    await next();
    if (ctx.status === 401 && lateRequests.has(ctx.req)) tellLate(ctx);
    const seen = ctx as unknown as KoaContextWithOIDC;
    const body = seen.body as Record<string, unknown> | undefined;
    if (typeof body !== 'object' || body === null) return;
    // What was sent is not sent back.
    if (typeof body['error'] === 'string') delete body['scope'];
    else if (ctx.path === ROUTES.token) tellRefreshLifetime(seen, body);
    else if (ctx.path === ROUTES.pushed_authorization_request) body['expires_in'] = PAR_SECONDS;
    else if (ctx.path === ROUTES.introspection && body['active'] === true) tellToken(seen, body, making);
  });
  provider.on('server_error', (ctx: KoaContextWithOIDC, error: unknown) => {
    if (!(error instanceof ProblemError) || error.retryAfterSeconds === undefined) return;
    ctx.status = 503;
    ctx.set('Retry-After', String(error.retryAfterSeconds));
    if (typeof ctx.body === 'object') ctx.body = { error: 'temporarily_unavailable', error_description: 'try again in a moment' };
  });
}

/** RFC 6585 §4, in OAuth's words. */
function tellLate(ctx: Pick<KoaContextWithOIDC, 'status' | 'body' | 'set' | 'remove'>): void {
  ctx.status = 429;
  ctx.remove('WWW-Authenticate');
  ctx.set('Retry-After', '60');
  ctx.body = { error: 'temporarily_unavailable', error_description: 'too many refusals: wait, and show who you are as it is registered' };
}

function tellRefreshLifetime({ oidc }: KoaContextWithOIDC, body: Record<string, unknown>): void {
  const lasts = oidc.entities.RefreshToken?.remainingTTL;
  if (body['refresh_token'] !== undefined && lasts !== undefined) body['refresh_token_expires_in'] = Math.max(0, lasts);
}

/** RFC 7662 §2.2: what a token says where it is read. */
function tellToken({ oidc }: KoaContextWithOIDC, body: Record<string, unknown>, making: TokenMaking): void {
  const token = oidc.entities.AccessToken as unknown as KeptToken | undefined;
  for (const name of ['terms', 'locale', 'round', 'onBehalfOf', 'clientAmr', 'digest']) delete body[name];
  if (token === undefined) return;
  Object.assign(body, claimsOf(making, token, tellsPerson.get(token) !== true));
}
