import type { Ending } from '#access';
import { accessKey, clientOf, delegatedBy, delegatedTo, delegationKey, gotBy, ownedBy } from '../entities.js';
import { collectionsOf, type MaskinportenParts } from '../parts.js';
import { eachOf, rewritten } from './each.js';

/**
 * Ends what an organisation that has ceased still has: whoever asks sees then what the rules say already. Of a merge it is what went on in the new one, which
 * has been told of, and what others came by since.
 */
export async function endAll(parts: MaskinportenParts, ending: Ending): Promise<void> {
  const told = ending.into === undefined ? ending : { ...ending, count: () => {} };
  await endClients(parts, told);
  await endAccesses(parts, told);
  await endDelegations(parts, told);
  await endScopes(parts, told);
}

async function endClients({ store }: MaskinportenParts, { orgnr, at, facts, dryRun, count }: Ending): Promise<void> {
  const { clients } = collectionsOf(store);
  await eachOf(clients, { index: 'party', prefix: clientOf(orgnr) }, async ({ id, active }) => {
    if (!active) return;
    count('clients deactivated');
    if (dryRun) return;
    await rewritten(clients, id, facts('client.deactivate'), (before) =>
      before?.active === true ? { ...before, active: false, updated: at } : undefined,
    );
  });
}

async function endAccesses({ store }: MaskinportenParts, { orgnr, at, facts, dryRun, count }: Ending): Promise<void> {
  const { scopeAccesses } = collectionsOf(store);
  await eachOf(scopeAccesses, { index: 'consumer', prefix: gotBy(orgnr, 'kept') }, async ({ consumer, scope }) => {
    count('accesses revoked');
    if (dryRun) return;
    await rewritten(scopeAccesses, accessKey(consumer, scope), facts('access.revoke'), (before) => {
      if (before?.state !== 'APPROVED') return undefined;
      const { seat: _, until: __, ...rest } = before;
      return { ...rest, state: 'DENIED' as const, updated: at };
    });
  });
}

async function endDelegations({ store }: MaskinportenParts, { orgnr, at, actor, facts, dryRun, count }: Ending): Promise<void> {
  const { delegations } = collectionsOf(store);
  for (const where of [
    { index: 'consumer', prefix: delegatedBy(orgnr, 'kept') },
    { index: 'supplier', prefix: delegatedTo(orgnr, 'kept') },
  ]) {
    await eachOf(delegations, where, async ({ consumer, supplier, scope }) => {
      count('delegations withdrawn');
      if (dryRun) return;
      await rewritten(delegations, delegationKey(consumer, supplier, scope), facts('delegation.withdraw'), (before) => {
        if (before === undefined || before.withdrawn !== undefined) return undefined;
        const { seat: _, ...rest } = before;
        return { ...rest, updated: at, withdrawn: { at, by: actor } };
      });
    });
  }
}

/** The scopes before their prefix, which is in use until then. */
async function endScopes({ store }: MaskinportenParts, { orgnr, at, facts, dryRun, count }: Ending): Promise<void> {
  const { scopePrefixes, scopes } = collectionsOf(store);
  await eachOf(scopes, { index: 'active', prefix: ownedBy(orgnr) }, async ({ name }) => {
    count('scopes deactivated');
    if (dryRun) return;
    await rewritten(scopes, name, facts('scope.deactivate'), (before) => {
      if (before?.active !== true) return undefined;
      const { seat: _, ...rest } = before;
      return { ...rest, active: false, updated: at };
    });
  });
  await eachOf(scopePrefixes, { index: 'owner', prefix: ownedBy(orgnr) }, async ({ prefix, active }) => {
    if (!active) return;
    count('prefixes taken back');
    if (dryRun) return;
    await rewritten(scopePrefixes, prefix, facts('prefix.withdraw'), (before) =>
      before?.active === true ? { ...before, active: false, updated: at } : undefined,
    );
  });
}
