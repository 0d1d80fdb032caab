import { type PageOf, type PageRange, pickedPage } from '#access';
import type { Stored } from '#storage';
import { type Asking, leaveFor } from '../administer/leave.js';
import { gotBy } from '../entities.js';
import type { ScopeAccess } from '../nouns.js';
import { collectionsOf, type SideParts } from '../parts.js';
import { deactivateClient } from './change-client.js';
import { keysOf } from './client-keys.js';
import { createClient } from './create-client.js';
import type { ClientView } from './leave-for-client.js';
import { listClients } from './read-client.js';

/** What there is to say of a client for machines. */
export interface SharedClient {
  readonly description: string;
  readonly scopes: readonly string[];
  /** RFC 7517 */
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** What the organisation has got. @param inactive revoked ones too. @throws ProblemError as leaveFor says */
export async function listSharedAccesses(
  parts: SideParts,
  request: Asking,
  inactive: boolean,
  range: PageRange,
): Promise<PageOf<Stored<ScopeAccess>>> {
  const { orgnr } = await leaveFor(parts, request, { action: 'datasharing.list-accesses' });
  const where = { index: 'consumer', prefix: gotBy(orgnr, inactive ? undefined : 'kept') };
  return pickedPage(collectionsOf(parts.store).scopeAccesses, where, range, (found) => found);
}

/** The clients of the organisation, and those that it keeps. @throws ProblemError as leaveFor says */
export function listSharedClients(parts: SideParts, request: Asking, inactive: boolean, range: PageRange): Promise<PageOf<ClientView>> {
  return listClients(parts, request, { inactive, action: 'datasharing.list-clients' }, range);
}

/** Registers a client for machines with its keys, or neither. @throws ProblemError as createClient says */
export function createSharedClient(parts: SideParts, request: Asking, { description, scopes, keys }: SharedClient): Promise<ClientView> {
  const sent = { name: description, integrationType: 'maskinporten' as const, scopes };
  return createClient(parts, request, sent, { action: 'datasharing.create-client', keys: (at) => keysOf(keys, at) });
}

/** Takes a client of the organisation's own out of use. @throws ProblemError as leaveFor says */
export function deactivateSharedClient(parts: SideParts, request: Asking, id: string): Promise<ClientView> {
  return deactivateClient(parts, request, id, 'any', 'datasharing.deactivate-client');
}
