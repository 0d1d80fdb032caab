import type { PublishedIssuer, SigningKeys } from '#tokens';

/** Our ID-porten below an origin, for tokens that are meant for that origin. Its name ends without a slash, as ID-porten's own does. */
export function idportenIssuer(origin: string, keys: Pick<SigningKeys, 'jwks'>): PublishedIssuer {
  const path = '/idporten';
  const issuer = `${origin}${path}`;
  return {
    path,
    trusted: { issuer, kind: 'idporten', audience: origin, algorithms: ['RS256'] },
    metadata: { issuer, jwks_uri: `${issuer}/jwk`, subject_types_supported: ['pairwise'] },
    jwks: () => keys.jwks(),
  };
}
