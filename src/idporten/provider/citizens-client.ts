import type { Instant, Orgnr } from '#domain';
import { CITIZENS_CLIENT, type Client, loginClient, type ScopeName } from '#maskinporten';
import type { Store } from '#storage';

/** Where the page lies below the issuer on which persons see what they have given. */
export const CITIZENS_PATH = '/mine';

/** Where a login comes back to, at the same origin, that a page of the systembruker side has asked for. */
export const SYSTEM_USERS_PATH = '/systembruker/innlogget';

const SINCE = '2026-11-27T00:00:00.000Z' as Instant;

/** The client by which persons log in, also that of our own pages, of which no token is ever fetched. One read. */
export async function findClient(
  { store, issuer }: { readonly store: Store; readonly issuer: string },
  id: string,
): Promise<Client | undefined> {
  return id === CITIZENS_CLIENT ? citizensClient(issuer) : loginClient(store, id);
}

function citizensClient(issuer: string): Client {
  return {
    id: CITIZENS_CLIENT,
    name: 'Tilgang',
    description: 'Se og trekk tilbake det du har gitt',
    orgnr: '' as Orgnr,
    active: true,
    integrationType: 'idporten',
    applicationType: 'browser',
    scopes: ['openid'] as readonly string[] as readonly ScopeName[],
    grantTypes: ['authorization_code'],
    tokenEndpointAuthMethod: 'none',
    accessTokenLifetime: 1,
    refreshTokenLifetime: 1,
    authorizationLifetime: 60,
    refreshTokenUsage: 'ONETIME',
    redirectUris: [`${issuer}${CITIZENS_PATH}`, new URL(SYSTEM_USERS_PATH, issuer).href],
    postLogoutRedirectUris: [],
    frontchannelLogoutSessionRequired: false,
    ssoDisabled: false,
    codeChallengeMethod: 'S256',
    keys: [],
    created: SINCE,
    updated: SINCE,
  };
}
