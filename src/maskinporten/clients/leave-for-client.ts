import { repeated } from '#access';
import { isFault } from '#domain';
import type { Stored } from '#storage';
import { type Asking, actingFor, type JudgedObject, type Leave, leaveFor } from '../administer/leave.js';
import { clientOf } from '../entities.js';
import type { Client } from '../nouns.js';
import { collectionsOf, type MaskinportenParts } from '../parts.js';
import { isOwnScope } from '../registry/own-scopes.js';
import { parseClientId } from './client-id.js';

/** A client with its revision. */
export type ClientView = Stored<Client>;

/** Leave for an act on a client, with the client as it stands. */
export interface ClientLeave extends Leave {
  readonly before: ClientView;
}

/** Asks leave, as leaveFor does: one that is another organisation's is as one that is not there, since neither is read. */
export async function leaveForClient(parts: MaskinportenParts, request: Asking, id: string, action: string): Promise<ClientLeave> {
  const before = await ownClient(parts, request, id);
  const leave = await leaveFor(parts, request, { action, object: judgedClient(before?.value) });
  if (before === undefined) throw new TypeError('the policy gave a yes for a client that is not there');
  return { ...leave, before };
}

/** Does it, and all of it again if somebody else has written meanwhile. */
export function changing<T>(
  parts: MaskinportenParts,
  request: Asking,
  id: string,
  action: string,
  change: (leave: ClientLeave) => Promise<T>,
): Promise<T> {
  return repeated(async () => change(await leaveForClient(parts, request, id, action)));
}

function judgedClient(client: Client | undefined): JudgedObject {
  return client === undefined
    ? { exists: false }
    : {
        owner: client.orgnr,
        supplier: client.supplier,
        exists: true,
        active: client.active,
        ofProduct: client.scopes.some(isOwnScope),
      };
}

/** The client, if it is one of the organisation's or one that it keeps: of others' nothing is read. The operator has all. */
async function ownClient({ store }: MaskinportenParts, request: Asking, sent: string): Promise<ClientView | undefined> {
  const { clients } = collectionsOf(store);
  const id = parseClientId(sent);
  if (isFault(id)) return undefined;
  const orgnr = actingFor(request);
  if (orgnr === undefined) return request.caller.kind === 'operator' ? clients.get(id) : undefined;
  const { items } = await clients.query({ index: 'party', equals: clientOf(orgnr, id), limit: 1 });
  return items[0];
}
