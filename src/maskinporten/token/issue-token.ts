import { present } from '#domain';
import { MOST_TOKEN_CHARACTERS } from '#tokens';
import { machineClaims } from '../machine-claims.js';
import { sourceIssuer } from '../registry/own-scopes.js';
import type { TokenParts } from './parts.js';
import type { Form } from './steps/form.js';
import { checks } from './steps/index.js';
import { TokenFault } from './token-fault.js';

/** A token, as RFC 6749 §5.1 answers it. */
export interface IssuedToken {
  readonly accessToken: string;
  /** Seconds that the token lives. */
  readonly expiresIn: number;
  readonly scope: string;
}

/** Issues an access token for the JWT-bearer grant (RFC 7523), or says what is wrong with the request. @throws as the store, the rules and the signer */
export async function issueToken(parts: TokenParts, request: Form): Promise<IssuedToken | TokenFault> {
  const known = await checks.run(request, parts);
  if (known instanceof TokenFault) return known;
  const { claims, client, grant, amr, details } = known;
  const { issuer, origin, clock } = parts;
  const base = machineClaims({
    issuer: issuer.name,
    audience: grant.audience,
    client: present({ id: client.id, orgnr: grant.consumer, supplierOrgnr: grant.supplier ?? undefined }),
    amr,
    delegationSource: grant.delegationSource === null ? null : sourceIssuer(grant.delegationSource, { origin }),
    scopes: claims.scopes,
  });
  const token = { ...base, pid: claims.pid, authorization_details: details };
  const accessToken = await issuer.signer.sign(token, { expiresInSeconds: grant.lifetime, now: clock() });
  if (accessToken.length > MOST_TOKEN_CHARACTERS) return new TokenFault('token-too-long', { detail: String(MOST_TOKEN_CHARACTERS) });
  return { accessToken, expiresIn: grant.lifetime, scope: base.scope };
}
