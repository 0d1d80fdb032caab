import { present } from '#domain';
import { JWT_BEARER, type OwnJwks, type PublishedIssuer } from '#tokens';

const PATH = '/maskinporten/';

/** What our Maskinporten below an origin is called as an issuer. */
export function maskinportenName(origin: string): string {
  return `${origin}${PATH}`;
}

/** Our Maskinporten below an origin, for tokens that are meant for that origin. Its name ends in a slash, as Maskinporten's own does. @param detailsTypes of authorization_details that it takes (RFC 9396 §10) */
export function maskinportenIssuer(origin: string, keys: OwnJwks, detailsTypes: readonly string[] = []): PublishedIssuer {
  const issuer = maskinportenName(origin);
  return {
    path: PATH,
    trusted: { issuer, kind: 'maskinporten', audience: origin, algorithms: ['RS256', 'ES256'] },
    metadata: present({
      issuer,
      token_endpoint: `${issuer}token`,
      jwks_uri: `${issuer}jwk`,
      grant_types_supported: [JWT_BEARER],
      // RFC 8414 §2 asks for it; no grant here has an authorization endpoint.
      response_types_supported: [],
      token_endpoint_auth_methods_supported: ['private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['RS256', 'RS384', 'RS512'],
      authorization_details_types_supported: detailsTypes.length === 0 ? undefined : detailsTypes,
    }),
    jwks: () => keys.jwks(),
    look: () => keys.look(),
  };
}
