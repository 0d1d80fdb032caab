import { eachOf } from '#access';
import type { ChangeFacts, Store } from '#storage';
import { agentClientKey } from '../entities.js';
import { collectionsOf } from '../parts.js';

/** Removes the clients of an agent that is over. What is broken off is over all the same: nobody acts as one that is removed. */
export async function endClientsOfAgent(store: Store, systemUserId: string, facts: ChangeFacts): Promise<void> {
  const { agentClients } = collectionsOf(store);
  await eachOf(agentClients, { prefix: agentClientKey(systemUserId) }, async ({ client }) => {
    await agentClients.remove(agentClientKey(systemUserId, client), { expect: 'any', facts });
  });
}
