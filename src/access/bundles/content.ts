import { createHash } from 'node:crypto';
import { type AppId, type BundleRef, DAY_MS, type Instant, type PolicyBundle, toInstant } from '#domain';
import { ProblemError } from '#problem';
import type { ChangeFacts, Store } from '#storage';
import { collectionsOf, pagesOf } from '../parts.js';
import { type BundlePart, bundleKey, partKey } from './entities.js';

const PART_BYTES = 256 * 1024;
/** Parts that are read in one turn; some milliseconds. */
const READ_AT_ONCE = 4;
/** What is pushed is whole long before. */
export const ORPHANED_AFTER_MS = DAY_MS / 24;

/** The digest of a bundle's bytes. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Writes the bytes of a bundle. It may be broken off anywhere and done again: nothing refers to them before all are there. */
export async function writeContent(store: Store, appId: AppId, bytes: Uint8Array, facts: ChangeFacts): Promise<void> {
  const digest = digestOf(bytes);
  const { bundleParts } = collectionsOf(store);
  for (let part = 0; part * PART_BYTES < bytes.byteLength; part += 1) {
    const piece = bytes.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
    const value = { appId, digest, part, writtenAt: facts.at, bytes: Buffer.from(piece).toString('base64') };
    await bundleParts.put(value, { expect: 'any', facts });
  }
}

/** The bytes of a bundle, which are those that were pushed. @throws ProblemError `evaluation-failed` if they are not there as they were written */
export async function readContent(store: Store, appId: AppId, { revision, digest }: BundleRef): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const page of partsUnder(store, partKey(appId, digest))) pieces.push(...page.map(({ bytes }) => Buffer.from(bytes, 'base64')));
  const whole = Buffer.concat(pieces);
  if (digestOf(whole) === digest) return whole;
  const cause = new Error(`the bytes of the bundle ${revision} of ${appId} are not those that were pushed`);
  throw new ProblemError('evaluation-failed', { cause });
}

/** Removes a bundle, and then its bytes. */
export async function removeBundle(store: Store, { appId, revision, digest }: PolicyBundle, facts: ChangeFacts): Promise<void> {
  await collectionsOf(store).policyBundles.remove(bundleKey(appId, revision), { expect: 'any', facts });
  await removeContent(store, appId, digest, facts);
}

/** Removes what bytes of an application are left of pushes and removals that were broken off. @param kept digests of its bundles */
export async function removeOrphans(store: Store, appId: AppId, kept: ReadonlySet<string>, facts: ChangeFacts): Promise<void> {
  const before: Instant = toInstant(Date.parse(facts.at) - ORPHANED_AFTER_MS);
  const orphaned = new Set<string>();
  for await (const page of partsUnder(store, partKey(appId))) {
    for (const { digest, writtenAt } of page) if (!kept.has(digest) && writtenAt < before) orphaned.add(digest);
  }
  for (const digest of orphaned) await removeContent(store, appId, digest, facts);
}

async function* partsUnder(store: Store, prefix: string): AsyncGenerator<readonly BundlePart[]> {
  for await (const page of pagesOf(collectionsOf(store).bundleParts, { prefix }, READ_AT_ONCE)) yield page.map(({ value }) => value);
}

async function removeContent(store: Store, appId: AppId, digest: string, facts: ChangeFacts): Promise<void> {
  const { bundleParts } = collectionsOf(store);
  // The first one last: what is left of a removal that is broken off begins somewhere, and is found again.
  for (let part = (await bundleParts.count({ prefix: partKey(appId, digest) })) - 1; part >= 0; part -= 1) {
    await bundleParts.remove(partKey(appId, digest, part), { expect: 'any', facts });
  }
}
