import { type Ending, eachOf, rewritten } from '#access';
import { accessKey, clientOf, delegatedBy, delegatedTo, delegationKey, gotBy, ownedBy } from '../entities.js';
import { collectionsOf, type MaskinportenParts } from '../parts.js';

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

async function endClients({ store }: MaskinportenParts, ending: Ending): Promise<void> {
  const { orgnr, at, dryRun, count } = ending;
  const { clients } = collectionsOf(store);
  await eachOf(clients, { index: 'party', prefix: clientOf(orgnr) }, async ({ id, active }) => {
    if (!active) return;
    count('clients deactivated');
    if (dryRun) return;
    await rewritten(ending, 'client.deactivate', clients, id, (before) =>
      before?.active === true ? { ...before, active: false, updated: at } : undefined,
    );
  });
}

async function endAccesses({ store }: MaskinportenParts, ending: Ending): Promise<void> {
  const { orgnr, at, dryRun, count } = ending;
  const { scopeAccesses } = collectionsOf(store);
  await eachOf(scopeAccesses, { index: 'consumer', prefix: gotBy(orgnr, 'kept') }, async ({ consumer, scope }) => {
    count('accesses revoked');
    if (dryRun) return;
    await rewritten(ending, 'access.revoke', scopeAccesses, accessKey(consumer, scope), (before) => {
      if (before?.state !== 'APPROVED') return undefined;
      const { seat: _, until: __, ...rest } = before;
      return { ...rest, state: 'DENIED' as const, updated: at };
    });
  });
}

async function endDelegations({ store }: MaskinportenParts, ending: Ending): Promise<void> {
  const { orgnr, at, actor, dryRun, count } = ending;
  const { delegations } = collectionsOf(store);
  for (const where of [
    { index: 'consumer', prefix: delegatedBy(orgnr, 'kept') },
    { index: 'supplier', prefix: delegatedTo(orgnr, 'kept') },
  ]) {
    await eachOf(delegations, where, async ({ consumer, supplier, scope }) => {
      count('delegations withdrawn');
      if (dryRun) return;
      await rewritten(ending, 'delegation.withdraw', delegations, delegationKey(consumer, supplier, scope), (before) => {
        if (before === undefined || before.withdrawn !== undefined) return undefined;
        const { seat: _, ...rest } = before;
        return { ...rest, updated: at, withdrawn: { at, by: actor } };
      });
    });
  }
}

/** The scopes before their prefix, which is in use until then. */
async function endScopes({ store }: MaskinportenParts, ending: Ending): Promise<void> {
  const { orgnr, at, dryRun, count } = ending;
  const { scopePrefixes, scopes } = collectionsOf(store);
  await eachOf(scopes, { index: 'active', prefix: ownedBy(orgnr) }, async ({ name }) => {
    count('scopes deactivated');
    if (dryRun) return;
    await rewritten(ending, 'scope.deactivate', scopes, name, (before) => {
      if (before?.active !== true) return undefined;
      const { seat: _, ...rest } = before;
      return { ...rest, active: false, updated: at };
    });
  });
  await eachOf(scopePrefixes, { index: 'owner', prefix: ownedBy(orgnr) }, async ({ prefix, active }) => {
    if (!active) return;
    count('prefixes taken back');
    if (dryRun) return;
    await rewritten(ending, 'prefix.withdraw', scopePrefixes, prefix, (before) =>
      before?.active === true ? { ...before, active: false, updated: at } : undefined,
    );
  });
}
