import { setImmediate } from 'node:timers/promises';
import type { PageOf, PageRange } from '#access';
import { type Orgnr, present } from '#domain';
import { type Asking, leaveFor } from '../administer/leave.js';
import { clientOf } from '../entities.js';
import type { Client } from '../nouns.js';
import { collectionsOf, type MaskinportenParts } from '../parts.js';
import { type ClientView, leaveForClient } from './leave-for-client.js';

/** Read in one turn: a client may have very many scopes. */
const TOGETHER = 10;
/** A page ends early when it has so many scopes and clients, or has looked at so many. */
const HEAVIEST = 10_000;
const LOOKED_AT = 5000;

/** A client of the organisation, or one that it keeps for another. @throws ProblemError as leaveFor says */
export async function readClient(parts: MaskinportenParts, request: Asking, id: string): Promise<ClientView> {
  return (await leaveForClient(parts, request, id, 'client.read')).before;
}

/** Which clients are listed. */
export interface ClientFilter {
  /** Those too that are deactivated. */
  readonly inactive?: boolean;
  readonly action?: string;
  readonly orgnr?: Orgnr;
}

/** The clients of the organisation and those that it keeps for others, in the order of their ids. @throws ProblemError as leaveFor says */
export async function listClients(
  parts: MaskinportenParts,
  request: Asking,
  { inactive = false, action = 'client.list', orgnr }: ClientFilter,
  { limit, cursor }: PageRange,
): Promise<PageOf<ClientView>> {
  const { orgnr: listed } = await leaveFor(parts, request, { action, orgnr });
  const { clients } = collectionsOf(parts.store);
  const items: ClientView[] = [];
  let at = cursor;
  for (let weight = 0, looked = 0; ; ) {
    const wanted = Math.min(TOGETHER, limit - items.length);
    const page = await clients.query(present({ index: 'party', prefix: clientOf(listed), limit: wanted, cursor: at }));
    for (const view of page.items) {
      if (!view.value.active && !inactive) continue;
      items.push(view);
      weight += weightOf(view.value);
    }
    at = page.next;
    looked += page.items.length;
    if (at === undefined) return { items };
    if (items.length >= limit || weight >= HEAVIEST || looked >= LOOKED_AT) return { items, next: at };
    await setImmediate();
  }
}

function weightOf({ scopes, redirectUris, postLogoutRedirectUris }: Client): number {
  return 10 + scopes.length + redirectUris.length + postLogoutRedirectUris.length;
}
