import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { open as openLmdb } from 'lmdb';
import t, { type Test } from 'tap';
import { type Entity, type Store, verifyChain } from '#storage';
import { openLmdbStore } from '#storage/lmdb';
import { declared, facts, letters, type Opening, passing, rules, storageContract, type Thing, things } from './contract.js';

async function folder(test: Test): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'tilgang-'));
  test.teardown(() => rm(made, { recursive: true, force: true }));
  return join(made, 'data');
}

const any = { expect: 'any', facts } as const;
const paths = new WeakMap<Store, string>();

async function open(test: Test, path?: string, options: Opening = {}): Promise<Store> {
  const at = path ?? (await folder(test));
  const store = await openLmdbStore({ path: at, entities: declared, ...options });
  paths.set(store, at);
  test.teardown(() => store.close());
  return store;
}

storageContract('lmdb', {
  open: (test, options) => open(test, undefined, options),
  openAgain: (test, store) => open(test, paths.get(store)),
});

// The child writes documents for ever and prints the key of each once it is acknowledged.
const CHILD = `
  import { openLmdbStore } from '#storage/lmdb';
  const entity = { name: 'thing', key: (v) => v.id, indexes: { tag: { values: (v) => v.tags }, name: { unique: true, values: () => [] } } };
  const c = (await openLmdbStore({ path: process.argv[1], entities: [entity] })).collection(entity);
  const facts = ${JSON.stringify(facts)};
  let n = 0;
  const work = async () => {
    for (;;) {
      const id = 'c' + n++;
      await c.put({ id, tags: ['child'] }, { expect: 'absent', facts });
      process.stdout.write(id + '\\n');
    }
  };
  for (let i = 0; i < 50; i += 1) work();
`;

void t.test('what a killed process had acknowledged is there, with event and index, and seen by others at once', async (test) => {
  const path = await folder(test);
  const store = await open(test, path);
  test.equal(statSync(path).mode & 0o777, 0o700);
  const c = store.collection(things);
  const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: string[] = [];
  let rest = '';
  let unseen = 0;
  for await (const chunk of child.stdout) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() as string;
    acknowledged.push(...lines);
    if ((await c.get(lines.at(-1) ?? 'c0')) === undefined && lines.length > 0) unseen += 1;
    if (acknowledged.length > 2000) child.kill('SIGKILL');
  }
  test.equal(unseen, 0);
  const indexed = new Set((await c.query({ index: 'tag', equals: 'child', limit: 1e6 })).items.map((item) => item.value.id));
  const { items } = await c.query({ limit: 1e6 });
  const { events } = await store.events.after(undefined, 1e6);
  test.ok(acknowledged.length > 2000, 'it wrote');
  test.ok(acknowledged.every((id) => indexed.has(id)));
  test.equal(items.length, indexed.size);
  test.same(events.map((event) => event.key).sort(), items.map((item) => item.value.id).sort());
  test.ok(events.every((event) => verifyChain([event]) === undefined));
  await c.put({ id: 'after', tags: [] }, { expect: 'absent', facts });
});

const bare: Entity<Thing> = { ...things, indexes: {} };

void t.test('an index that is declared later finds the documents that were there', async (test) => {
  const path = await folder(test);
  const first = await openLmdbStore({ path, entities: [bare] });
  await first.collection(bare).put({ id: 'a', tags: ['x'] }, any);
  await first.close();
  const second = await open(test, path);
  test.equal((await second.collection(things).query({ index: 'tag', equals: 'x', limit: 1 })).items.length, 1);
});

void t.test('a unique index that the documents break already is refused, and nothing is lost', async (test) => {
  const path = await folder(test);
  const first = await openLmdbStore({ path, entities: [bare] });
  for (const id of ['a', 'b']) await first.collection(bare).put({ id, tags: ['x'], name: 'n' }, any);
  await first.close();
  await test.rejects(openLmdbStore({ path, entities: [things] }), {
    name: 'ProblemError',
    slug: 'store-unavailable',
    message: /unique index/,
  });
  const again = await openLmdbStore({ path, entities: [bare] });
  test.teardown(() => again.close());
  test.equal(await again.collection(bare).count({}), 2);
});

void t.test('whom events concern is listed for those written before the entity told it', async (test) => {
  const path = await folder(test);
  const { concerns: _, ...silent } = letters;
  const first = await openLmdbStore({ path, entities: [silent] });
  await first.collection(silent).put({ id: 'a', tags: ['x'] }, any);
  await first.close();
  const second = await open(test, path);
  const c = second.collection(letters);
  await c.put({ id: 'a', tags: [] }, any);
  test.equal((await second.events.concerning('x', { limit: 9 })).events.length, 2);
  test.same(await second.events.verify(), { events: 2, documents: 1 });
});

