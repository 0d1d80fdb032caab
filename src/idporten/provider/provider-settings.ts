import { type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider';
import { type PersonNumber, present } from '#domain';
import type { SigningAlgorithm } from '#tokens';
import { judgeIntrospection, judgeScopes } from '../authorizations/index.js';
import type { ArtifactKind } from './artifacts.js';
import { ClientAdapter, documentOf, OWN_CLIENT } from './clients.js';
import { ACR_VALUES } from './levels.js';
import { loginPolicy, NO_RESOURCE, type PolicyParts, resourcesOf } from './login-policy.js';
import type { ProviderPage } from './ports.js';
import { rememberedLogin } from './remembered-login.js';
import { writesOf } from './request-writes.js';
import { ROUTES } from './routes.js';
import { PLAIN_SCOPES } from './scopes.js';
import { StoreAdapter } from './store-adapter.js';
import { extraOf, judgedTerms, type KeptToken, subjectOf, type TokenMaking } from './tokens.js';

/** How long somebody stays logged in. */
export interface SessionTimes {
  /** Minutes without a request. */
  readonly ssoIdleMinutes: number;
  /** Minutes since the login. */
  readonly ssoMaxMinutes: number;
}

/** What the provider is set up with. */
export interface ProviderParts extends TokenMaking, PolicyParts {
  readonly times: SessionTimes;
  /** Answers with a page of ours. */
  readonly page: (ctx: KoaContextWithOIDC, page: ProviderPage) => void;
}

const CODE_SECONDS = 60;
const ID_TOKEN_SECONDS = 120;
const INTERACTION_SECONDS = 30 * 60;
/** One try, and not long: whoever logs out waits for it. */
const BACKCHANNEL_MS = 3000;
/** No client's own assertion lives longer. */
const LONGEST_ASSERTION_SECONDS = 130;

/** How the provider works here. @param algorithm what tokens are signed with now */
export function providerSettings(parts: ProviderParts, algorithm: SigningAlgorithm): Configuration {
  return {
    acrValues: [...ACR_VALUES],
    adapter: (kind: string) =>
      (kind === 'Client' ? new ClientAdapter(parts, algorithm) : new StoreAdapter(kind as ArtifactKind, parts)) as StoreAdapter,
    allowOmittingSingleRegisteredRedirectUri: false,
    ...whatTokensHold(parts),
    ...howClientsShow(parts.issuer),
    ...howLongThingsLast(parts),
    cookies: cookiesOf(parts),
    features: featuresOf(parts),
    fetch: (url, options) => globalThis.fetch(url, outgoing(options as Outgoing, parts.issuer)) as never,
    interactions: {
      policy: loginPolicy(parts),
      url: (_ctx, { uid }) => `${parts.issuer}/interaction/${uid}`,
    },
    // Each login stands on one of its own: what it is worth ends with it, and with nothing else.
    loadExistingGrant: async () => undefined,
    async renderError(ctx, _, error) {
      await writesOf(ctx)?.done();
      parts.page(ctx, { kind: 'error', status: ctx.status, error: pageErrorOf(error), uiLocales: uiLocalesOf(ctx) });
    },
    responseTypes: ['code'],
    revokeGrantPolicy: () => true,
    routes: { ...ROUTES },
  };
}

interface Outgoing extends RequestInit {
  readonly dispatcher?: unknown;
}

/** The provider's own dispatcher reaches no private network. A gateway on its own machine is for trying out, and there clients are at home there too. */
function outgoing({ dispatcher, ...options }: Outgoing, issuer: string): RequestInit {
  const isTrial = ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(issuer).hostname);
  return present({ ...options, dispatcher: isTrial ? undefined : dispatcher, signal: AbortSignal.timeout(BACKCHANNEL_MS) }) as RequestInit;
}

/** What a request says of languages. */
export function uiLocalesOf(ctx: KoaContextWithOIDC): string | undefined {
  const sent = ctx.oidc?.params?.['ui_locales'] ?? ctx.query['ui_locales'];
  return typeof sent === 'string' ? sent : undefined;
}

