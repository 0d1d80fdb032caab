import type { OpenKey } from '#tokens';
import type { Told } from './occurrences.js';

/** How what has happened is named in a Security Event Token. */
function eventUri(occurrence: string): string {
  return `urn:tilgang:systemuser:event:${occurrence}`;
}

/** Who tells it to whom. */
export interface Addressed {
  readonly issuer: string;
  /** The URL that it is sent to, as the vendor has registered it. */
  readonly audience: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * A Security Event Token (RFC 8417): a signed JWT of the type `secevent+jwt`, whose `jti` is the same however often it is sent. It has no `exp`, which the RFC advises against.
 */
export async function securityEventToken(key: OpenKey, told: Told, { issuer, audience, now }: Addressed): Promise<string> {
  const { alg, kid } = key.jwk;
  const about = toldBody(told);
  const claims = {
    iss: issuer,
    aud: audience,
    iat: Math.floor(now / 1000),
    jti: told.id,
    toe: Math.floor(Date.parse(told.at) / 1000),
    sub_id: { format: 'opaque', id: told.systemUserId },
    events: Object.fromEntries(told.occurrences.map((occurrence) => [eventUri(occurrence), about])),
  };
  const signed = `${encoded({ typ: 'secevent+jwt', alg, kid })}.${encoded(claims)}`;
  return `${signed}.${await key.signText(signed)}`;
}

/** What is said of a system user, in the words of Altinn's API. */
export function toldBody({ systemUserId, systemId, party, externalRef, type, status, changeId }: Told) {
  const body = { systemUserId, systemId, partyOrgNo: party, externalRef, userType: type, status };
  return changeId === undefined ? body : { ...body, changeRequestId: changeId };
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
