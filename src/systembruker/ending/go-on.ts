import { type AccessParts, type Ending, eachOf, everyOf, repeated, rewritten } from '#access';
import type { Orgnr } from '#domain';
import { agentClientKey, inSystem, ofParty, relationKey, relationOf, systemOf } from '../entities.js';
import type { AgentClient, ClientRelation, SystemUser } from '../nouns.js';
import { collectionsOf } from '../parts.js';
import { livingOf } from '../users/standing.js';

type Parts = Pick<AccessParts, 'store'>;
/** What goes on in another organisation. */
type GoingOn = Ending & { readonly into: Orgnr };

/**
 * Lets the successor have what the organisation has: its services, its systems with their system users and webhooks, what its clients have given it and it has given, and its system users.
 * All keep their ids. What the successor has itself stands, where both have the same.
 */
export async function goesOn(parts: Parts, ending: Ending): Promise<void> {
  const { into } = ending;
  if (into === undefined) return;
  const going = { ...ending, into };
  await servicesGoOn(parts, going);
  await systemsGoOn(parts, going);
  await relationsGoOn(parts, going, 'client');
  await relationsGoOn(parts, going, 'provider');
  await systemUsersGoOn(parts, going);
  await clientsOfAgentsGoOn(parts, going);
}

/** Those that it owns, and the lists of those who may have one. */
async function servicesGoOn({ store }: Parts, going: GoingOn): Promise<void> {
  const { orgnr, into, at, dryRun, count } = going;
  const { resources } = collectionsOf(store);
  await eachOf(resources, {}, async ({ id, owner, onlyFor }) => {
    if (owner !== orgnr && onlyFor?.includes(orgnr) !== true) return;
    if (owner === orgnr) count('services moved');
    if (dryRun) return;
    await rewritten(going, 'resource.move', resources, id, (before) => {
      if (before === undefined || (before.owner !== orgnr && before.onlyFor?.includes(orgnr) !== true)) return undefined;
      const onlyFor = before.onlyFor && [...new Set(before.onlyFor.map((one) => (one === orgnr ? into : one)))];
      const moved = { ...before, owner: before.owner === orgnr ? into : before.owner, updated: at };
      return onlyFor === undefined ? moved : { ...moved, onlyFor };
    });
  });
}

/** Each after its system users: begun anew, it is found by what has not moved yet. */
async function systemsGoOn({ store }: Parts, going: GoingOn): Promise<void> {
  const { orgnr, into, at, dryRun, count } = going;
  const { systems, systemUsers, webhooks, webhookDeliveries } = collectionsOf(store);
  for await (const { id } of everyOf(systems, { index: 'vendor', prefix: systemOf(orgnr) })) {
    count('systems moved');
    if (dryRun) continue;
    const kept = <T extends { readonly vendor: Orgnr }>(before: T | undefined): T | undefined =>
      before?.vendor === orgnr ? { ...before, vendor: into } : undefined;
    await eachOf(systemUsers, { index: 'system', prefix: inSystem(id) }, async (user) => {
      await rewritten(going, 'system-user.follow-vendor', systemUsers, user.id, (before) => {
        const moved = kept(before);
        return moved && { ...moved, updated: at };
      });
    });
    await rewritten(going, 'webhook.move', webhooks, id, kept);
    await rewritten(going, 'webhook.move', webhookDeliveries, id, kept);
    await rewritten(going, 'system.move', systems, id, (before) => {
      if (before?.vendor !== orgnr) return undefined;
      const { seat: _, ...rest } = before;
      return { ...rest, vendor: into, updated: at };
    });
  }
}

/** @param role what the organisation is in them */
async function relationsGoOn({ store }: Parts, going: GoingOn, role: 'client' | 'provider'): Promise<void> {
  const { orgnr, into, at, dryRun, count } = going;
  const { clientRelations } = collectionsOf(store);
  const where = role === 'client' ? { index: 'client', prefix: relationOf(orgnr) } : { prefix: relationKey(orgnr) };
  const name = role === 'client' ? 'packages given' : 'packages got';
  await eachOf(clientRelations, where, async (held) => {
    if (held.until !== undefined && held.until <= at) return;
    const { seat: _, ...moved } = { ...held, [role]: into };
    if (moved.client === moved.provider) return count('packages given between the two that end');
    const key = relationKey(moved.provider, moved.client, moved.source);
    let outcome = `${name}, moved`;
    const rewrite = (there: ClientRelation | undefined): ClientRelation | undefined => {
      const isOver = there?.until !== undefined && there.until <= at;
      outcome = there === undefined || isOver ? `${name}, moved` : `${name}, where what the new one has stands`;
      return there === undefined || isOver ? { ...moved, updated: at } : undefined;
    };
    if (dryRun) rewrite((await clientRelations.get(key))?.value);
    else await rewritten(going, 'client-relation.move', clientRelations, key, rewrite);
    count(outcome);
  });
}

/** They keep their ids, so that what acts as them goes on; requests wait for whoever answers for the successor. */
async function systemUsersGoOn({ store }: Parts, going: GoingOn): Promise<void> {
  const { orgnr, into, at, dryRun, count } = going;
  const { systemUsers } = collectionsOf(store);
  const moved = (user: SystemUser): SystemUser => ({
    ...user,
    party: into,
    externalRef: user.externalRef === orgnr ? into : user.externalRef,
    updated: at,
  });
  await eachOf(systemUsers, { index: 'party', prefix: ofParty(orgnr) }, async (held) => {
    const isMoved = await repeated(async () => {
      const before = await systemUsers.get(held.id);
      if (before === undefined || before.value.party !== orgnr || before.value.removed !== undefined) return undefined;
      const value = moved(before.value);
      if ((await livingOf({ store }, value)) !== undefined) return false;
      if (!dryRun) await systemUsers.put(value, { expect: before.revision, facts: going.facts('system-user.follow-customer') });
      return true;
    });
    if (isMoved !== undefined) count(isMoved ? 'system users moved' : 'system users that end, since the new one has such itself');
  });
}

/** Clients of the agents that have moved, and agents of others whose client the organisation is. */
async function clientsOfAgentsGoOn({ store }: Parts, going: GoingOn): Promise<void> {
  const { orgnr, into, dryRun } = going;
  const { agentClients, systemUsers } = collectionsOf(store);
  const move = async (held: AgentClient): Promise<void> => {
    const moved = { ...held, ...(held.provider === orgnr ? { provider: into } : { client: into }) };
    if (dryRun) return;
    const key = agentClientKey(held.systemUserId, held.client);
    // Whoever acts for itself does so by other packages: it is added anew.
    const isKept = moved.provider !== moved.client;
    if (isKept) {
      await rewritten(going, 'agent-client.move', agentClients, agentClientKey(moved.systemUserId, moved.client), (there) =>
        there === undefined || there.provider === orgnr ? moved : undefined,
      );
    }
    if (!isKept || moved.client !== held.client) await agentClients.remove(key, { expect: 'any', facts: going.facts('agent-client.move') });
  };
  // By now those that have moved are the successor's.
  for (const party of [into, orgnr]) {
    for await (const { id, type } of everyOf(systemUsers, { index: 'party', prefix: ofParty(party, 'kept') })) {
      if (type !== 'agent') continue;
      await eachOf(agentClients, { prefix: agentClientKey(id) }, async (held) => (held.provider === orgnr ? move(held) : undefined));
    }
  }
  await eachOf(agentClients, { index: 'client', prefix: `${orgnr}/` }, move);
}
