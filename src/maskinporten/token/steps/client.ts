import type { Client } from '../../nouns.js';
import { collectionsOf, isClientKey } from '../../parts.js';
import type { TokenParts } from '../parts.js';
import { TokenFault } from '../token-fault.js';
import type { Assertion } from './assertion.js';

/** Who sends the assertion, if it is who it says. */
export interface FoundClient {
  readonly client: Client;
  /** Of the document. */
  readonly clientRevision: number;
}

/** The client that `iss` names. That there is none, and that it is out of use, is one answer. */
export async function findClient({ claims }: Assertion, { store }: Pick<TokenParts, 'store'>): Promise<FoundClient | TokenFault> {
  const found = isClientKey(claims.iss) ? await collectionsOf(store).clients.get(claims.iss) : undefined;
  if (found === undefined || !found.value.active) return new TokenFault('MP-100');
  return { client: found.value, clientRevision: found.revision };
}
