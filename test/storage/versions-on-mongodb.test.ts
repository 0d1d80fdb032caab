import t from 'tap';
import { assertAlike, declarationsOf, Presence, personSecrets, processes } from '#access';
import type { Entity } from '#storage';
import { openMongoStore } from '#storage/mongodb';
import { facts, letters, type Thing, things } from './contract.js';
import { startMongo, whyNoMongo } from './mongodb-server.js';

const missing = whyNoMongo();
const server = missing === undefined ? await startMongo() : undefined;
t.teardown(() => server?.stop());
const any = { expect: 'any', facts } as const;
/** Where an entity has a unique index it is kept elsewhere: that never changes. */
const unique = { name: things.indexes['name'] as (typeof things.indexes)[string] };
const skip = { skip: missing ?? false };

void t.test('what an older version has changed after a step back is right for the newer one again', skip, async (t) => {
  const uri = server?.freshUri() ?? '';
  const { concerns: _, ...oldLetters } = letters;
  const oldThings: Entity<Thing> = { ...things, indexes: unique };
  const newer = { uri, entities: [things, letters] };
  const first = await openMongoStore(newer);
  await first.collection(things).put({ id: 'a', tags: ['x'] }, any);
  await first.close();
  const old = await openMongoStore({ uri, entities: [oldThings, oldLetters] });
  await old.collection(oldThings).put({ id: 'a', tags: ['y'] }, any);
  await old.collection(oldThings).put({ id: 'b', tags: ['x', 'y'] }, any);
  await old.collection(oldLetters).put({ id: 'l', tags: ['p'] }, any);
  await old.close();
  const again = await openMongoStore(newer);
  t.teardown(() => again.close());
  const tagged = async (tag: string) =>
    (await again.collection(things).query({ index: 'tag', equals: tag, limit: 9 })).items.map(({ value }) => value.id);
  t.same([await tagged('x'), await tagged('y')], [['b'], ['a', 'b']]);
  t.equal((await again.events.concerning('p', { limit: 9 })).events.length, 1);
  t.equal((await again.events.verify()).broken, undefined);
});

void t.test('a version that keeps other indexes is refused beside one at work, before it builds anything', skip, async (t) => {
  const uri = server?.freshUri() ?? '';
  const bare: Entity<Thing> = { ...things, indexes: unique };
  const own = [processes, personSecrets];
  const old = await openMongoStore({ uri, entities: [bare, ...own] });
  t.teardown(() => old.close());
  const presence = new Presence(old, Date.now, { version: '1.0.0', schema: 1, keeps: declarationsOf([bare, ...own]) });
  await presence.tell();
  const newer = () =>
    openMongoStore({
      uri,
      entities: [things, ...own],
      beforeBuild: (store) => assertAlike(store, { keeps: declarationsOf([things, ...own]) }),
    });
  const message =
    /process [0-9]+ \(Tilgang 1\.0\.0\) is at work on the database and keeps other indexes .* Stop the processes of that version first/;
  await t.rejects(newer(), { slug: 'store-unavailable', message });
  await old.collection(bare).put({ id: 'a', tags: ['x'] }, any);
  await presence.end();
  const now = await newer();
  t.teardown(() => now.close());
  t.equal((await now.collection(things).query({ index: 'tag', equals: 'x', limit: 9 })).items.length, 1);
});
