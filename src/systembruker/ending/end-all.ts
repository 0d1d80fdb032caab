import { type AccessParts, type Ending, eachOf, rewritten } from '#access';
import { endClientsOfAgent } from '../agents/end-clients.js';
import { agentClientKey, ofParty, relationKey, relationOf, systemOf } from '../entities.js';
import type { ClientRelation } from '../nouns.js';
import { collectionsOf } from '../parts.js';
import { releaseClients } from '../register/clients.js';

type Parts = Pick<AccessParts, 'store' | 'clock'>;

/**
 * Ends what an organisation that has ceased still has: whoever asks sees then what the rules say already. Of a merge it is what went on in the new one, which
 * has been told of, and what others came by since.
 */
export async function endAll(parts: Parts, ending: Ending): Promise<void> {
  const told = ending.into === undefined ? ending : { ...ending, count: () => {} };
  await endSystemUsers(parts, told);
  await endRelations(parts, told);
  await endSystems(parts, told);
  await endServices(parts, told);
}

async function endSystemUsers({ store }: Parts, ending: Ending): Promise<void> {
  const { orgnr, at, actor, dryRun, count } = ending;
  const { systemUsers, agentClients } = collectionsOf(store);
  await eachOf(systemUsers, { index: 'party', prefix: ofParty(orgnr) }, async ({ id, type }) => {
    count('system users and requests ended');
    if (dryRun) return;
    // Before it: by it they are found.
    if (type === 'agent') await endClientsOfAgent(store, id, ending.facts('agent-client.end'));
    await rewritten(ending, 'system-user.end', systemUsers, id, (before) =>
      before === undefined || before.removed !== undefined
        ? undefined
        : { ...before, removed: { at, by: actor, side: 'customer' as const }, updated: at },
    );
  });
  await eachOf(agentClients, { index: 'client', prefix: `${orgnr}/` }, async ({ systemUserId, client }) => {
    if (!dryRun)
      await agentClients.remove(agentClientKey(systemUserId, client), { expect: 'any', facts: ending.facts('agent-client.end') });
  });
}

/** Packages that it has given, and that it was given. */
async function endRelations({ store }: Parts, ending: Ending): Promise<void> {
  const { orgnr, dryRun, count } = ending;
  const { clientRelations } = collectionsOf(store);
  const end = async ({ provider, client, source }: ClientRelation): Promise<void> => {
    count('packages taken back');
    if (dryRun) return;
    await clientRelations.remove(relationKey(provider, client, source), { expect: 'any', facts: ending.facts('client-relation.end') });
  };
  await eachOf(clientRelations, { index: 'client', prefix: relationOf(orgnr) }, end);
  await eachOf(clientRelations, { prefix: relationKey(orgnr) }, end);
}

/** As their vendor deletes them: their clients are free, their ids are not. */
async function endSystems(parts: Parts, ending: Ending): Promise<void> {
  const { orgnr, at, actor, dryRun, count } = ending;
  const { systems } = collectionsOf(parts.store);
  await eachOf(systems, { index: 'vendor', prefix: systemOf(orgnr) }, async ({ id, clientIds }) => {
    count('systems deleted');
    if (dryRun) return;
    await rewritten(ending, 'system.delete', systems, id, (before) => {
      if (before === undefined || before.vendor !== orgnr || before.deleted !== undefined) return undefined;
      const { seat: _, ...rest } = before;
      return { ...rest, clientIds: [], updated: at, deleted: { at, by: actor } };
    });
    await releaseClients(parts, clientIds, { systemId: id, facts: ending.facts('system.delete') });
  });
}

async function endServices({ store }: Parts, ending: Ending): Promise<void> {
  const { orgnr, at, dryRun, count } = ending;
  const { resources } = collectionsOf(store);
  await eachOf(resources, { index: 'owner', prefix: `${orgnr}/` }, async ({ id, active }) => {
    if (!active) return;
    count('services taken out of use');
    if (dryRun) return;
    await rewritten(ending, 'resource.remove', resources, id, (before) =>
      before?.owner === orgnr && before.active ? { ...before, active: false, updated: at } : undefined,
    );
  });
}
