import t, { type Test } from 'tap';
import type { Store } from '#storage';
import { openMongoStore } from '#storage/mongodb';
import { declared, type Opening, storageContract } from './contract.js';
import { startMongo, whyNoMongo } from './mongodb-server.js';

const missing = whyNoMongo();
if (missing === undefined) {
  const server = await startMongo();
  const uris = new WeakMap<Store, string>();
  t.teardown(() => server.stop());

  const open = async (test: Test, uri: string, options: Opening = {}): Promise<Store> => {
    const store = await openMongoStore({ uri, entities: declared, ...options });
    uris.set(store, uri);
    test.teardown(() => store.close());
    return store;
  };

  storageContract(`mongodb (${server.name})`, {
    open: (test, options) => open(test, server.freshUri(), options),
    openAgain: (test, store) => open(test, uris.get(store) as string),
  });
} else {
  void t.test('mongodb', { skip: missing }, async () => {});
}
