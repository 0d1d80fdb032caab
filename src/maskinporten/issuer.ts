import type { PublishedIssuer, SigningKeys } from '#tokens';

const PATH = '/maskinporten/';

/** What our Maskinporten below an origin is called as an issuer. */
export function maskinportenName(origin: string): string {
  return `${origin}${PATH}`;
}

/** Our Maskinporten below an origin, for tokens that are meant for that origin. Its name ends in a slash, as Maskinporten's own does. */
export function maskinportenIssuer(origin: string, keys: Pick<SigningKeys, 'jwks'>): PublishedIssuer {
  const issuer = maskinportenName(origin);
  return {
    path: PATH,
    trusted: { issuer, kind: 'maskinporten', audience: origin, algorithms: ['RS256'] },
    metadata: { issuer, jwks_uri: `${issuer}jwk`, grant_types_supported: ['urn:ietf:params:oauth:grant-type:jwt-bearer'] },
    jwks: () => keys.jwks(),
  };
}
