import { join } from 'node:path';
import t, { type Test } from 'tap';
import {
  assertSchema,
  claims,
  type Migration,
  Presence,
  type Program,
  personSecrets,
  processes,
  readSchema,
  type StoreSchema,
  settleSchema,
  storeSchemas,
} from '#access';
import { openPersonVault } from '#persons';
import { ProblemError } from '#problem';
import type { ChangeFacts, Entity, Store, Stored } from '#storage';
import { openLmdbStore } from '#storage/lmdb';
import { openMongoStore } from '#storage/mongodb';
import { temporaryFolder } from '../fixtures/gateway.js';
import { startMongo, whyNoMongo } from '../storage/mongodb-server.js';

interface Thing {
  readonly id: string;
  readonly name: string;
  readonly names?: readonly string[];
}
const things: Entity<Thing> = { name: 'thing', key: ({ id }) => id, indexes: {} };
const ENTITIES = [things, storeSchemas, claims, processes, personSecrets];
const facts = { action: 'test', at: '2026-01-01T00:00:00.000Z', actor: 'operator' } as ChangeFacts;

/** A made-up table: version 2 has names beside the name, version 3 no name. */
const rewrite = (change: (thing: Thing) => Thing) => async (store: Store, told: ChangeFacts) => {
  const collection = store.collection(things);
  for (const { value, revision } of (await collection.query({ limit: 100 })).items) {
    await collection.put(change(value), { expect: revision, facts: told });
  }
};
const widens: Migration = { to: 2, kind: 'widens', run: rewrite((thing) => ({ ...thing, names: [thing.name] })) };
const narrows: Migration = { to: 3, kind: 'narrows', run: rewrite((thing) => ({ ...thing, name: '' })) };
const program = (version: string, ...migrations: Migration[]): Program => ({ version, migrations, clock: Date.now });
const first = program('1.0.0');
const second = program('2.0.0', widens);
const third = program('3.0.0', widens, narrows);
const isOld = async () => false;
const isNew = async () => true;

/** What every store must do. */
function holds(adapter: string, open: (test: Test) => Promise<Store>): void {
  const versions = async (store: Store) => {
    const { version, worksFrom, writtenBy } = (await readSchema(store))?.value ?? {};
    return `${version} ${worksFrom} ${writtenBy}`;
  };
  const thing = async (store: Store) => (await store.collection(things).get('a'))?.value;

  void t.test(`${adapter}: a new store is of the program's version, one without a mark of the first, and is migrated once`, async (t) => {
    const fresh = await open(t);
    await settleSchema(fresh, third, isNew);
    t.equal(await versions(fresh), '3 3 3.0.0');
    const store = await open(t);
    await store.collection(things).put({ id: 'a', name: 'x' }, { expect: 'absent', facts });
    let runs = 0;
    const slow: Migration = {
      ...widens,
      async run(...args) {
        runs += 1;
        await new Promise((resolve) => setTimeout(resolve, 300));
        await widens.run(...args);
      },
    };
    // Of those that start together one does it, and the others wait.
    await Promise.all(
      [1, 2, 3].map(() => settleSchema(store, program('2.0.0', slow), isOld).then(async () => t.ok((await thing(store))?.names))),
    );
    t.equal(runs, 1);
    t.equal(await versions(store), '2 1 2.0.0');
    const { events } = await store.events.of('thing', 'a', { limit: 9 });
    t.match(events[0], { action: 'schema.migrate', actor: 'operator' });
  });

  void t.test(
    `${adapter}: the version before works beside what widens; what narrows waits until it is gone, and then it is refused`,
    async (t) => {
      const store = await open(t);
      await store.collection(things).put({ id: 'a', name: 'x' }, { expect: 'absent', facts });
      await settleSchema(store, first, isOld);
      await settleSchema(store, second, isOld);
      await settleSchema(store, first, isOld);
      t.equal(await versions(store), '2 1 2.0.0', 'the first one opens what the second has widened');
      const presence = new Presence(store, Date.now, { version: '2.0.0', schema: 2, keeps: [] });
      await presence.begin(await openPersonVault(temporaryFolder(t)));
      await settleSchema(store, third, isOld);
      t.equal(await versions(store), '2 1 2.0.0', 'a process of the second one is at work');
      t.equal((await thing(store))?.name, 'x');
      await presence.end();
      await settleSchema(store, third, isOld);
      t.equal(await versions(store), '3 3 3.0.0');
      t.equal((await thing(store))?.name, '');
      const message =
        'The store is newer than this program: its data are of version 3, written by Tilgang 3.0.0, and Tilgang 2.0.0 knows version 2. ' +
        'Start Tilgang 3.0.0 or a newer one, or restore the backup from before the upgrade.';
      for (const refused of [settleSchema(store, second, isOld), assertSchema(store, second)]) {
        await t.rejects(refused, { slug: 'store-unavailable', message });
      }
    },
  );

  void t.test(
    `${adapter}: a narrowing that was killed before it began lets the version before in again, one that had begun does not`,
    async (t) => {
      const store = await open(t);
      await settleSchema(store, second, isNew);
      const collection = store.collection(storeSchemas);
      const killed = async (more: object): Promise<void> => {
        const { value, revision } = (await collection.get('schema')) as Stored<StoreSchema>;
        await collection.put({ ...value, worksFrom: 3, ...more }, { expect: revision, facts });
      };
      const presence = new Presence(store, Date.now, { version: '2.0.0', schema: 2, keeps: [] });
      await presence.tell();
      await killed({});
      await settleSchema(store, third, isOld);
      t.equal(await versions(store), '2 2 2.0.0');
      await killed({ narrowing: 3 });
      await settleSchema(store, third, isOld);
      t.equal(await versions(store), '2 3 2.0.0');
      await presence.end();
      await settleSchema(store, third, isOld);
      t.equal(await versions(store), '3 3 3.0.0');
      t.notOk((await readSchema(store))?.value.narrowing);
    },
  );

  void t.test(`${adapter}: a migration that was broken off is done again`, async (t) => {
    const store = await open(t);
    await store.collection(things).put({ id: 'a', name: 'x' }, { expect: 'absent', facts });
    const broken = { ...widens, run: () => Promise.reject(new Error('killed')) };
    await t.rejects(settleSchema(store, program('2.0.0', broken), isOld), /killed/);
    t.equal(await versions(store), '1 1 2.0.0');
    await settleSchema(store, second, isOld);
    t.equal(await versions(store), '2 1 2.0.0');
    t.same((await thing(store))?.names, ['x']);
  });
}

holds('lmdb', async (test) => {
  const store = await openLmdbStore({ path: join(temporaryFolder(test), 'data'), entities: ENTITIES });
  test.teardown(() => store.close());
  return store;
});

t.test('a full store without a mark is opened as it is, by who can work on the first version', async (t) => {
  const full = {
    collection: () => ({ get: async () => undefined, put: () => Promise.reject(new ProblemError('store-full')) }),
  } as unknown as Store;
  await settleSchema(full, second, isOld);
  t.pass('nothing is changed');
});

const missing = whyNoMongo();
if (missing === undefined) {
  const server = await startMongo();
  t.teardown(() => server.stop());
  holds(`mongodb (${server.name})`, async (test) => {
    const store = await openMongoStore({ uri: server.freshUri(), entities: ENTITIES });
    test.teardown(() => store.close());
    return store;
  });
} else void t.test('mongodb', { skip: missing }, async () => {});
