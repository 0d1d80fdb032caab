import type { Collection, Entity, Store } from './port.js';

// biome-ignore lint/suspicious/noExplicitAny: entities of different values stand in one table, and each keeps its own type.
type Entities = Readonly<Record<string, Entity<any>>>;

/** The collections of a table of entities, by the same names. */
export type CollectionsOf<Table extends Entities> = {
  readonly [Name in keyof Table]: Table[Name] extends Entity<infer T> ? Collection<T> : never;
};

/** What answers a room's collections of a store, which are opened once for each store. */
export function openedOnce<Table extends Entities>(entities: Table): (store: Store) => CollectionsOf<Table> {
  return oncePerStore((store) => {
    const each = Object.entries(entities).map(([name, entity]) => [name, store.collection(entity)]);
    return Object.fromEntries(each) as CollectionsOf<Table>;
  });
}

/** What answers something of each store, which is made once for it. */
export function oncePerStore<Made extends object>(make: (store: Store) => Made): (store: Store) => Made {
  const known = new WeakMap<Store, Made>();
  return (store) => {
    let made = known.get(store);
    if (made === undefined) {
      made = make(store);
      known.set(store, made);
    }
    return made;
  };
}
