import { type Db, MongoClient } from 'mongodb';
import t from 'tap';
import { openMongoStore } from '#storage/mongodb';
import { declared, facts, letters, rules } from './contract.js';
import { startMongo, whyNoMongo } from './mongodb-server.js';

type Kept = Record<string, unknown> & { readonly _id: string | number };

const missing = whyNoMongo();
const server = missing === undefined ? await startMongo() : undefined;
t.teardown(() => server?.stop());

const kept = (db: Db, name: 'documents' | 'registry' | 'events') => db.collection<Kept>(name);
const set = async (
  db: Db,
  name: 'documents' | 'registry' | 'events',
  _id: string | number,
  $set: Readonly<Record<string, unknown>>,
): Promise<unknown> => kept(db, name).updateOne({ _id }, { $set });

// 1 a, 2 b, 3 a, 4 and 5 rule r.
const TAMPERINGS: readonly (readonly [title: string, place: number, tamper: (db: Db) => Promise<unknown>, key?: string])[] = [
  ['an altered event', 2, async (db) => set(db, 'events', 2, { j: `${(await kept(db, 'events').findOne({ _id: 2 }))?.['j']} ` })],
  // The document knows its hash, not its place: that is told by the gap.
  ['a removed last event of a document', 3, (db) => kept(db, 'events').deleteOne({ _id: 3 }), 'a'],
  ['a removed last event of the log', 5, (db) => kept(db, 'events').deleteOne({ _id: 5 }), 'r'],
  ['a removed first event', 1, (db) => kept(db, 'events').deleteOne({ _id: 1 })],
  [
    'two swapped events',
    1,
    async (db) => {
      const all = await kept(db, 'events')
        .find({ _id: { $in: [1, 3] } })
        .toArray();
      await kept(db, 'events').deleteMany({ _id: { $in: [1, 3] } });
      await kept(db, 'events').insertMany(all.map((one) => ({ ...one, _id: 4 - Number(one._id) })));
    },
  ],
  ['an altered document', 2, (db) => set(db, 'documents', 'letter/b', { j: '{"id":"b","tags":["ill"]}' })],
  ['a removed document', 2, (db) => kept(db, 'documents').deleteOne({ _id: 'letter/b' })],
  ['a missing index entry', 5, (db) => set(db, 'registry', 'rule/r', { i: [] })],
  ['an entry that was removed from a list', 5, (db) => kept(db, 'registry').deleteOne({ _id: ':rule/tag/all\0r' })],
  ['an entry that leads to another document', 5, (db) => set(db, 'registry', ':rule/tag/all\0r', { d: 'rule/other' })],
  ['an entry that goes before its document', 5, (db) => set(db, 'registry', ':rule/tag/all\0r', { x: new Date(0) })],
  [
    'a document that was put back to an earlier state',
    3,
    async (db) => {
      const first = await kept(db, 'events').findOne({ _id: 1 });
      const { after } = JSON.parse(String(first?.['j'])) as { readonly after: unknown };
      await set(db, 'documents', 'letter/a', { r: 1, h: first?.['h'], j: JSON.stringify(after) });
    },
    'a',
  ],
  ['an event without its text', 2, (db) => kept(db, 'events').updateOne({ _id: 2 }, { $unset: { j: true } })],
  ['an event that no longer says whose it is', 2, (db) => kept(db, 'events').updateOne({ _id: 2 }, { $unset: { d: true } })],
  ['an event that no longer says whom it concerns', 2, (db) => kept(db, 'events').updateOne({ _id: 2 }, { $unset: { p: true } })],
  ['something that is no event', 6, (db) => kept(db, 'events').insertOne({ _id: 'x', d: 'letter/x', r: 1 })],
  ['an index entry too many', 5, (db) => set(db, 'registry', 'rule/r', { i: ['rule/tag/all', 'rule/tag/ill'] })],
  ['an event not listed with whom it concerns', 2, (db) => set(db, 'events', 2, { p: [] })],
  ['a removed registry epoch', 6, (db) => kept(db, 'documents').deleteOne({ _id: 'registry-epoch' })],
  ['a registry epoch that was put back', 6, (db) => set(db, 'documents', 'registry-epoch', { n: 1 })],
];

for (const [title, place, tamper, key] of TAMPERINGS) {
  void t.test(`the check of a store on MongoDB finds ${title} (threat 39)`, { skip: missing ?? false }, async (test) => {
    const uri = server?.freshUri() ?? '';
    const client = new MongoClient(uri);
    const store = await openMongoStore({ uri, entities: declared });
    test.teardown(() => Promise.all([store.close(), client.close()]));
    for (const id of ['a', 'b', 'a']) await store.collection(letters).put({ id, tags: ['all'] }, { expect: 'any', facts });
    for (const tag of ['none', 'all']) await store.collection(rules).put({ id: 'r', tags: [tag] }, { expect: 'any', facts });
    test.same(await store.events.verify(), { events: 5, documents: 3 });
    await tamper(client.db());
    const { broken } = await store.events.verify();
    if (key !== undefined) test.equal(broken?.key, key);
    test.match(broken, { cursor: String(place).padStart(16, '0'), detail: /^[A-Z].*\.$/ });
  });
}
