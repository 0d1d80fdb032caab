import type { AdminRequest } from '#access';
import { type Orgnr, toInstant } from '#domain';
import type { SideParts } from '../parts.js';
import { grantAccess } from '../registry/accesses.js';
import { keysOf } from './client-keys.js';
import { createClient } from './create-client.js';
import type { ClientView } from './leave-for-client.js';

/** What an organisation begins with: by it, it keeps its own scopes and clients. */
const FIRST_SCOPES: readonly string[] = ['idporten:scopes.write', 'idporten:dcr.read', 'idporten:dcr.write'];

/** The first client of an organisation. */
export interface FirstClient {
  readonly orgnr: Orgnr;
  readonly name: string;
  /** RFC 7517, public members only. */
  readonly jwk: Readonly<Record<string, unknown>>;
}

/**
 * Makes an organisation the client by which it keeps all that follows: grants it the scopes of the product's own that it takes, which is for the operator,
 * and registers the client with its key. What is granted already stays so; the client is a new one each time.
 * @throws ProblemError as grantAccess and createClient say
 */
export async function createFirstClient(parts: SideParts, request: AdminRequest, { orgnr, name, jwk }: FirstClient): Promise<ClientView> {
  // Looked at before anything is granted.
  keysOf([jwk], toInstant(parts.clock()), '');
  for (const scope of FIRST_SCOPES) await grantAccess(parts, request, { scope, consumer: orgnr });
  const sent = { name, orgnr, integrationType: 'maskinporten' as const, scopes: FIRST_SCOPES };
  return createClient(parts, request, sent, { keys: (at) => keysOf([jwk], at) });
}
