import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, open as openLmdb } from 'lmdb';
import t, { type Test } from 'tap';
import { canonicalJson, eventHash, type Store, type StoreEvent, verifyChain } from '#storage';
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

/** The tables of a closed store, as somebody with the file would open them. */
interface Raw {
  readonly documents: Database<string, Buffer>;
  readonly graves: Database<string, Buffer>;
  readonly events: Database<string, Buffer>;
  readonly history: Database<string, Buffer>;
  readonly concerns: Database<string, Buffer>;
}

const at = (cursor: number): string => String(cursor).padStart(16, '0');
const place = (text: string): Buffer => Buffer.from(text);
const textOf = (table: Database<string, Buffer>, key: string): string => table.get(place(key)) ?? '';
const historyKey = (key: string, cursor: number): string => `letter\0${key}\0\0${at(cursor)}`;

function rewrite(raw: Raw, cursor: number, change: Partial<StoreEvent>, to = cursor): StoreEvent {
  const event = { ...(JSON.parse(textOf(raw.events, at(cursor)).slice(43)) as Omit<StoreEvent, 'hash'>), ...change };
  raw.events.putSync(place(at(to)), eventHash(event) + canonicalJson(event));
  return { ...event, hash: eventHash(event) };
}

// 1 a, 2 b, 3 a, 4 c, 5 b, 6 a, 7 c removed, 8 b, 9 d: of a 1-3-6, of b 2-5-8, of c 4-7, of d 9.
const ORDER = ['a', 'b', 'a', 'c', 'b', 'a', '-c', 'b', 'd'];

