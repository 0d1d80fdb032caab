import type { Configuration, TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client';
import { present } from '#domain';
import { boundedText, within } from '#fetching';
import { ProblemError } from '#problem';
import type { Login } from './keyring.js';
import type { LoginService } from './login-service.js';
import { awaitRedirect, type Redirected } from './loopback.js';

const TIMEOUT_SECONDS = 20;
const MAX_ANSWER_BYTES = 256 * 1024;
/** For no longer is a token taken to be good, whatever is said of it. */
const LONGEST_SECONDS = 24 * 60 * 60;
/** Persons log in at the highest level: who administers access must. */
const LEVEL = 'idporten-loa-high';
const SCOPE = 'openid profile';

/** How a login is begun. */
export interface Beginning extends LoginService {
  /** Of the gateway: whom the token is for. */
  readonly origin: string;
  /** Where the browser is sent back to on this machine; 0 takes a free port. */
  readonly port: number;
  /** Is told where the person is to go on. */
  readonly open: (url: string) => void;
  readonly waitMs: number;
}

type Tokens = TokenEndpointResponse & TokenEndpointResponseHelpers;

/** Loaded when it is used: no other command needs it. */
const library = () => import('openid-client');

/**
 * Has a person log in, in the browser (RFC 8252): code flow with PKCE, state and nonce, sent back to a port of the loopback address.
 * @throws ProblemError `login-failed`
 */
export async function logIn({ origin, issuer, clientId, port, open, waitMs }: Beginning): Promise<Login> {
  const client = await library();
  return told(issuer, async () => {
    const config = await configurationOf({ issuer, clientId });
    const verifier = client.randomPKCECodeVerifier();
    const [state, nonce] = [client.randomState(), client.randomNonce()];
    const challenge = await client.calculatePKCECodeChallenge(verifier);
    const send = (redirectUri: string): void => {
      const parameters = {
        redirect_uri: redirectUri,
        scope: SCOPE,
        acr_values: LEVEL,
        resource: origin,
        code_challenge: challenge,
        code_challenge_method: 'S256',
        state,
        nonce,
      };
      open(client.buildAuthorizationUrl(config, parameters).href);
    };
    return await awaitRedirect({ port, state, waitMs, send }, async ({ url }: Redirected) => {
      const tokens = await client.authorizationCodeGrant(config, url, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      });
      return loginOf({ origin, issuer, clientId }, tokens);
    });
  });
}

/** New tokens by the refresh token, if there is one that still counts. @throws ProblemError `login-over` */
export async function refreshed(login: Login): Promise<Login> {
  if (login.refreshToken === undefined) throw over(login);
  const client = await library();
  try {
    const tokens = await client.refreshTokenGrant(await configurationOf(login), login.refreshToken, { resource: login.origin });
    return { ...loginOf(login, tokens), ...present({ refreshToken: tokens.refresh_token ?? login.refreshToken }) };
  } catch (cause) {
    throw over(login, cause);
  }
}

/** Has the issuer end the tokens (RFC 7009). @throws whatever stands in the way */
export async function revoked(login: Login): Promise<void> {
  const client = await library();
  const config = await configurationOf(login);
  const { refreshToken, accessToken } = login;
  if (refreshToken !== undefined) await client.tokenRevocation(config, refreshToken, { token_type_hint: 'refresh_token' });
  else await client.tokenRevocation(config, accessToken, { token_type_hint: 'access_token' });
}

async function configurationOf({ issuer, clientId }: LoginService): Promise<Configuration> {
  const { allowInsecureRequests, customFetch, discovery, None } = await library();
  return discovery(new URL(issuer), clientId, undefined, None(), {
    timeout: TIMEOUT_SECONDS,
    [customFetch]: boundedFetch,
    execute: isHere(issuer) ? [allowInsecureRequests] : [],
  });
}

function isHere(issuer: string): boolean {
  return /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?(\/|$)/.test(issuer);
}

/** No answer of an issuer is larger. */
async function boundedFetch(url: string, options: object): Promise<Response> {
  return within(TIMEOUT_SECONDS * 1000, async (signal) => {
    const response = await fetch(url, { ...options, signal });
    const { status, headers, body } = response;
    const text = body === null ? null : await boundedText(response, { from: url, maxBytes: MAX_ANSWER_BYTES, signal });
    return new Response(status === 204 || status === 304 ? null : text, { status: Math.max(200, status), headers });
  });
}

function loginOf({ origin, issuer, clientId }: Pick<Login, 'origin' | 'issuer' | 'clientId'>, tokens: Tokens): Login {
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: seconds = 60 } = tokens;
  return present({
    origin,
    issuer,
    clientId,
    accessToken,
    expiresAt: Date.now() + Math.min(seconds, LONGEST_SECONDS) * 1000,
    refreshToken,
  });
}

async function told<T>(issuer: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause;
    const { error, error_description: description } = cause as { error?: unknown; error_description?: unknown };
    const said = [error, description].filter((one) => typeof one === 'string').join(': ');
    if (error === 'invalid_dpop_proof' || error === 'use_dpop_nonce')
      throw new ProblemError('login-failed', {
        detail: `${issuer} gives this client only tokens that are bound to a key (DPoP), which no gateway takes: name another by --client-id`,
        cause,
      });
    throw new ProblemError('login-failed', { detail: said === '' ? `${issuer} did not log anybody in` : `${issuer} says ${said}`, cause });
  }
}

function over({ origin }: Login, cause?: unknown): ProblemError {
  return new ProblemError('login-over', { detail: `The login at ${origin} has ended: tilgang login ${origin}`, ...present({ cause }) });
}
