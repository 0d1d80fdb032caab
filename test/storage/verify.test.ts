import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, open as openLmdb } from 'lmdb';
import t, { type Test } from 'tap';
import { canonicalJson, eventHash, isCanonical, type StoreEvent } from '#storage';
import { openLmdbStore } from '#storage/lmdb';
import { declared, facts, letters, passing, rules } from './contract.js';

/** The tables of a closed store, as somebody with the file would open them. */
interface Raw {
  readonly meta: Database<string, Buffer>;
  readonly documents: Database<string, Buffer>;
  readonly graves: Database<string, Buffer>;
  readonly indexes: Database<string, Buffer>;
  readonly events: Database<string, Buffer>;
  readonly concerns: Database<string, Buffer>;
  readonly expirations: Database<string, Buffer>;
}

async function folder(test: Test): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'tilgang-'));
  test.teardown(() => rm(made, { recursive: true, force: true }));
  return join(made, 'data');
}

const at = (cursor: number): string => String(cursor).padStart(16, '0');
const place = (text: string): Buffer => Buffer.from(text);
const textOf = (table: Database<string, Buffer>, key: string): string => table.get(place(key)) ?? '';

/** An event as it is kept: `hash previous json`. */
function split(raw: Raw, cursor: number): { readonly hash: string; readonly previous: number; readonly json: string } {
  const [hash = '', previous, ...json] = textOf(raw.events, at(cursor)).split(' ');
  return { hash, previous: Number(previous), json: json.join(' ') };
}
/** Somebody who knows the format writes an event anew, with a hash of its own. */
function rewrite(raw: Raw, cursor: number, change: Partial<StoreEvent>, to = cursor, previous = split(raw, cursor).previous): StoreEvent {
  const event = { ...(JSON.parse(split(raw, cursor).json) as Omit<StoreEvent, 'hash' | 'cursor'>), ...change };
  const hash = eventHash(event);
  raw.events.putSync(place(at(to)), `${hash} ${previous} ${canonicalJson(event)}`);
  return { ...event, hash, cursor: at(to) };
}
function point(raw: Raw, cursor: number, previous: number): void {
  const { hash, json } = split(raw, cursor);
  raw.events.putSync(place(at(cursor)), `${hash} ${previous} ${json}`);
}
function swap({ events }: Raw, one: number, other: number): void {
  const [a, b] = [textOf(events, at(one)), textOf(events, at(other))];
  events.putSync(place(at(one)), b);
  events.putSync(place(at(other)), a);
}

// 1 a, 2 b, 3 a, 4 c, 5 b, 6 a, 7 c removed, 8 b, 9 d, 10 rule r: of a 1-3-6, of b 2-5-8, of c 4-7, of d 9.
const ORDER = ['a', 'b', 'a', 'c', 'b', 'a', '-c', 'b', 'd'];
const RULE = ['rule', 'r'] as const;
const PASSING = ['passing', 'p'] as const;
const AFTER_ALL = 11;
const EXPIRES = '2999-01-01T00:00:00.000Z';

