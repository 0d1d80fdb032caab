import { storeKinds } from '#access';
import type { Store } from '#storage';

/** Whether an installation is one for trying things out: its store was made by a demo. */
export async function isTrialStore(store: Store): Promise<boolean> {
  return (await store.collection(storeKinds).get('store-kind'))?.value.kind === 'demo';
}
