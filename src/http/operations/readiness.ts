import type { Installation } from '#access';

/** Whether each part is usable now; the reason if not. */
export interface Readiness {
  readonly ready: boolean;
  readonly parts: Readonly<Record<string, string>>;
}

/** Ready only when the store reads and a policy is loaded, and not when stopping. */
export async function readinessOf({ store, decisions }: Installation, isStopping: boolean): Promise<Readiness> {
  // A full store still answers every question; only changes are refused.
  const storeState = await store.check().catch(() => 'unavailable');
  const parts = { store: storeState, policy: decisions.pinned().revision };
  return { ready: storeState !== 'unavailable' && !isStopping, parts: isStopping ? { ...parts, service: 'stopping' } : parts };
}