/** What is done to the file, and where the check finds it. */
const TAMPERINGS: readonly (readonly [
  title: string,
  cursor: number,
  whose: string | readonly [entity: string, key: string] | undefined,
  tamper: (raw: Raw) => void,
])[] = [
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
    10,
    RULE,
    ({ events, concerns }) => {
      events.removeSync(place(at(10)));
      concerns.removeSync(place(`all\0${at(10)}`));
    },
  ],
  [
    'the removed only event of a document',
    9,
    'd',
    ({ events, concerns }) => {
      events.removeSync(place(at(9)));
      for (const party of ['all', 'd']) concerns.removeSync(place(`${party}\0${at(9)}`));
    },
  ],
  ['the removed last event of a document', 8, 'b', ({ events }) => void events.removeSync(place(at(8)))],
  ['a removed middle event', 5, 'b', ({ events }) => void events.removeSync(place(at(5)))],
  ['a removed first event', 1, 'a', ({ events }) => void events.removeSync(place(at(1)))],
  [
    'a removed event that the one after it was written to pass over',
    3,
    undefined,
    (raw) => {
      raw.events.removeSync(place(at(3)));
      for (const party of ['all', 'a']) raw.concerns.removeSync(place(`${party}\0${at(3)}`));
      point(raw, 6, 1);
    },
  ],
  ['two swapped events', 3, 'b', (raw) => swap(raw, 3, 5)],
  ['two swapped events of one document', 3, 'a', (raw) => swap(raw, 3, 6)],
  [
    'two swapped events of one document, and what led to them',
    3,
    'a',
    (raw) => {
      swap(raw, 3, 6);
      point(raw, 3, 6);
      raw.documents.putSync(place('letter\0a'), textOf(raw.documents, 'letter\0a').replace(/^3 6 /, '3 3 '));
    },
  ],
  ['an event that leads past the one before it', 6, 'a', (raw) => point(raw, 6, 1)],
  ['an event that leads to one of another document', 6, 'a', (raw) => point(raw, 6, 5)],
  ['an event that leads nowhere', 6, 'a', (raw) => point(raw, 6, 0)],
  ['an event that leads to itself', 6, 'a', (raw) => point(raw, 6, 6)],
  ['a removal that leads nowhere', 7, 'c', (raw) => point(raw, 7, 0)],
  [
    'a document that leads to an event of another',
    9,
    'b',
    ({ documents }) => void documents.putSync(place('letter\0b'), textOf(documents, 'letter\0b').replace(/^3 8 /, '3 9 ')),
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
    ({ documents }) => void documents.putSync(place('letter\0b'), textOf(documents, 'letter\0b').replace(/ .{43} /, ` ${'x'.repeat(43)} `)),
  ],
  [
    'a document put back to an earlier state',
    8,
    'b',
    (raw) => {
      const { hash, json } = split(raw, 5);
      raw.documents.putSync(place('letter\0b'), `2 5 ${hash} ${canonicalJson((JSON.parse(json) as StoreEvent).after)}`);
    },
  ],
  ['a document removed without an event', 6, 'a', ({ documents }) => void documents.removeSync(place('letter\0a'))],
  [
    'a document buried without an event',
    6,
    'a',
    ({ documents, graves }) => {
      graves.putSync(place('letter\0a'), textOf(documents, 'letter\0a').replace(/\{.*/, ''));
      documents.removeSync(place('letter\0a'));
    },
  ],
  [
    'a removed document put back without an event',
    7,
    'c',
    (raw) => {
      const { hash, json } = split(raw, 7);
      raw.documents.putSync(place('letter\0c'), `2 7 ${hash} ${canonicalJson((JSON.parse(json) as StoreEvent).before)}`);
    },
  ],
  [
    'an invented document',
    AFTER_ALL,
    'e',
    ({ documents }) => void documents.putSync(place('letter\0e'), `1 0 ${'.'.repeat(43)} {"id":"e","tags":[]}`),
  ],
  ['a removed grave', 7, 'c', ({ graves }) => void graves.removeSync(place('letter\0c'))],
  ['a removed entry of whom an event concerns', 4, 'c', ({ concerns }) => void concerns.removeSync(place(`all\0${at(4)}`))],
  ['an invented entry of whom an event concerns', 4, 'c', ({ concerns }) => void concerns.putSync(place(`d\0${at(4)}`), '1')],
  ['an entry of whom an event concerns that never was', 77, undefined, ({ concerns }) => void concerns.putSync(place(`d\0${at(77)}`), '1')],
  [
    'an invented event at the end',
    AFTER_ALL,
    'a',
    (raw) => {
      const { hash: previousHash, json } = split(raw, 6);
      rewrite(raw, 6, { before: (JSON.parse(json) as StoreEvent).after, fromRevision: 3, revision: 4, previousHash }, AFTER_ALL, 6);
      for (const party of ['all', 'a']) raw.concerns.putSync(place(`${party}\0${at(AFTER_ALL)}`), '1');
    },
  ],
  [
    'a second event in the place of another',
    AFTER_ALL,
    'a',
    (raw) => {
      rewrite(raw, 3, { actor: 'another' }, AFTER_ALL);
      for (const party of ['all', 'a']) raw.concerns.putSync(place(`${party}\0${at(AFTER_ALL)}`), '1');
    },
  ],
  ['a removed index entry', 10, RULE, ({ indexes }) => void indexes.removeSync(place('rule\0tag\0all\0r'))],
  ['an invented index entry', 10, RULE, ({ indexes }) => void indexes.putSync(place('rule\0tag\0ill\0r'), '1')],
  [
    'an index entry of a document that never was',
    AFTER_ALL,
    ['rule', 'x'],
    ({ indexes }) => void indexes.putSync(place('rule\0tag\0all\0x'), '1'),
  ],
  ['an index entry of no form', AFTER_ALL, undefined, ({ indexes }) => void indexes.putSync(place('rule\0tag'), '1')],
  [
    'a removed index entry of a document without history',
    AFTER_ALL,
    PASSING,
    ({ indexes }) => void indexes.removeSync(place('passing\0tag\0all\0p')),
  ],
  [
    'a document that is not listed as expiring',
    AFTER_ALL,
    PASSING,
    ({ expirations }) => void expirations.removeSync(place(`passing\0${EXPIRES}\0p`)),
  ],
  [
    'a document that is listed as expiring too early',
    AFTER_ALL,
    PASSING,
    ({ expirations }) => void expirations.putSync(place(`passing\0${EXPIRES.replace('2', '1')}\0p`), '1'),
  ],
  ['a registry epoch that was put back', 10, undefined, ({ meta }) => void meta.putSync(place('registry-epoch'), '9')],
  ['a removed registry epoch', 10, undefined, ({ meta }) => void meta.removeSync(place('registry-epoch'))],
  ['a registry epoch that never was', AFTER_ALL, undefined, ({ meta }) => void meta.putSync(place('registry-epoch'), '77')],
  [
    'of two faults the first',
    2,
    'b',
    ({ events, concerns }) => {
      events.putSync(place(at(5)), textOf(events, at(5)).replace('operator', 'operatos'));
      concerns.removeSync(place(`b\0${at(2)}`));
    },
  ],
];

