import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type Store, verifyChain } from '#storage';
import { openLmdbStore } from '#storage/lmdb';
import { declared, facts, letters, storageContract, things } from './contract.js';

async function folder(test: Test): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'tilgang-'));
  test.teardown(() => rm(made, { recursive: true, force: true }));
  return join(made, 'data');
}

const paths = new WeakMap<Store, string>();

async function open(test: Test, path?: string, clock: () => number = Date.now): Promise<Store> {
  const at = path ?? (await folder(test));
  const store = await openLmdbStore({ path: at, entities: declared, clock });
  paths.set(store, at);
  test.teardown(() => store.close());
  return store;
}

storageContract('lmdb', {
  open: (test, clock) => open(test, undefined, clock),
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

const bare = { ...things, indexes: {} };

void t.test('an index that is declared later finds the documents that were there', async (test) => {
  const path = await folder(test);
  const first = await openLmdbStore({ path, entities: [bare] });
  await first.collection(bare).put({ id: 'a', tags: ['x'] }, { expect: 'any', facts });
  await first.close();
  const second = await open(test, path);
  test.equal((await second.collection(things).query({ index: 'tag', equals: 'x', limit: 1 })).items.length, 1);
});

void t.test('whom events concern is listed for those written before the entity told it', async (test) => {
  const path = await folder(test);
  const { concerns: _, ...silent } = letters;
  const first = await openLmdbStore({ path, entities: [silent] });
  await first.collection(silent).put({ id: 'a', tags: ['x'] }, { expect: 'any', facts });
  await first.close();
  const second = await open(test, path);
  const c = second.collection(letters);
  await c.put({ id: 'a', tags: [] }, { expect: 'any', facts });
  test.equal((await second.events.concerning('x', { limit: 9 })).events.length, 2);
  test.same(await second.events.verify(), { events: 2, documents: 1 });
});