function whatTokensHold(parts: ProviderParts): Configuration {
  return {
    claims: { openid: ['sub', 'pid', 'locale', 'acr', 'amr', 'auth_time', 'jti', 'client_onbehalfof'] },
    extraParams: ['onbehalfof'],
    extraTokenClaims: (ctx) => ({ ...extraOf(ctx) }),
    findAccount: (ctx, person, token) => ({
      accountId: person,
      claims: async (use) => {
        // Of userinfo the token says it, else the login does.
        const kept = (token as unknown as KeptToken | undefined)?.extra;
        const login = rememberedLogin(ctx);
        const terms = kept?.terms ?? judgedTerms.get(ctx) ?? login?.terms;
        const isIdToken = use === 'id_token';
        return present({
          sub: person,
          pid: terms?.pseudonymous === false ? person : undefined,
          locale: kept?.locale ?? login?.locale,
          client_onbehalfof: isIdToken ? login?.onBehalfOf : undefined,
          jti: isIdToken ? parts.vault.fingerprintOf(`${ctx.oidc.entities.AccessToken?.jti}\0id_token`).slice(0, 22) : undefined,
        });
      },
    }),
    pairwiseIdentifier: (_ctx, person, client) => subjectOf(parts, person, client.clientId),
    scopes: [...PLAIN_SCOPES],
    sectorIdentifierUriValidate: () => false,
    subjectTypes: ['public', 'pairwise'],
  };
}

function howClientsShow(issuer: string): Configuration {
  return {
    assertJwtClientAuthClaimsAndHeader(_ctx, { aud, exp, iat }) {
      if (aud !== issuer && aud !== `${issuer}${ROUTES.token}`) {
        throw new errors.InvalidClientAuth('aud must be the issuer or its token endpoint, alone');
      }
      const lives = Number(exp) - (typeof iat === 'number' ? iat : Math.floor(Date.now() / 1000));
      if (lives > LONGEST_ASSERTION_SECONDS) throw new errors.InvalidClientAuth('the assertion lives too long');
    },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    // Applications in browsers are at home where they are sent back to; no other page may read what they are told.
    clientBasedCORS: (_ctx, origin, client) => {
      const { applicationType, redirectUris } = documentOf(client);
      return applicationType === 'browser' && redirectUris.some((uri) => URL.canParse(uri) && new URL(uri).origin === origin);
    },
    clockTolerance: 10,
    enabledJWA: {
      clientAuthSigningAlgValues: ['RS256', 'RS384', 'RS512'],
      idTokenSigningAlgValues: ['RS256', 'ES256'],
      authorizationSigningAlgValues: ['RS256', 'ES256'],
      dPoPSigningAlgValues: ['ES256', 'PS256', 'RS256'],
    },
    extraClientMetadata: { properties: [OWN_CLIENT] },
    pkce: { required: (_ctx, client) => documentOf(client).codeChallengeMethod !== 'none' },
  };
}

function howLongThingsLast({ times, clock }: ProviderParts): Configuration {
  const [idle, most] = [times.ssoIdleMinutes * 60, times.ssoMaxMinutes * 60];
  const termsOf = (ctx: KoaContextWithOIDC) => judgedTerms.get(ctx) ?? rememberedLogin(ctx)?.terms;
  /** Nothing outlives the grant. */
  const left = (ctx: KoaContextWithOIDC, seconds = 1): number => {
    const until = ctx.oidc.entities.Grant?.exp ?? Infinity;
    return Math.max(1, Math.min(seconds, until - Math.floor(clock() / 1000)));
  };
  return {
    expiresWithSession: async () => false,
    // A refresh token of a client that anybody can claim to be is bound to a key, or, on a person's own machine, good for once (RFC 9700 §2.2.2).
    issueRefreshToken: async (ctx, client) => {
      const { applicationType, refreshTokenUsage } = documentOf(client);
      const isSafe = ctx.get('DPoP') !== '' || (applicationType === 'native' && refreshTokenUsage === 'ONETIME');
      return client.grantTypeAllowed('refresh_token') && (client.tokenEndpointAuthMethod !== 'none' || isSafe);
    },
    rotateRefreshToken: (ctx) => documentOf(ctx.oidc.client as NonNullable<typeof ctx.oidc.client>).refreshTokenUsage === 'ONETIME',
    ttl: {
      AccessToken: (ctx) => left(ctx, termsOf(ctx)?.accessLifetime),
      AuthorizationCode: CODE_SECONDS,
      Grant: (ctx) => termsOf(ctx)?.authorizationLifetime ?? CODE_SECONDS,
      IdToken: ID_TOKEN_SECONDS,
      Interaction: INTERACTION_SECONDS,
      RefreshToken: (ctx) => left(ctx, termsOf(ctx)?.refreshLifetime),
      Session: (_ctx, { loginTs }) =>
        loginTs === undefined ? idle : Math.max(1, Math.min(idle, loginTs + most - Math.floor(Date.now() / 1000))),
    },
  };
}

