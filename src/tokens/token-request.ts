import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { present } from '#domain';
import { boundedText, within } from '#fetching';
import { ProblemError } from '#problem';
import { MAX_DOCUMENT_BYTES } from './bounded-fetch.js';
import type { ClientKey } from './client-key.js';
import { discoverTokenEndpoint } from './issuer-metadata.js';

const TIMEOUT_MS = 30_000;
/** Below the 120 s that Maskinporten grants, so that a clock that goes wrong by some seconds does no harm. */
const ASSERTION_SECONDS = 100;

/** The grant by which a client fetches a token with an assertion of its own (RFC 7523 §2.1). */
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** What a client asks a token for. */
export interface TokenRequest {
  /** With or without the slash that Maskinporten's name ends in. */
  readonly issuer: string;
  readonly clientId: string;
  readonly key: ClientKey;
  /** The chain of the organisation certificate of the key, leaf first, each as DER in base64: it stands in the place of the key's name. */
  readonly chain?: readonly string[];
  /** Apart by blanks. */
  readonly scope: string;
  /** What the token is for: `aud` of it. */
  readonly resource?: readonly string[];
  /** For whom, if somebody else has delegated the scopes. */
  readonly consumerOrg?: string;
  /** On whose behalf, by the older way: a value that is registered on the client. */
  readonly onBehalfOf?: string;
  /** As whose system user (systembruker). */
  readonly systemUser?: AskedSystemUser;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A system user, as the vendor of its system names it. */
export interface AskedSystemUser {
  /** Whose it is. */
  readonly orgnr: string;
  /** What it was asked for by, if that is not the number. */
  readonly externalRef?: string;
}

/** What the issuer has answered. */
export type TokenAnswer =
  | { readonly accessToken: string; readonly body: Readonly<Record<string, unknown>> }
  | {
      readonly refused: {
        readonly issuer: string;
        readonly status: number;
        readonly error?: string;
        readonly description?: string;
        readonly uri?: string;
      };
    };

/**
 * Fetches an access token by the JWT-bearer grant (RFC 7523 §2.1), from whichever issuer publishes RFC 8414 metadata. The assertion goes to no other address than
 * what the issuer's own metadata name, over https unless the issuer is on this machine.
 * @throws ProblemError `token-not-fetched` if the issuer cannot be reached or does not answer as one
 */
export async function requestToken(request: TokenRequest, fetch = globalThis.fetch): Promise<TokenAnswer> {
  try {
    return await within(TIMEOUT_MS, (signal) => exchange(request, fetch, signal));
  } catch (cause) {
    if (cause instanceof ProblemError) throw cause;
    throw notFetched(request, 'does not answer in time', cause);
  }
}

function notFetched({ issuer }: TokenRequest, what: string, cause: unknown): ProblemError {
  return new ProblemError('token-not-fetched', { detail: `${issuer} ${what}`, cause });
}

async function exchange(request: TokenRequest, fetch: typeof globalThis.fetch, signal: AbortSignal): Promise<TokenAnswer> {
  const named = (what: string) => (cause: unknown) => {
    throw notFetched(request, what, cause);
  };
  const { issuer, tokenEndpoint } = await discoverTokenEndpoint(request.issuer, fetch, signal).catch(
    named('publishes no metadata that can be used: look whether it is the name of the issuer (--issuer), and whether it runs'),
  );
  const assertion = await assertionFor(request, issuer);
  const response = await fetch(tokenEndpoint, {
    method: 'POST',
    redirect: 'error',
    signal,
    headers: { accept: 'application/json' },
    body: new URLSearchParams({ grant_type: JWT_BEARER, assertion }),
  }).catch(named('does not answer at its token endpoint'));
  const text = await boundedText(response, { from: tokenEndpoint, maxBytes: MAX_DOCUMENT_BYTES, signal }).catch(
    named('does not answer to the end'),
  );
  const body = objectIn(text);
  if (response.status === 200 && typeof body['access_token'] === 'string') return { accessToken: body['access_token'], body };
  if (response.status === 200) return named('answers without an access token')(undefined);
  const { error, error_description: description, error_uri: uri } = body;
  return {
    refused: { issuer, status: response.status, ...present({ error: textOf(error), description: textOf(description), uri: textOf(uri) }) },
  };
}

function assertionFor(
  { clientId, key, chain, scope, resource, consumerOrg, onBehalfOf, systemUser, now }: TokenRequest,
  issuer: string,
): Promise<string> {
  const iat = Math.floor(now / 1000);
  const claims = present({
    scope,
    resource,
    consumer_org: consumerOrg,
    iss_onbehalfof: onBehalfOf,
    authorization_details: systemUser && [detailOf(systemUser)],
  });
  return new SignJWT({ ...claims, iss: clientId, aud: issuer, iat, exp: iat + ASSERTION_SECONDS, jti: randomUUID() })
    .setProtectedHeader({ alg: key.jwk.alg, ...(chain === undefined ? { kid: key.kid } : { x5c: [...chain] }) })
    .sign(key.privateKey);
}

/** As Altinn's documentation of Maskinporten tokens for system users has it (RFC 9396). */
function detailOf({ orgnr, externalRef }: AskedSystemUser): object {
  const organisation = { authority: 'iso6523-actorid-upis', ID: `0192:${orgnr}` };
  return present({ type: 'urn:altinn:systemuser', systemuser_org: organisation, externalRef });
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