/** What is done to the file, and where the check finds it. */
const TAMPERINGS: readonly (readonly [title: string, cursor: number, key: string | undefined, tamper: (raw: Raw) => void])[] = [
  [
    'one altered byte of an event',
    3,
    'a',
    ({ events }) => void events.putSync(place(at(3)), textOf(events, at(3)).replace('operator', 'operatos')),
  ],
  [
    'one altered byte of the hash of an event',
    3,
    'a',
    ({ events }) => {
      const text = textOf(events, at(3));
      events.putSync(place(at(3)), (text.startsWith('A') ? 'B' : 'A') + text.slice(1));
    },
  ],
  ['a blank put into an event', 3, 'a', ({ events }) => void events.putSync(place(at(3)), `${textOf(events, at(3)).slice(0, -1)} }`)],
  ['an event that is no JSON', 3, undefined, ({ events }) => void events.putSync(place(at(3)), textOf(events, at(3)).slice(0, -1))],
  ['a first event rewritten with a hash of its own', 1, 'a', (raw) => void rewrite(raw, 1, { actor: 'another' })],
  ['a middle event rewritten with a hash of its own', 5, 'b', (raw) => void rewrite(raw, 5, { actor: 'another' })],
  ['a middle event rewritten with another event before it', 5, 'b', (raw) => void rewrite(raw, 5, { previousHash: 'x'.repeat(43) })],
  ['a last event rewritten with a hash of its own', 8, 'b', (raw) => void rewrite(raw, 8, { actor: 'another' })],
  ['a removal rewritten with a hash of its own', 7, 'c', (raw) => void rewrite(raw, 7, { actor: 'another' })],
  [
    'a rewritten event whose successor was rewritten to follow it',
    6,
    'a',
    (raw) => {
      const { hash } = rewrite(raw, 3, { actor: 'another' });
      rewrite(raw, 6, { previousHash: hash });
    },
  ],
  [
    'the removed last event of the store',
    9,
    'd',
    ({ events, history, concerns }) => {
      events.removeSync(place(at(9)));
      history.removeSync(place(historyKey('d', 9)));
      concerns.removeSync(place(`all\0\0${at(9)}`));
      concerns.removeSync(place(`d\0\0${at(9)}`));
    },
  ],
  [
    'the removed last event of a document',
    8,
    'b',
    ({ events, history }) => {
      events.removeSync(place(at(8)));
      history.removeSync(place(historyKey('b', 8)));
    },
  ],
  ['the removed last event whose history entry stayed', 9, 'd', ({ events }) => void events.removeSync(place(at(9)))],
  [
    'a removed middle event',
    5,
    'b',
    ({ events, history }) => {
      events.removeSync(place(at(5)));
      history.removeSync(place(historyKey('b', 5)));
    },
  ],
  ['a removed middle event whose history entry stayed', 5, 'b', ({ events }) => void events.removeSync(place(at(5)))],
  [
    'a removed first event',
    1,
    'a',
    ({ events, history }) => {
      events.removeSync(place(at(1)));
      history.removeSync(place(historyKey('a', 1)));
    },
  ],
  [
    'two swapped events',
    3,
    'a',
    ({ events }) => {
      const [three, five] = [textOf(events, at(3)), textOf(events, at(5))];
      events.putSync(place(at(3)), five);
      events.putSync(place(at(5)), three);
    },
  ],
  [
    'two swapped events of one document, written anew',
    3,
    'a',
    (raw) => {
      const three = textOf(raw.events, at(3));
      rewrite(raw, 6, { cursor: at(3) }, 3);
      raw.events.putSync(place(at(6)), three);
      rewrite(raw, 6, { cursor: at(6) });
    },
  ],
  [
    'an altered document',
    8,
    'b',
    ({ documents }) => {
      documents.putSync(place('letter\0b'), textOf(documents, 'letter\0b').replace('"all"', '"ill"'));
    },
  ],
  [
    'an altered hash of a document',
    8,
    'b',
    ({ documents }) => {
      documents.putSync(place('letter\0b'), textOf(documents, 'letter\0b').replace(/ .{43} /, ` ${'x'.repeat(43)} `));
    },
  ],
  [
    'a document put back to an earlier state',
    8,
    'b',
    ({ documents, events }) => {
      const text = textOf(events, at(5));
      const { after } = JSON.parse(text.slice(43)) as StoreEvent;
      documents.putSync(place('letter\0b'), `2 ${text.slice(0, 43)} ${canonicalJson(after)}`);
    },
  ],
  ['a document removed without an event', 6, 'a', ({ documents }) => void documents.removeSync(place('letter\0a'))],
  [
    'a document buried without an event',
    6,
    'a',
    ({ documents, graves }) => {
      graves.putSync(place('letter\0a'), `${textOf(documents, 'letter\0a').slice(0, 45)} `);
      documents.removeSync(place('letter\0a'));
    },
  ],
  [
    'a removed document put back without an event',
    7,
    'c',
    ({ documents, events }) => {
      const { before } = JSON.parse(textOf(events, at(7)).slice(43)) as StoreEvent;
      documents.putSync(place('letter\0c'), `2 ${textOf(events, at(7)).slice(0, 43)} ${canonicalJson(before)}`);
    },
  ],
  [
    'an invented document',
    10,
    'e',
    ({ documents }) => void documents.putSync(place('letter\0e'), `1 ${'.'.repeat(43)} {"id":"e","tags":[]}`),
  ],
  ['a removed grave', 7, 'c', ({ graves }) => void graves.removeSync(place('letter\0c'))],
  ['a removed entry of whom an event concerns', 4, 'c', ({ concerns }) => void concerns.removeSync(place(`all\0\0${at(4)}`))],
  ['an invented entry of whom an event concerns', 4, 'c', ({ concerns }) => void concerns.putSync(place(`d\0\0${at(4)}`), '1')],
  [
    'an entry of whom an event concerns that never was',
    77,
    undefined,
    ({ concerns }) => void concerns.putSync(place(`d\0\0${at(77)}`), '1'),
  ],
  ['a removed history entry', 3, 'a', ({ history }) => void history.removeSync(place(historyKey('a', 3)))],
  ['a removed last history entry', 8, 'b', ({ history }) => void history.removeSync(place(historyKey('b', 8)))],
  ['a removed only history entry', 9, 'd', ({ history }) => void history.removeSync(place(historyKey('d', 9)))],
  ['an invented history entry of another document', 4, 'a', ({ history }) => void history.putSync(place(historyKey('a', 4)), '1')],
  [
    'an invented event at the end',
    10,
    'a',
    (raw) => {
      const six = JSON.parse(textOf(raw.events, at(6)).slice(43)) as StoreEvent;
      const previousHash = textOf(raw.events, at(6)).slice(0, 43);
      rewrite(raw, 6, { cursor: at(10), before: six.after, fromRevision: 3, revision: 4, previousHash }, 10);
      raw.history.putSync(place(historyKey('a', 10)), '1');
      for (const party of ['all', 'a']) raw.concerns.putSync(place(`${party}\0\0${at(10)}`), '1');
    },
  ],
  [
    'of two faults the first',
    2,
    'b',
    ({ events, concerns }) => {
      events.putSync(place(at(5)), textOf(events, at(5)).replace('operator', 'operatos'));
      concerns.removeSync(place(`b\0\0${at(2)}`));
    },
  ],
];

for (const [title, cursor, key, tamper] of TAMPERINGS) {
  void t.test(`the check of the store finds ${title} (threat 39)`, async (test) => {
    const path = await folder(test);
    const store = await openLmdbStore({ path, entities: declared });
    const c = store.collection(letters);
    for (const [i, id] of ORDER.entries()) {
      if (id.startsWith('-')) await c.remove(id.slice(1), { expect: 'any', facts });
      else await c.put({ id, tags: ['all', id], name: `${i}` }, { expect: 'any', facts });
    }
    test.same(await store.events.verify(), { events: 9, documents: 3 });
    await store.close();

    const root = openLmdb<string, Buffer>({ path, keyEncoding: 'binary', encoding: 'string', maxDbs: 16, noSubdir: false });
    const table = (name: string): Database<string, Buffer> => root.openDB({ name, keyEncoding: 'binary', encoding: 'string' });
    tamper({
      documents: table('documents'),
      graves: table('graves'),
      events: table('events'),
      history: table('history'),
      concerns: table('concerns'),
    });
    await root.close();

    const again = await open(test, path);
    again.collection(letters);
    const { broken } = await again.events.verify();
    test.match(broken, { cursor: at(cursor), entity: key === undefined ? undefined : 'letter', key });
    test.match(broken?.detail, /^[A-Z].*\.$/);
  });
}
