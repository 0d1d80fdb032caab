import { createHash, randomBytes } from 'node:crypto';
import { CITIZENS_CLIENT } from '#maskinporten';
import type { Reply } from '../state.js';

/** What a page of ours asks of a login. */
export interface OwnLogin {
  /** Where the browser comes back to: one of the addresses of our own client. */
  readonly back: string;
  /** What comes back with it. */
  readonly state?: string;
  readonly acr?: 'idporten-loa-substantial' | 'idporten-loa-high';
}

/** Where somebody logs in as at any client, and comes back. The code is not wanted, only that somebody has logged in: nobody could redeem it. */
export function ownLoginAddress({
  back,
  state = randomBytes(16).toString('base64url'),
  acr = 'idporten-loa-substantial',
}: OwnLogin): string {
  const query = new URLSearchParams({
    client_id: CITIZENS_CLIENT,
    response_type: 'code',
    scope: 'openid',
    redirect_uri: back,
    acr_values: acr,
    state,
    code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
    code_challenge_method: 'S256',
  });
  return `/idporten/authorize?${query}`;
}

/** Sends a browser there. */
export function ownLogin(login: OwnLogin): Reply {
  return seeOther(ownLoginAddress(login));
}

/** Sends a browser on, by GET, and tells nobody where it was. */
export function seeOther(location: string): Reply {
  return { status: 303, headers: { Location: location, 'Referrer-Policy': 'no-referrer' } };
}
