import type { Collection, Entity, Store } from './port.js';

// biome-ignore lint/suspicious/noExplicitAny: entities of different values stand in one table, and each keeps its own type.
type Entities = Readonly<Record<string, Entity<any>>>;

/** The collections of a table of entities, by the same names. */
export type CollectionsOf<Table extends Entities> = {
  readonly [Name in keyof Table]: Table[Name] extends Entity<infer T> ? Collection<T> : never;
};

/** What answers a room's collections of a store, which are opened once for each store. */
export function openedOnce<Table extends Entities>(entities: Table): (store: Store) => CollectionsOf<Table> {
  const opened = new WeakMap<Store, CollectionsOf<Table>>();
  return (store) => {
    let collections = opened.get(store);
    if (collections === undefined) {
      const each = Object.entries(entities).map(([name, entity]) => [name, store.collection(entity)]);
      collections = Object.fromEntries(each) as CollectionsOf<Table>;
      opened.set(store, collections);
    }
    return collections;
  };
}
