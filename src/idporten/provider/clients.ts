import type { Adapter, AdapterPayload, Client as KnownClient } from 'oidc-provider';
import { present, toInstant } from '#domain';
import { type Client, loginClient } from '#maskinporten';
import type { SigningAlgorithm } from '#tokens';
import type { ArtifactParts } from './artifacts.js';
import { PLAIN_SCOPES } from './scopes.js';

/** Under which the provider keeps our own document of a client. */
export const OWN_CLIENT = 'tilgang_client';

/** Never fetched: who a person is to a client is told by the client's id alone. */
const SECTOR = 'https://sector.invalid/';

/** The document of a client as it stood when the request came. */
export function documentOf(client: KnownClient): Client {
  return client[OWN_CLIENT] as Client;
}

/** Clients as the self-service API keeps them: each request sees them as they stand. Nothing is written. */
export class ClientAdapter implements Pick<Adapter, 'find'> {
  readonly #parts: Pick<ArtifactParts, 'store' | 'clock'>;
  readonly #algorithm: SigningAlgorithm;

  /** @param algorithm what tokens are signed with now */
  constructor(parts: Pick<ArtifactParts, 'store' | 'clock'>, algorithm: SigningAlgorithm) {
    this.#parts = parts;
    this.#algorithm = algorithm;
  }

  async find(id: string): Promise<AdapterPayload | undefined> {
    const client = await loginClient(this.#parts.store, id);
    return client && metadataOf(client, this.#algorithm, this.#parts.clock());
  }
}

function metadataOf(client: Client, algorithm: SigningAlgorithm, now: number): AdapterPayload {
  const { id, name, applicationType, grantTypes, redirectUris, postLogoutRedirectUris, tokenEndpointAuthMethod, secret, keys } = client;
  const at = toInstant(now);
  const isKeyed = tokenEndpointAuthMethod === 'private_key_jwt';
  const counting = keys.filter(({ until }) => at < until).map(({ jwk, kid, alg }) => ({ ...jwk, kid, alg, use: 'sig' }));
  return present({
    client_id: id,
    client_name: name,
    application_type: applicationType === 'native' ? 'native' : 'web',
    grant_types: [...grantTypes],
    response_types: ['code'],
    redirect_uris: [...redirectUris],
    post_logout_redirect_uris: [...postLogoutRedirectUris],
    token_endpoint_auth_method: tokenEndpointAuthMethod,
    subject_type: 'pairwise',
    sector_identifier_uri: SECTOR,
    id_token_signed_response_alg: algorithm,
    authorization_signed_response_alg: algorithm,
    scope: client.scopes.filter((scope) => PLAIN_SCOPES.includes(scope)).join(' ') || undefined,
    ...secretOf(client, secret),
    jwks: isKeyed ? { keys: counting } : undefined,
    backchannel_logout_uri: client.backchannelLogoutUri,
    backchannel_logout_session_required: client.backchannelLogoutUri === undefined ? undefined : true,
    [OWN_CLIENT]: client,
  }) as AdapterPayload;
}

/** The provider wants one to be there; what is compared is its HMAC. One that is not there is as one that has ended. */
function secretOf({ tokenEndpointAuthMethod: method }: Client, secret: Client['secret']): AdapterPayload {
  if (!method.startsWith('client_secret_')) return {};
  if (secret === undefined) return { client_secret: 'none', client_secret_expires_at: 1 };
  return { client_secret: secret.fingerprint, client_secret_expires_at: Math.floor(Date.parse(secret.until) / 1000) };
}
