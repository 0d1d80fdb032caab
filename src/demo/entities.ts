// What this room keeps. A door of its own: whoever opens the store needs no demo world.
import type { Instant, Orgnr } from '#domain';
import type { Entity, Store } from '#storage';

/** That the world was filled to its end; only then is it left alone. */
export interface Filling {
  readonly name: 'demo-world';
  readonly filledAt: Instant;
}

/** Key: its name. */
export const filling: Entity<Filling> = { name: 'filling', key: ({ name }) => name, indexes: {} };

/** Whether the store holds the whole demo world: what has been changed in it since is not touched. */
export async function isFilled(store: Store): Promise<boolean> {
  return (await store.collection(filling).get('demo-world')) !== undefined;
}

/** KS, who runs the demo. Its number is real and public. */
export const DEMO_OPERATOR = '971032146' as Orgnr;
