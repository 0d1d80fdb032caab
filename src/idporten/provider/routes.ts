/** Paths below the issuer. */
export const ROUTES = {
  authorization: '/authorize',
  token: '/token',
  pushed_authorization_request: '/par',
  userinfo: '/userinfo',
  introspection: '/token/introspect',
  revocation: '/token/revoke',
  end_session: '/logout',
  jwks: '/jwk',
} as const;
