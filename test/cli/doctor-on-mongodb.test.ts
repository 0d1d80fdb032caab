import { Long, MongoClient } from 'mongodb';
import t from 'tap';
import { personSecrets } from '#access';
import { toInstant } from '#domain';
import { openPersonVault } from '#persons';
import { freePort, runCommand } from '../fixtures/command.js';
import { runInside } from '../fixtures/command-inside.js';
import { temporaryFolder } from '../fixtures/gateway.js';
import { startProxy } from '../storage/mongodb-proxy.js';
import { startMongo, whyNoMongo } from '../storage/mongodb-server.js';

const missing = whyNoMongo();
void t.test('doctor tells of the database that holds the store, and changes nothing in it', { skip: missing ?? false }, async (t) => {
  const server = await startMongo();
  t.teardown(() => server.stop());
  const uri = server.freshUri();
  const { host, pathname } = new URL(uri);
  const client = new MongoClient(uri);
  t.teardown(() => client.close());
  const database = client.db();
  const data = temporaryFolder(t);
  const run = async (args: string[], at = uri) => runInside(args, { TILGANG_MODE: 'demo', TILGANG_DATA: data, TILGANG_MONGODB_URI: at });
  const doctor = async (at: string, runs: typeof runCommand) => {
    const { stdout } = await runs(['doctor', '--json'], {
      TILGANG_DATA: data,
      TILGANG_MONGODB_URI: at,
      TILGANG_PORT: String(await freePort()),
    });
    const lines = stdout.trim().split('\n');
    t.notMatch(stdout, 'hemmelig', 'no password is told');
    return lines.map((line) => JSON.parse(line) as { name: string; state: string; found: string; remedy?: string });
  };
  const ofStore = async (at = uri, runs: typeof runCommand = runInside) => (await doctor(at, runs)).filter(({ name }) => name === 'store');

  t.match(await ofStore(), [{ state: 'warning', found: /^none yet: MongoDB at / }]);
  t.equal((await run(['grants', 'export'])).code, 1);
  t.same(await database.listCollections().toArray(), [], 'nothing was made');

  const { openMongoStore } = await import('#storage/mongodb');
  const vault = await openPersonVault(data);
  const store = await openMongoStore({ uri, entities: [personSecrets] });
  const fingerprint = `${vault.namingId}.${vault.keys.current}`;
  const facts = { action: 'test', at: toInstant(0), actor: 'operator' };
  await store.collection(personSecrets).put({ name: 'person-secrets', fingerprint }, { expect: 'absent', facts });
  await store.close();
  const [well] = await ofStore(uri, runCommand);
  t.match(well, {
    state: 'ok',
    found: new RegExp(`^MongoDB at ${host}, database ${pathname.slice(1)} \\(MongoDB [0-9.]+, [a-z].*opens and reads`),
  });

  await database.collection('documents').createIndex({ other: 1 });
  t.match(await ofStore(), [
    { state: 'warning', found: /other_1 of the collection documents is none of ours/, remedy: /dropIndex/ },
    { state: 'ok' },
  ]);
  await database.collection('events').dropIndex('p_1__id_1');
  await database.collection('registry').dropIndex('u_1');
  await database.collection('registry').createIndex({ u: 1 }, { sparse: true });
  const wrong = await ofStore();
  t.match(
    wrong.map(({ state, found }) => `${state}: ${found}`),
    [
      'warning: The index other_1 of the collection documents is none of ours.',
      'fault: The index u_1 of the collection registry was made with other options.',
      'fault: The collection events lacks the index {"p":1,"_id":1}.',
    ],
  );
  t.equal((await database.collection('events').indexes()).length, 2, 'and it is still missing');

  const opening = async (): Promise<void> => (await openMongoStore({ uri, entities: [personSecrets] })).close();
  const isRefused = { message: /The index u_1 of the collection registry was made with other options\. Stop the gateways and drop it/ };
  await t.rejects(opening(), isRefused, 'nobody works where a value that is to be unique may be there twice');
  await database.collection('registry').dropIndex('u_1');
  await database.collection('registry').createIndex({ u: 1 }, { unique: true, sparse: true, collation: { locale: 'nb', strength: 1 } });
  await t.rejects(opening(), isRefused, 'nor where values that differ count as the same (threat 25)');
  await database.collection('registry').dropIndex('u_1');
  await t.resolves(opening());
  const proxy = await startProxy(t, uri);
  const cursor = {
    id: Long.ZERO,
    ns: 'x',
    firstBatch: [{ v: 2, key: { _id: 1 }, name: '_id_', collation: { locale: 'nb', strength: 1 } }],
  };
  proxy.play(({ name }) => (name === 'listIndexes' ? { say: { cursor } } : 'pass'));
  t.match(
    (await ofStore(proxy.uri)).map(({ state, found }) => `${state}: ${found}`),
    [/^fault: The collection documents was made with a collation/],
    'and two keys as one',
  );
  await proxy.restore();

  const away = await ofStore(`mongodb://gateway:hemmelig@127.0.0.1:${await freePort()}/tilgang?serverSelectionTimeoutMS=200`);
  t.match(away, [
    { state: 'fault', found: /MongoDB at 127\.0\.0\.1:\d+, database tilgang: no server answers/, remedy: /goes on by itself/ },
  ]);
});
