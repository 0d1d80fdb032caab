import { createHash, randomUUID } from 'node:crypto';
import type { PersonNumber } from '#domain';

/** The claims of an ID-porten access token, but for the times. */
export interface PersonClaims {
  readonly iss: string;
  readonly aud: string;
  readonly sub: string;
  readonly pid: PersonNumber;
  readonly acr: string;
  readonly scope: string;
  readonly client_id: string;
  readonly client_amr: 'private_key_jwt';
  readonly token_type: 'Bearer';
  readonly jti: string;
}

/** What personClaims is told; `scopes` are `openid profile` and `jti` is random if left out. */
export interface PersonClaimsOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly pid: PersonNumber;
  readonly clientId: string;
  readonly acr: string;
  readonly scopes?: readonly string[];
  readonly jti?: string;
}

/** Claims as in ID-porten's access tokens; `sub` differs from client to client (pairwise, OpenID Connect Core 1.0 §8.1). */
export function personClaims(options: PersonClaimsOptions): PersonClaims {
  const { issuer, audience, pid, clientId, acr, scopes = ['openid', 'profile'], jti = randomUUID() } = options;
  return {
    iss: issuer,
    aud: audience,
    // Not secret: whoever has the token reads the pid beside it.
    sub: createHash('sha256')
      .update(JSON.stringify([issuer, clientId, pid]))
      .digest('base64url'),
    pid,
    acr,
    scope: scopes.join(' '),
    client_id: clientId,
    client_amr: 'private_key_jwt',
    token_type: 'Bearer',
    jti,
  };
}
