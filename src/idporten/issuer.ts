import type { OwnJwks, PublishedIssuer } from '#tokens';
import { ACR_VALUES } from './provider/levels.js';

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
    metadata: metadataOf(issuer),
    jwks: () => keys.jwks(),
    look: () => keys.look(),
  };
}

const CLIENT_METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'];
const CLIENT_ALGORITHMS = ['RS256', 'RS384', 'RS512'];
const SIGNING_ALGORITHMS = ['RS256', 'ES256'];

/** OpenID Connect Discovery 1.0 §3, RFC 8414 §2; only what there is. */
function metadataOf(issuer: string): PublishedIssuer['metadata'] {
  const methods = { endpoint_auth_methods_supported: CLIENT_METHODS, endpoint_auth_signing_alg_values_supported: CLIENT_ALGORITHMS };
  const atEach = Object.entries(methods).flatMap(([member, values]) =>
    ['token', 'introspection', 'revocation'].map((endpoint) => [`${endpoint}_${member}`, values]),
  );
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    pushed_authorization_request_endpoint: `${issuer}/par`,
    userinfo_endpoint: `${issuer}/userinfo`,
    introspection_endpoint: `${issuer}/token/introspect`,
    revocation_endpoint: `${issuer}/token/revoke`,
    end_session_endpoint: `${issuer}/logout`,
    jwks_uri: `${issuer}/jwk`,
    scopes_supported: ['openid', 'profile'],
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'fragment', 'form_post', 'jwt', 'query.jwt', 'fragment.jwt', 'form_post.jwt'],
    grant_types_supported: ['authorization_code', 'refresh_token'],
    prompt_values_supported: ['none', 'login', 'consent'],
    subject_types_supported: ['pairwise'],
    acr_values_supported: ACR_VALUES,
    claims_supported: ['iss', 'aud', 'sub', 'pid', 'acr', 'amr', 'auth_time', 'locale', 'nonce', 'sid', 'jti'],
    code_challenge_methods_supported: ['S256'],
    ui_locales_supported: ['nb', 'nn', 'en', 'se'],
    ...Object.fromEntries(atEach),
    id_token_signing_alg_values_supported: SIGNING_ALGORITHMS,
    authorization_signing_alg_values_supported: SIGNING_ALGORITHMS,
    dpop_signing_alg_values_supported: ['ES256', 'PS256', 'RS256'],
    authorization_response_iss_parameter_supported: true,
    frontchannel_logout_supported: true,
    frontchannel_logout_session_supported: true,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    claims_parameter_supported: false,
  };
}
