import type { OwnJwks, PublishedIssuer } from '#tokens';

const PATH = '/idporten';

/** What our ID-porten below an origin is called as an issuer. */
export function idportenName(origin: string): string {
  return `${origin}${PATH}`;
}

/** Our ID-porten below an origin, for tokens that are meant for that origin. Its name ends without a slash, as ID-porten's own does. */
export function idportenIssuer(origin: string, keys: OwnJwks): PublishedIssuer {
  const issuer = idportenName(origin);
  return {
    path: PATH,
    trusted: { issuer, kind: 'idporten', audience: origin, algorithms: ['RS256', 'ES256'] },
    metadata: { issuer, jwks_uri: `${issuer}/jwk`, subject_types_supported: ['pairwise'] },
    jwks: () => keys.jwks(),
    look: () => keys.look(),
  };
}
