import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { TokenTerms } from '../authorizations/index.js';

/** What the provider remembers with a grant beside its scopes: how the person logged in, and what its tokens are like. */
export interface RememberedLogin {
  readonly acr: string;
  readonly locale: string;
  /** All that were given. */
  readonly scopes: readonly string[];
  /** As the client said it. */
  readonly onBehalfOf?: string;
  readonly terms: TokenTerms;
  /** Of the authorization; absent: nothing of an API was given. */
  readonly round?: number;
}

/** A grant with what is remembered. */
export interface GrantWithLogin {
  login?: RememberedLogin;
}

/** Has grants keep it: the provider writes only what it knows of. Before the first grant is made. */
export function rememberLogins(provider: Provider): void {
  const known = (provider.Grant as unknown as { IN_PAYLOAD: readonly string[] }).IN_PAYLOAD;
  Object.defineProperty(provider.Grant, 'IN_PAYLOAD', { value: [...known, 'login'] });
}

/** How the person logged in, of the grant that a request is about. */
export function rememberedLogin(ctx: KoaContextWithOIDC): RememberedLogin | undefined {
  return (ctx.oidc.entities.Grant as GrantWithLogin | undefined)?.login;
}
