import { isFault } from '#domain';
import type { Store } from '#storage';
import type { Client, IntegrationType } from '../nouns.js';
import { collectionsOf } from '../parts.js';
import { parseClientId } from './client-id.js';

const OF_PERSONS: readonly IntegrationType[] = ['idporten', 'api_klient'];

/** The client by which persons log in, as it stands; absent: there is none of that id, it is out of use, or nobody logs in by it. One read. */
export async function loginClient(store: Store, sent: string): Promise<Client | undefined> {
  const id = parseClientId(sent);
  if (isFault(id)) return undefined;
  const client = (await collectionsOf(store).clients.get(id))?.value;
  return client?.active === true && OF_PERSONS.includes(client.integrationType) ? client : undefined;
}
