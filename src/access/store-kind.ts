import { type Instant, toInstant } from '#domain';
import { ProblemError } from '#problem';
import type { ChangeFacts, Entity, Store } from '#storage';
import { collectionsOf } from './parts.js';

/** What a store was made for. */
export type StoreKind = 'demo' | 'production';

/** What the store was made for, written once and never changed. */
export const storeKinds: Entity<{ readonly name: 'store-kind'; readonly kind: StoreKind; readonly since: Instant }> = {
  name: 'store-kind',
  key: ({ name }) => name,
  indexes: {},
};

/**
 * What the store was made for; `undefined` if that is open: nobody has said it, and no organisation is registered.
 * @param isDemoWorld whether it holds the demo world, by which a store is known that is older than its mark
 */
export async function storeKindOf(store: Store, isDemoWorld: () => Promise<boolean>): Promise<StoreKind | undefined> {
  const recorded = await store.collection(storeKinds).get('store-kind');
  if (recorded !== undefined) return recorded.value.kind;
  if (await isDemoWorld()) return 'demo';
  const { items } = await collectionsOf(store).organisations.query({ limit: 1 });
  return items.length > 0 ? 'production' : undefined;
}

/**
 * Holds that the store is what it is opened as, before anything else is written; the first who opens it says what it is.
 * @param kind absent: whatever it is, and `production` if that is open
 * @param isDemoWorld as storeKindOf
 * @throws ProblemError `config-invalid` if it is the other
 */
export async function settleStoreKind(
  store: Store,
  kind: StoreKind | undefined,
  isDemoWorld: () => Promise<boolean>,
  clock: () => number,
): Promise<StoreKind> {
  const collection = store.collection(storeKinds);
  const found = await storeKindOf(store, isDemoWorld);
  // Looked for once more: what is found besides the mark may have been written by a process that has marked the store meanwhile.
  const marked = await collection.get('store-kind');
  const known = marked?.value.kind ?? found;
  if (known !== undefined) assertKind(known, kind);
  const wanted = known ?? kind ?? 'production';
  if (marked !== undefined) return wanted;
  const since = toInstant(clock());
  const facts: ChangeFacts = { action: 'store-kind.record', at: since, actor: 'operator' };
  try {
    await collection.put({ name: 'store-kind', kind: wanted, since }, { expect: 'absent', facts });
  } catch (error) {
    if (!(error instanceof ProblemError) || error.slug !== 'conflict') throw error;
    // Another process was first.
    const settled = (await collection.get('store-kind'))?.value.kind as StoreKind;
    assertKind(settled, kind);
    return settled;
  }
  return wanted;
}

function assertKind(found: StoreKind, wanted: StoreKind | undefined): void {
  if (wanted === undefined || wanted === found) return;
  const detail =
    found === 'demo'
      ? 'the store holds a demo, and production does not open it: name another (TILGANG_DATA, TILGANG_MONGODB_URI), or start with TILGANG_MODE=demo'
      : 'the store is one of production, and a demo does not open it: name another (TILGANG_DATA, TILGANG_MONGODB_URI), or start with TILGANG_MODE=production';
  throw new ProblemError('config-invalid', { detail, at: [{ pointer: '/mode', detail }] });
}