function cookiesOf({ issuer, vault }: ProviderParts): NonNullable<Configuration['cookies']> {
  const isSecure = issuer.startsWith('https:');
  // What belongs to one request lies below its own path, so that two tabs do not disturb each other: such a cookie cannot be __Host-.
  const [host, secure] = isSecure ? ['__Host-', '__Secure-'] : ['', ''];
  const shared = { httpOnly: true, sameSite: 'lax', signed: true, secure: isSecure } as const;
  return {
    names: { session: `${host}idporten`, interaction: `${secure}idporten-step`, resume: `${secure}idporten-resume` },
    long: { ...shared, path: '/' },
    short: { ...shared },
    // The same on all nodes, and after a restart.
    keys: [vault.fingerprintOf('idporten-cookies')],
  };
}

function featuresOf(parts: ProviderParts): NonNullable<Configuration['features']> {
  const { authorizations } = parts;
  return {
    backchannelLogout: { enabled: true },
    dPoP: { enabled: true },
    devInteractions: { enabled: false },
    externalSigningSupport: { enabled: true, ack: 'experimental-01' },
    introspection: {
      enabled: true,
      allowedPolicy: (_ctx, client, token) => mayIntrospect(parts, client, token as unknown as KeptToken & { kind: string }),
    },
    jwtResponseModes: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: async (_ctx, _client, several) => (several as readonly string[] | undefined)?.[0] ?? NO_RESOURCE,
      useGrantedResource: async () => true,
      async getResourceServerInfo(ctx, resource, client) {
        const scopes = await scopesNow(authorizations, ctx);
        return {
          scope: [...(scopes ?? documentOf(client).scopes)].join(' '),
          audience: resource,
          accessTokenFormat: 'opaque' as const,
        };
      },
    },
    revocation: { enabled: true, allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId },
    rpInitiatedLogout: { enabled: true },
    userinfo: { enabled: true },
  };
}

/** Which scopes tokens may still have that are made of what was given; undefined: none are made. */
async function scopesNow(authorizations: PolicyParts['authorizations'], ctx: KoaContextWithOIDC): Promise<readonly string[] | undefined> {
  const login = rememberedLogin(ctx);
  const { client, entities } = ctx.oidc;
  if (ctx.oidc.route !== 'token' || login === undefined || client === undefined) return undefined;
  const { RefreshToken: refreshToken, AuthorizationCode: code } = entities;
  const shown = refreshToken ?? code;
  if (shown === undefined) return undefined;
  const verdict = await judgeScopes(authorizations(), {
    client: documentOf(client),
    person: shown.accountId as PersonNumber,
    use: refreshToken === undefined ? 'code' : 'refresh',
    scopes: login.scopes,
    resource: resourcesOf(ctx.oidc.params?.['resource'] ?? shown.resource),
    prompt: [],
    onBehalfOf: login.onBehalfOf,
    login: { acr: login.acr, fresh: false },
    round: login.round,
  });
  if (verdict.token === null) throw new errors.InvalidGrant('nothing of what was given still stands');
  judgedTerms.set(ctx, verdict.token);
  return verdict.granted.map(({ scope }) => scope);
}

/** A client may ask about its own refresh tokens; about access tokens the rules say who may. What may be told is kept for the answer. */
async function mayIntrospect(
  { authorizations }: ProviderParts,
  asker: Parameters<typeof documentOf>[0],
  token: KeptToken & { readonly kind: string },
): Promise<boolean> {
  if (token.kind !== 'AccessToken') return token.clientId === asker.clientId;
  const { terms, round, onBehalfOf } = token.extra;
  const told = await judgeIntrospection(authorizations(), {
    client: documentOf(asker),
    token: {
      client: token.clientId,
      person: token.accountId as PersonNumber,
      scopes: (token.scope ?? '').split(' '),
      audience: terms.audience,
      pseudonymous: terms.pseudonymous,
      round,
      onBehalfOf,
    },
  });
  tellsPerson.set(token, told.person);
  return told.active;
}

/** Whether whoever asks about a token is told whose it is. */
export const tellsPerson = new WeakMap<object, boolean>();

/** What a page of an error is told of it; that a login has ended is no fault of the client's. */
export function pageErrorOf(error: Error): string {
  if (error instanceof errors.SessionNotFound) return 'session_not_found';
  return error instanceof errors.OIDCProviderError ? error.error : 'server_error';
}
