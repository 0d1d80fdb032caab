import type { AdminRequest } from '#access';
import { type Orgnr, toInstant } from '#domain';
import { invalid } from '#problem';
import type { IntegrationType } from '../nouns.js';
import type { SideParts } from '../parts.js';
import { grantAccess } from '../registry/accesses.js';
import { ownScopes } from '../registry/own-scopes.js';
import { keysOf } from './client-keys.js';
import { createClient } from './create-client.js';
import type { ClientView } from './leave-for-client.js';

/** What an organisation begins with, if nothing else is said: by it, it keeps its own scopes, clients and delegations. */
export const FIRST_SCOPES: readonly string[] = [
  'idporten:scopes.write',
  'idporten:dcr.read',
  'idporten:dcr.write',
  'maskinporten:delegations.write',
];

/** The first client of an organisation. */
export interface FirstClient {
  readonly orgnr: Orgnr;
  readonly name: string;
  /** Scopes of the product's own. */
  readonly scopes?: readonly string[];
  /** RFC 7517, public members only. */
  readonly jwk: Readonly<Record<string, unknown>>;
}

/**
 * Makes an organisation the client by which it keeps all that follows: grants it the product's own scopes that are named, which is for the operator, and
 * registers the client with its key. What is granted already stays so; the client is a new one each time.
 * @throws ProblemError as grantAccess and createClient say
 */
export async function createFirstClient(
  parts: SideParts,
  request: AdminRequest,
  { orgnr, name, jwk, scopes = FIRST_SCOPES }: FirstClient,
): Promise<ClientView> {
  const own = ownScopes(parts.side);
  const strange = scopes.findIndex((scope) => !own.has(scope as never));
  if (strange !== -1) throw invalid(`/scopes/${strange}`, `must be one of ${[...own.keys()].join(', ')}`);
  // Looked at before anything is granted.
  keysOf([jwk], toInstant(parts.clock()), '');
  for (const scope of scopes) await grantAccess(parts, request, { scope, consumer: orgnr });
  const sent = { name, orgnr, integrationType: 'maskinporten' as IntegrationType, scopes };
  return createClient(parts, request, sent, { keys: (at) => keysOf([jwk], at) });
}