void t.test('two versions work beside each other: what the older one cannot write is right for the newer one', async (test) => {
  const path = await folder(test);
  const oldRules: Entity<Thing> = { name: 'rule', key: rules.key, indexes: {} };
  const { expiresAt: _, ...oldPassing } = { ...passing, indexes: {} };
  const old = await openLmdbStore({ path, entities: [bare, oldRules, oldPassing] });
  test.teardown(() => old.close());
  const [oldThing, oldRule] = [old.collection(bare), old.collection(oldRules)];
  await oldThing.put({ id: 'a', tags: ['x'], name: 'n' }, any);
  const now = await open(test, path);
  const [thing, rule] = [now.collection(things), now.collection(rules)];
  const tagged = async (tag: string): Promise<string[]> =>
    (await thing.query({ index: 'tag', equals: tag, limit: 100 })).items.map(({ value }) => value.id);
  test.same(await tagged('x'), ['a']);

  await oldThing.put({ id: 'a', tags: ['y'] }, any);
  await oldThing.put({ id: 'b', tags: ['x', 'y'], name: 'm' }, any);
  await oldThing.put({ id: 'b', tags: ['y', 'z'], name: 'm' }, any);
  test.same(await tagged('x'), []);
  test.same(await tagged('y'), ['a', 'b']);
  await oldThing.put({ id: 'a', tags: ['v'] }, any);
  await thing.put({ id: 'a', tags: ['w'] }, any);
  await oldThing.remove('b', any);
  test.equal(await thing.count({ index: 'tag' }), 1);
  test.same(await tagged('w'), ['a']);
  await oldThing.put({ id: 'c', tags: [], name: 'taken' }, any);
  await test.rejects(thing.put({ id: 'd', tags: [], name: 'taken' }, any), { name: 'ProblemError', slug: 'conflict' });
  await oldThing.putMany(
    Array.from({ length: 3000 }, (_, i) => ({ value: { id: `k${i}`, tags: ['many'] }, expect: 'any' as const })),
    facts,
  );
  test.equal(await thing.count({ index: 'tag', equals: 'many' }), 3000);

  await oldRule.put({ id: 'r', tags: ['p', 'q'] }, any);
  test.equal((await rule.get('r'))?.value.tags.length, 2);
  await oldRule.put({ id: 'r', tags: ['p'] }, any);
  test.equal((await rule.get('r'))?.value.tags.length, 1);
  test.same(
    (await now.events.concerning('p', { limit: 9 })).events.map(({ revision }) => revision),
    [1, 2],
  );
  await old.collection(oldPassing).put({ id: 'p', tags: ['t'], name: '2020-01-01T00:00:00.000Z' }, any);
  test.equal(await now.collection(passing).get('p'), undefined);
  test.equal((await now.events.verify()).broken, undefined);
});

void t.test('opening drops no index that this version does not know', async (test) => {
  const path = await folder(test);
  const first = await openLmdbStore({ path, entities: [things, letters] });
  await first.collection(things).put({ id: 'a', tags: ['x'] }, any);
  await first.close();
  const old = await openLmdbStore({ path, entities: [bare] });
  await old.collection(bare).put({ id: 'b', tags: ['x'] }, any);
  await old.close();
  const again = await open(test, path);
  const { items } = await again.collection(things).query({ index: 'tag', equals: 'x', limit: 9 });
  test.same(
    items.map(({ value }) => value.id),
    ['a', 'b'],
  );
});

void t.test('a store of the older format is refused with what to do, and left as it is', async (test) => {
  const path = await folder(test);
  const write = (format: string): Promise<void> => {
    const root = openLmdb<string, Buffer>({ path, keyEncoding: 'binary', encoding: 'string', maxDbs: 16, noSubdir: false });
    root.openDB<string, Buffer>({ name: 'meta', keyEncoding: 'binary', encoding: 'string' }).putSync(Buffer.from('format'), format);
    root.openDB<string, Buffer>({ name: 'history', keyEncoding: 'binary', encoding: 'string' });
    return root.close();
  };
  await write('tilgang-storage-1');
  const message = /written by an older version: export with that version's `tilgang grants export` and import here/;
  for (let i = 0; i < 2; i += 1) await test.rejects(open(test, path), { name: 'ProblemError', slug: 'store-unavailable', message });
  await write('something-else');
  await test.rejects(open(test, path), { name: 'ProblemError', slug: 'store-unavailable', message: /unknown format/ });
});

void t.test('an entity that cannot be is refused at opening', async (test) => {
  const path = await folder(test);
  const wrong: readonly Entity<Thing>[] = [
    { ...things, name: 'Thing' },
    { ...things, indexes: { 'a b': { values: () => [] } } },
    { ...things, isRegistry: true, keepsNoHistory: true },
    { ...things, expiresAt: () => facts.at },
  ];
  for (const entity of wrong) await test.rejects(openLmdbStore({ path, entities: [entity] }), TypeError);
  await test.rejects(openLmdbStore({ path, entities: [things, bare] }), TypeError);
});

void t.test('what has expired is removed in small pieces also where nothing is written, and keeps no process alive', async (test) => {
  const path = await folder(test);
  let now = Date.parse('2026-03-01T12:00:00Z');
  const store = await openLmdbStore({ path, entities: declared, clock: () => now, sweepMs: 20 });
  test.teardown(() => store.close());
  const c = store.collection(passing);
  const name = '2026-03-01T12:00:01.000Z';
  await c.putMany(
    Array.from({ length: 600 }, (_, i) => ({ value: { id: `${i}`, tags: ['x'], name }, expect: 'any' as const })),
    facts,
  );
  await delay(100);
  test.equal(await c.count({}), 600);
  now += 1000;
  for (let i = 0; i < 200 && (await c.count({})) > 0; i += 1) await delay(20);
  test.equal(await c.count({}), 0);
  test.equal(await c.count({ index: 'tag' }), 0);
  test.same(await store.events.verify(), { events: 0, documents: 0 });

  const script = `
    import { openLmdbStore } from '#storage/lmdb';
    await openLmdbStore({ path: process.argv[1], entities: [{ name: 'passing', key: () => 'k', indexes: {}, keepsNoHistory: true, expiresAt: () => '' }] });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, join(path, 'other')], { stdio: 'inherit', timeout: 20_000 });
  test.equal(await new Promise((resolve) => child.on('exit', resolve)), 0);
});