for (const [title, cursor, whose, tamper] of TAMPERINGS) {
  void t.test(`the check of the store finds ${title} (threat 39)`, async (test) => {
    const path = await folder(test);
    const store = await openLmdbStore({ path, entities: declared });
    const c = store.collection(letters);
    for (const [i, id] of ORDER.entries()) {
      if (id.startsWith('-')) await c.remove(id.slice(1), { expect: 'any', facts });
      else await c.put({ id, tags: ['all', id], name: `${i}` }, { expect: 'any', facts });
    }
    await store.collection(rules).put({ id: 'r', tags: ['all'] }, { expect: 'any', facts });
    await store.collection(passing).put({ id: 'p', tags: ['all'], name: EXPIRES }, { expect: 'any', facts });
    test.same(await store.events.verify(), { events: 10, documents: 4 });
    await store.close();

    const root = openLmdb<string, Buffer>({ path, keyEncoding: 'binary', encoding: 'string', maxDbs: 16, noSubdir: false });
    const table = (name: string): Database<string, Buffer> => root.openDB({ name, keyEncoding: 'binary', encoding: 'string' });
    tamper({
      meta: table('meta'),
      documents: table('documents'),
      graves: table('graves'),
      indexes: table('indexes'),
      events: table('events'),
      concerns: table('concerns'),
      expirations: table('expirations'),
    });
    await root.close();

    const again = await openLmdbStore({ path, entities: declared });
    test.teardown(() => again.close());
    const { broken } = await again.events.verify();
    const [entity, key] = typeof whose === 'string' ? ['letter', whose] : (whose ?? []);
    test.match(broken, { cursor: at(cursor), entity, key });
    test.match(broken?.detail, /^[A-Z].*\.$/);
  });
}

t.test('a text is canonical that canonicalJson writes, and no other of the same value', async (t) => {
  const texts = [
    '{"a":[1,{"b":"æ","c":null}],"d":{}}',
    '{"b":1,"a":1}',
    '{"a":{"d":1,"c":2}}',
    '[{"b":1,"a":2}]',
    '{"10":1,"9":2}',
    '{"9":2,"10":1}',
    '{"a": 1}',
    '{"a":1.0}',
    '{"a":1,"a":2}',
    '"\\u0041"',
    '-0',
    '{"__proto__":1,"a":2}',
  ];
  for (const text of texts) t.equal(isCanonical(text, JSON.parse(text)), canonicalJson(JSON.parse(text)) === text, text);
});
