import { type PolicyBundle, toInstant } from '#domain';
import { ProblemError } from '#problem';
import type { ChangeFacts } from '#storage';
import { type AccessParts, collectionsOf, everyOf } from '../parts.js';
import { repeated } from '../repeated.js';
import { ORPHANED_AFTER_MS } from './content.js';

/**
 * Takes room for a bundle among those of its tilbyder, before its bytes are written: of pushes at once each sees those that came before. What is broken off
 * gives its room back within the hour.
 * @throws ProblemError `quota-reached`
 */
export async function takeRoom({ store, quotas }: AccessParts, bundle: PolicyBundle, facts: ChangeFacts): Promise<void> {
  const { bundleRooms, policyBundles } = collectionsOf(store);
  const { appId, tilbyder, digest, size } = bundle;
  const since = toInstant(Date.parse(facts.at) - ORPHANED_AFTER_MS);
  await repeated(async () => {
    // In this order: what is not coming any more when it is read is there afterwards.
    const room = await bundleRooms.get(tilbyder);
    const kept = new Map<string, number>();
    for await (const one of everyOf(policyBundles, { index: 'tilbyder', equals: tilbyder })) kept.set(placeOf(one), one.size);
    const coming = (room?.value.coming ?? []).filter(
      (one) => one.at > since && !kept.has(placeOf(one)) && placeOf(one) !== placeOf(bundle),
    );
    const used = [...kept.values(), ...coming.map((one) => one.size)].reduce((sum, bytes) => sum + bytes, size);
    if (used > quotas.bundleBytesPerTilbyder) throw full(quotas.bundleBytesPerTilbyder);
    const after = { tilbyder, coming: [...coming, { appId, digest, size, at: facts.at }] };
    await bundleRooms.put(after, { expect: room?.revision ?? 'absent', facts });
  });
}

function placeOf({ appId, digest }: Pick<PolicyBundle, 'appId' | 'digest'>): string {
  return `${appId}/${digest}`;
}

function full(most: number): ProblemError {
  return new ProblemError('quota-reached', {
    detail: `The policy bundles of a tilbyder may have ${most} bytes together: push smaller ones, or ask the operator for more.`,
  });
}
