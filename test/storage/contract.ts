import t, { type Test } from 'tap';
import { type Instant, present, toInstant } from '#domain';
import {
  type ChangeFacts,
  type Collection,
  type DirectedRange,
  type Entity,
  type EventPage,
  eventHash,
  type Store,
  verifyChain,
} from '#storage';

export interface Thing {
  readonly id: string;
  readonly tags: readonly string[];
  readonly name?: string;
}

export const things: Entity<Thing> = {
  name: 'thing',
  key: (thing) => thing.id,
  indexes: {
    tag: { values: (thing) => thing.tags },
    name: { unique: true, values: (thing) => (thing.name === undefined ? [] : [thing.name]) },
  },
};
export const facts: ChangeFacts = { action: 'test', at: '2026-01-01T00:00:00.000Z' as Instant, actor: 'operator' };
/** Concerns whoever it is tagged with, before and after. */
export const letters: Entity<Thing> = {
  name: 'letter',
  key: (letter) => letter.id,
  indexes: {},
  concerns: (before, after) => [...(before?.tags ?? []), ...(after?.tags ?? [])],
};
const answers: Entity<Thing> = { ...things, name: 'answer', keepsNoHistory: true, concerns: (_, after) => after?.tags ?? [] };
/** What every decision reads. */
export const rules: Entity<Thing> = { ...letters, name: 'rule', isRegistry: true, indexes: { tag: { values: (rule) => rule.tags } } };
/** Cannot tell whom it concerns if its name says so. */
const mutes: Entity<Thing> = {
  ...letters,
  name: 'mute',
  concerns: (before, after) => {
    if (after?.name === 'throws') throw new RangeError('no');
    return letters.concerns?.(before, after) ?? [];
  },
};
/** Gone at the instant that is its name. */
export const passing: Entity<Thing> = {
  ...things,
  name: 'passing',
  indexes: { tag: { values: (one) => one.tags } },
  keepsNoHistory: true,
  expiresAt: (one) => one.name as Instant,
};
const crowded: Entity<Thing> = { ...things, name: 'crowded', indexes: { tag: { unique: true, values: (thing) => thing.tags } } };
const elsewhere: Entity<Thing> = { ...things, name: 'thing-else' };
const any = { expect: 'any', facts } as const;

/** What the suite keeps; a store is opened with all of it. */
export const declared = [things, letters, answers, rules, mutes, passing, crowded, elsewhere] as const;

/** All events of a list, page by page. */
async function paged(list: (range: DirectedRange) => Promise<EventPage>, newestFirst: boolean): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await list(present({ limit: 2, newestFirst, cursor }));
    seen.push(...page.events.map(({ key, revision }) => `${key}${revision}`));
    cursor = page.next;
  } while (cursor !== undefined);
  return seen;
}

/** The events of a document, oldest first. */
async function historyOf(store: Store, entity: string, key: string) {
  return (await store.events.of(entity, key, { limit: 100 })).events.toReversed();
}

/** How a store of the suite is opened. */
export interface Opening {
  /** What documents expire by. */
  readonly clock?: () => number;
  readonly rememberedChars?: number;
}

/** What the suite asks of an adapter. */
export interface Adapter {
  /** A fresh store with the entities that are declared here. */
  open(test: Test, options: Opening): Promise<Store>;
  /** Another gateway's view of the same store. */
  openAgain(test: Test, store: Store): Promise<Store>;
}

/** What every adapter of the storage port must hold. */
export function storageContract(name: string, { open, openAgain }: Adapter): void {
  const fact = (title: string, prove: (test: Test, store: Store) => Promise<void>): void => {
    void t.test(`${name}: ${title}`, async (test) => prove(test, await open(test, {})));
  };

  fact('a change with a stale revision is refused and leaves nothing', async (test, store) => {
    const c = store.collection(things);
    test.equal((await c.put({ id: 'a', tags: ['x'] }, { expect: 'absent', facts })).revision, 1);
    test.equal((await c.put({ id: 'a', tags: ['y'] }, { expect: 1, facts })).revision, 2);
    await test.rejects(c.put({ id: 'a', tags: ['z'] }, { expect: 1, facts }), { name: 'ProblemError', slug: 'conflict' });
    await test.rejects(c.put({ id: 'a', tags: ['z'] }, { expect: 'absent', facts }), { name: 'ProblemError', slug: 'conflict' });
    await test.rejects(c.remove('a', { expect: 1, facts }), { name: 'ProblemError', slug: 'conflict' });
    test.same(await c.get('a'), { value: { id: 'a', tags: ['y'] }, revision: 2 });
    test.same((await c.query({ index: 'tag', equals: 'z', limit: 9 })).items, []);
    test.same((await c.query({ index: 'tag', equals: 'x', limit: 9 })).items, []);
    test.equal((await historyOf(store, 'thing', 'a')).length, 2);
  });

  fact('of racing creations one wins, and a failed change harms no other of its batch', async (test, store) => {
    const c = store.collection(things);
    const puts = Array.from({ length: 50 }, (_, i) => c.put({ id: i % 2 ? 'same' : `o${i}`, tags: [] }, { expect: 'absent', facts }));
    const outcomes = await Promise.allSettled(puts);
    test.equal(outcomes.filter((outcome) => outcome.status === 'fulfilled').length, 26);
    test.equal((await store.events.after(undefined, 100)).events.length, 26);
  });

  fact('many puts succeed or fail each alone, in their order, and become events like others', async (test, store) => {
    const c = store.collection(things);
    await c.put({ id: 'b', tags: ['old'], name: 'taken' }, { expect: 'absent', facts });
    const orders = [
      { value: { id: 'a', tags: ['x'] }, expect: 'absent' },
      { value: { id: 'b', tags: ['x'] }, expect: 7 },
      { value: { id: 'c', tags: ['x'], name: 'taken' }, expect: 'any' },
      { value: { id: 'd', tags: ['x'] }, expect: 'any' },
    ] as const;
    test.match(await c.putMany(orders, facts), [
      { value: { id: 'a' }, revision: 1 },
      { name: 'ProblemError', slug: 'conflict' },
      { name: 'ProblemError', slug: 'conflict' },
      { value: { id: 'd' }, revision: 1 },
    ]);
    const { items } = await c.query({ index: 'tag', equals: 'x', limit: 9 });
    test.same(
      items.map(({ value }) => value.id),
      ['a', 'd'],
    );
    test.equal((await store.events.after(undefined, 9)).events.length, 3);
    test.same(await c.putMany([], facts), []);
    await test.rejects(c.putMany([orders[0], orders[0]], facts), TypeError);
    test.equal((await store.events.verify()).broken, undefined);
  });

  fact('a revision is not used again after a removal, and the chain goes on', async (test, store) => {
    const c = store.collection(things);
    await c.put({ id: 'a', tags: [] }, any);
    test.equal(await c.remove('a', any), true);
    test.equal(await c.remove('a', any), false);
    test.equal((await c.put({ id: 'a', tags: [] }, { expect: 'absent', facts })).revision, 3);
    const events = await historyOf(store, 'thing', 'a');
    test.same(
      events.map((event) => event.revision),
      [1, 2, 3],
    );
    test.equal(verifyChain(events), undefined);
    for (const event of events) test.equal(event.hash, eventHash(event));
  });

  fact('an edited, removed or swapped event is found', async (test, store) => {
    const c = store.collection(things);
    for (const tag of ['a', 'b', 'c', 'd']) await c.put({ id: 'x', tags: [tag] }, any);
    const [a, b, d, e] = (await historyOf(store, 'thing', 'x')) as [never, never, never, never];
    test.equal(verifyChain([a, { ...(b as object), actor: 'operatos' } as never, d, e]), 1);
    test.equal(verifyChain([a, d, e]), 1);
    test.equal(verifyChain([b, d, e]), 0);
    test.equal(verifyChain([a, d, b, e]), 1);
  });

  fact('keys and index values are byte-exact', async (test, store) => {
    const c = store.collection(things);
    const ids = ['Ola', 'ola', '\u00e5', 'a\u030a', 'x', 'x ', 'i', '\u0131', 'I', '\u0130', '01', '1', 'a\u0001b', 'a\u0001', 'a'];
    await Promise.all(ids.map((id) => c.put({ id, tags: [id], name: id }, { expect: 'absent', facts })));
    for (const id of ids) {
      test.equal((await c.get(id))?.value.id, id);
      test.same(
        (await c.query({ index: 'tag', equals: id, limit: 9 })).items.map((item) => item.value.id),
        [id],
      );
      test.equal((await historyOf(store, 'thing', id)).length, 1);
    }
    await c.put({ id: 'c', tags: ['a|b'] }, any);
    await c.put({ id: 'b|c', tags: ['a'] }, any);
    test.same(
      (await c.query({ index: 'tag', equals: 'a', limit: 9 })).items.map((item) => item.value.id),
      ['a', 'b|c'],
    );
  });

  fact('what no store could hold as key or index value is refused in reads and changes', async (test, store) => {
    const c = store.collection(things);
    const longest = { id: `${'å'.repeat(499)}kk`, tags: ['å'.repeat(400)], name: '' };
    await c.put(longest, any);
    test.same((await c.get(longest.id))?.value, longest);
    test.equal((await c.query({ index: 'tag', equals: longest.tags[0] as string, limit: 9 })).items.length, 1);
    test.equal((await c.query({ index: 'name', equals: '', limit: 9 })).items.length, 1);
    const refused = { name: 'ProblemError', slug: 'invalid-request' };
    for (const key of [`${longest.id}k`, 'a\0b']) {
      await test.rejects(c.put({ id: key, tags: [] }, any), refused);
      await test.rejects(c.get(key), refused);
      await test.rejects(c.getMany(['a', key]), refused);
      await test.rejects(Promise.resolve(store.read([{ collection: c, key }])), refused);
      await test.rejects(c.remove(key, any), refused);
      await test.rejects(store.events.of('thing', key, { limit: 1 }), refused);
      await test.rejects(store.events.concerning(key, { limit: 1 }), refused);
    }
    for (const value of [`${longest.tags[0]}v`, 'a\0b']) {
      await test.rejects(c.put({ id: 'k', tags: [value] }, any), refused);
      await test.rejects(c.query({ index: 'tag', equals: value, limit: 1 }), refused);
      await test.rejects(c.count({ index: 'tag', prefix: value }), refused);
    }
    for (const key of ['', '\ud800']) {
      await test.rejects(c.put({ id: key, tags: [] }, any), TypeError);
      await test.rejects(c.get(key), TypeError);
    }
    await test.rejects(c.put({ id: 'k', tags: ['\ud800'] }, any), TypeError);
    test.equal(await c.count({}), 1);
  });

  fact('a unique value belongs to one document until that gives it up', async (test, store) => {
    const c = store.collection(things);
    await c.put({ id: 'a', tags: [], name: 'n' }, any);
    await c.put({ id: 'a', tags: ['t'], name: 'n' }, any);
    await test.rejects(c.put({ id: 'b', tags: [], name: 'n' }, any), { name: 'ProblemError', slug: 'conflict' });
    await c.remove('a', any);
    await c.put({ id: 'b', tags: [], name: 'n' }, any);
    const several = store.collection(crowded);
    await several.put({ id: 'a', tags: ['x'] }, any);
    await test.rejects(several.put({ id: 'b', tags: ['y', 'z'] }, any), TypeError);
  });

  fact('paging under change neither drops nor repeats an unchanged document', async (test, store) => {
    const c = store.collection(things);
    const ids = Array.from({ length: 40 }, (_, i) => `k${String(i).padStart(2, '0')}`);
    await Promise.all(ids.map((id) => c.put({ id, tags: ['p1', 'p2'] }, any)));
    for (const query of [{}, { index: 'tag', equals: 'p1' }, { index: 'tag', prefix: 'p' }, { index: 'tag', from: 'p', until: 'q' }]) {
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await c.query({ ...query, limit: 7, ...(cursor === undefined ? {} : { cursor }) });
        seen.push(...page.items.map((item) => item.value.id));
        cursor = page.next;
        const last = seen.at(-1) as string;
        await c.put({ id: `${last}-new`, tags: [] }, any);
        await c.remove(`${last}-new`, any);
      } while (cursor !== undefined);
      test.same(seen, ids);
    }
    test.same(
      (await c.query({ prefix: 'k0', from: 'k03', until: 'k05', limit: 9 })).items.map((i) => i.value.id),
      ['k03', 'k04'],
    );
  });

  fact('who follows sees past and coming events in order', async (test, store) => {
    const c = store.collection(things);
    await c.put({ id: '1', tags: [] }, any);
    const stop = new AbortController();
    const seen: string[] = [];
    setTimeout(() => void c.put({ id: '2', tags: [] }, any), 50);
    for await (const event of store.events.follow(undefined, stop.signal)) {
      seen.push(event.key);
      if (seen.length === 2) stop.abort();
    }
    test.same(seen, ['1', '2']);
  });

  fact('the events that concern a party are listed once each, in both directions, and no others', async (test, store) => {
    const c = store.collection(letters);
    await c.put({ id: 'a', tags: ['x', 'x', 'y'] }, any);
    await c.put({ id: 'b', tags: ['y'] }, any);
    await c.put({ id: 'a', tags: ['x'] }, any);
    await c.put({ id: 'a', tags: ['z'] }, any);
    await store.collection(things).put({ id: 'a', tags: ['x'] }, any);
    await c.put({ id: 'a', tags: ['z', 'x\u0001', 'xx'] }, any);
    await c.put({ id: 'b', tags: ['x'] }, any);
    await c.remove('b', any);
    const lists = { x: 'a1 a2 a3 b2 b3', y: 'a1 b1 a2 b2', z: 'a3 a4', 'x\u0001': 'a4', xx: 'a4', nobody: '' };
    for (const [party, expected] of Object.entries(lists)) {
      const list = (range: DirectedRange): Promise<EventPage> => store.events.concerning(party, range);
      const seen = expected === '' ? [] : expected.split(' ');
      test.same(await paged(list, false), seen);
      test.same(await paged(list, true), seen.toReversed());
    }
    await test.rejects(store.events.concerning('x', { limit: 1, cursor: 'c' }), { name: 'ProblemError', slug: 'invalid-request' });
    await test.rejects(store.events.concerning('', { limit: 1 }), TypeError);
    await test.rejects(store.events.concerning('x', { limit: 0 }), TypeError);
  });

  fact('a change that cannot tell whom it concerns is refused alone', async (test, store) => {
    const c = store.collection(mutes);
    const outcomes = await Promise.allSettled([
      c.put({ id: 'a', tags: ['x'] }, any),
      c.put({ id: 'b', tags: ['x'], name: 'throws' }, any),
      c.put({ id: 'c', tags: [''] }, any),
      c.put({ id: 'd', tags: ['\ud800'] }, any),
      c.put({ id: 'e', tags: ['v'.repeat(3000)] }, any),
      c.put({ id: 'f', tags: ['x'] }, any),
    ]);
    test.same(
      outcomes.map((outcome) => (outcome.status === 'rejected' ? (outcome.reason as Error).name : '')),
      ['', 'TypeError', 'TypeError', 'TypeError', 'ProblemError', ''],
    );
    test.same(await paged((range) => store.events.concerning('x', range), false), ['a1', 'f1']);
    test.equal((await c.query({ limit: 9 })).items.length, 2);
    test.same(await store.events.verify(), { events: 2, documents: 2 });
  });

  fact('a document that keeps no history has revisions and indexes, and nothing else', async (test, store) => {
    const c = store.collection(answers);
    const t = store.collection(things);
    const [{ revision: first }] = await Promise.all([
      c.put({ id: 'a', tags: ['x'], name: 'n' }, any),
      t.put({ id: 't', tags: [] }, any),
      c.put({ id: 'b', tags: [] }, any),
    ]);
    const { revision } = await c.put({ id: 'a', tags: ['y'], name: 'n' }, { expect: first, facts });
    test.not(revision, first);
    await test.rejects(c.put({ id: 'a', tags: [] }, { expect: first, facts }), { name: 'ProblemError', slug: 'conflict' });
    await test.rejects(c.put({ id: 'a', tags: [] }, { expect: 'absent', facts }), { name: 'ProblemError', slug: 'conflict' });
    await test.rejects(c.put({ id: 'b', tags: [], name: 'n' }, any), { name: 'ProblemError', slug: 'conflict' });
    test.same(await c.get('a'), { value: { id: 'a', tags: ['y'], name: 'n' }, revision });
    test.equal(await c.count({ index: 'tag', equals: 'x' }), 0);
    test.equal(await c.count({ index: 'tag', equals: 'y' }), 1);
    test.equal(await c.remove('a', any), true);
    test.equal(await c.remove('a', any), false);
    test.equal(await c.count({ index: 'tag' }), 0);
    await c.put({ id: 'a', tags: [] }, { expect: 'absent', facts });
    for (const old of [first, revision]) {
      await test.rejects(c.put({ id: 'a', tags: ['z'] }, { expect: old, facts }), { name: 'ProblemError', slug: 'conflict' });
    }
    await t.put({ id: 't', tags: [] }, any);
    test.same(await paged((range) => store.events.after(range.cursor, range.limit), false), ['t1', 't2']);
    test.same(await historyOf(store, 'answer', 'a'), []);
    test.same((await store.events.concerning('x', { limit: 9 })).events, []);
    test.same(await store.events.verify(), { events: 2, documents: 1 });
  });

  fact('a count is the number of items of all pages, with each matching value', async (test, store) => {
    const c = store.collection(things);
    test.equal(await c.count({}), 0);
    await Promise.all(Array.from({ length: 300 }, (_, i) => c.put({ id: `k${i}`, tags: [`p${i % 3}`, 'q'] }, any)));
    await store.collection(elsewhere).put({ id: 'k', tags: ['q'] }, any);
    test.equal(await c.count({}), 300);
    test.equal(await c.count({ prefix: 'k29' }), 11);
    test.equal(await c.count({ from: 'k1', until: 'k2' }), 111);
    test.equal(await c.count({ from: 'k2', until: 'k1' }), 0);
    test.equal(await c.count({ equals: 'k7' }), 1);
    test.equal(await c.count({ index: 'tag', equals: 'q' }), 300);
    test.equal(await c.count({ index: 'tag', prefix: 'p' }), 300);
    test.equal(await c.count({ index: 'tag' }), 600);
    test.equal(await c.count({ index: 'tag', from: 'p1', until: 'q' }), 200);
    await test.rejects(c.count({ index: 'none' }), TypeError);
  });

  fact('the history of a document is read from its newest event backwards', async (test, store) => {
    const c = store.collection(things);
    for (const id of ['a', 'a\u0001', 'b', 'a', 'b', 'a', 'a', 'a', 'aa']) await c.put({ id, tags: [] }, any);
    await c.remove('b', any);
    test.same(await paged((range) => store.events.of('thing', 'a', range), true), ['a5', 'a4', 'a3', 'a2', 'a1']);
    test.same(await paged((range) => store.events.of('thing', 'b', range), true), ['b3', 'b2', 'b1']);
    test.same(await paged((range) => store.events.of('thing', 'none', range), true), []);
    // The cursor of any event will do: what is older than that one.
    for (const { cursor } of (await store.events.after(undefined, 100)).events) {
      const { events } = await store.events.of('thing', 'a', { limit: 100, cursor });
      const expected = (await historyOf(store, 'thing', 'a')).filter((event) => event.cursor < cursor).toReversed();
      test.same(events, expected);
    }
    await test.rejects(store.events.of('thing', 'a', { limit: 1, cursor: 'c' }), { name: 'ProblemError', slug: 'invalid-request' });
    await test.rejects(store.events.of('thing', 'a', { limit: 0 }), TypeError);
  });

  fact('the hash of an event does not depend on its place in the log', async (test, store) => {
    const c = store.collection(things);
    await c.put({ id: 'a', tags: [] }, any);
    const [event] = await historyOf(store, 'thing', 'a');
    if (event === undefined) throw new Error('no event');
    test.equal(eventHash({ ...event, cursor: '0000000000000077' } as typeof event), event.hash);
    test.not(eventHash({ ...event, key: 'b' }), event.hash);
  });

  fact('documents of several entities are read in one go, in the order of the refs', async (test, store) => {
    const [t, r, p] = [store.collection(things), store.collection(rules), store.collection(passing)] as const;
    await t.put({ id: 'a', tags: ['t'] }, any);
    await r.put({ id: 'a', tags: ['r'] }, any);
    await p.put({ id: 'old', tags: [], name: '2020-01-01T00:00:00.000Z' }, any);
    const { documents } = await store.read([
      { collection: r, key: 'a' },
      { collection: t, key: 'none' },
      { collection: t, key: 'a' },
      { collection: p, key: 'old' },
    ]);
    test.match(documents, [{ value: { tags: ['r'] }, revision: 1 }, undefined, { value: { tags: ['t'] }, revision: 1 }, undefined]);
    test.equal(documents.length, 4);
    test.same((await store.read([])).documents, []);
    await test.rejects(Promise.resolve(store.read([{ collection: {} as Collection<Thing>, key: 'a' }])), TypeError);
    await test.rejects(Promise.resolve((await store.read([])).registry(t, 'a')), TypeError);
  });

  fact('registry documents are one frozen value until they change, in every way of reading', async (test, store) => {
    const r = store.collection(rules);
    const t = store.collection(things);
    for (const id of ['a', 'b']) await r.put({ id, tags: ['x'] }, any);
    const seen = await r.get('a');
    test.ok(Object.isFrozen(seen?.value.tags));
    const ways = async (): Promise<unknown[]> => [
      await r.get('a'),
      (await r.getMany(['a']))[0],
      (await r.query({ index: 'tag', equals: 'x', limit: 1 })).items[0],
      (await store.read([{ collection: r, key: 'a' }])).documents[0],
      await (await store.read([])).registry(r, 'a'),
    ];
    for (const one of await ways()) test.equal(one, seen);
    await r.put({ id: 'b', tags: ['y'] }, any);
    await t.put({ id: 'a', tags: ['y'] }, any);
    for (const one of await ways()) test.equal(one, seen, 'the change of another document makes no new value');
    await r.put({ id: 'a', tags: ['x', 'y'] }, any);
    for (const one of await ways()) test.match(one, { value: { tags: ['x', 'y'] }, revision: 2 });
    await r.remove('a', any);
    for (const one of await ways()) test.equal(one, undefined);
    test.equal(await (await store.read([])).registry(r, 'none'), undefined);
    await r.put({ id: 'a', tags: ['x'] }, any);
    for (const one of await ways()) test.match(one, { revision: 4 });
  });

  fact('what is recalled of the registry is what was read last, at once, and the same object while it is right', async (test, store) => {
    const r = store.collection(rules);
    await r.put({ id: 'a', tags: ['x'] }, any);
    const seen = await (await store.read([])).registry(r, 'a');
    test.equal(store.recall(r, 'a'), seen);
    await (await openAgain(test, store)).collection(rules).put({ id: 'a', tags: ['y'] }, any);
    const now = await (await store.read([])).registry(r, 'a');
    test.not(now, seen);
    test.equal(store.recall(r, 'a'), now);
    await r.remove('a', any);
    await (await store.read([])).registry(r, 'a');
    test.equal(store.recall(r, 'a'), undefined);
    test.throws(() => store.recall(store.collection(things), 'a'), TypeError);
  });

  void t.test(`${name}: of a registry only so much is remembered, and what made room is read again (threat 50)`, async (test) => {
    const c = (await open(test, { rememberedChars: 5000 })).collection(rules);
    const ids = Array.from({ length: 20 }, (_, i) => `r${i}`);
    for (const id of ids) await c.put({ id, tags: ['x'.repeat(700)] }, any);
    const first = await c.get('r0');
    test.equal(await c.get('r0'), first, 'it is remembered');
    for (const id of ids) await c.get(id);
    const again = await c.get('r0');
    test.not(again, first, 'it has made room');
    test.same(again, first);
    test.equal(await c.get('r0'), again);
    for (let i = 0; i < 50; i += 1) {
      const { revision } = await c.put({ id: 'r1', tags: [`${i}`.padEnd(700)] }, any);
      test.equal((await c.get('r1'))?.revision, revision);
    }
    test.equal(await c.get('r0'), again, 'changes of one document take no room of others');
  });

  fact('a change of the registry is seen by the next reading of another gateway', async (test, store) => {
    const other = await openAgain(test, store);
    const [mine, theirs] = [store.collection(rules), other.collection(rules)];
    const both = [
      [mine, other, theirs],
      [theirs, store, mine],
    ] as const;
    for (let round = 0; round < 50; round += 1) {
      for (const [writes, reader, reads] of both) {
        await writes.put({ id: 'a', tags: [`${round}`] }, any);
        const { documents, registry: _ } = await reader.read([{ collection: reads, key: 'a' }]);
        const reading = await reader.read([]);
        const now = await reading.registry(reads, 'a');
        test.same(now?.value.tags, [`${round}`]);
        test.equal(documents[0], now);
      }
    }
  });

  fact('a reading goes on after later changes, and never back', async (test, store) => {
    const r = store.collection(rules);
    await r.put({ id: 'a', tags: ['1'] }, any);
    const old = await store.read([{ collection: r, key: 'a' }]);
    await r.put({ id: 'a', tags: ['2'] }, any);
    test.same((await r.get('a'))?.value.tags, ['2']);
    test.same((await old.registry(r, 'a'))?.value.tags, ['2']);
    test.same(old.documents[0]?.value.tags, ['1']);
    test.same((await r.get('a'))?.value.tags, ['2']);
  });

  fact(
    'a position that one gateway tells is reached by another, and one that is not there is refused (threats 21, 23)',
    async (test, store) => {
      const other = await openAgain(test, store);
      await other.reach(await store.position());
      const [c, r] = [store.collection(things), store.collection(rules)];
      await Promise.all([c.put({ id: 'a', tags: [] }, any), r.put({ id: 'r', tags: [] }, any)]);
      const told = await store.position();
      await other.reach(told);
      await c.put({ id: 'a', tags: ['x'] }, any);
      test.ok((await store.position()) > told);
      await other.reach(await store.position());
      const beyond = (await store.position()).replace(/^\d+/, (place) => `${Number(place) + 1}`.padStart(16, '0'));
      await test.rejects(other.reach(beyond), { name: 'ProblemError', slug: 'store-unavailable', retryAfterSeconds: 5 });
      await c.put({ id: 'a', tags: [] }, any);
      await other.reach(beyond);
      for (const text of ['', 'x', '1', told.slice(1), `${told}0000000000000000`]) {
        await test.rejects(other.reach(text), { name: 'ProblemError', slug: 'invalid-request' });
      }
    },
  );

  fact('only entities that were declared at opening have a collection', async (test, store) => {
    test.throws(() => store.collection({ ...things, name: 'late' }), TypeError);
    test.throws(() => store.collection({ ...things, indexes: {} }), TypeError);
  });

  void t.test(`${name}: an expired document is never answered and counts as absent (threat 22)`, async (test) => {
    let now = Date.parse('2026-03-01T12:00:00Z');
    const store = await open(test, { clock: () => now });
    const c = store.collection(passing);
    const name = toInstant(now + 1000);
    const { revision } = await c.put({ id: 'a', tags: ['x'], name }, { expect: 'absent', facts });
    await test.rejects(c.put({ id: 'a', tags: ['x'], name }, { expect: 'absent', facts }), { name: 'ProblemError', slug: 'conflict' });
    now += 999;
    test.equal((await c.get('a'))?.revision, revision);
    now += 1;
    test.equal(await c.get('a'), undefined);
    test.same(await c.getMany(['a']), [undefined]);
    test.same((await store.read([{ collection: c, key: 'a' }])).documents, [undefined]);
    test.same(await c.query({ index: 'tag', equals: 'x', limit: 1 }), { items: [] });
    test.same(await c.query({ limit: 1 }), { items: [] });
    test.equal(await c.remove('a', any), false);
    await test.rejects(c.put({ id: 'a', tags: ['y'], name }, { expect: revision, facts }), { name: 'ProblemError', slug: 'conflict' });
    const again = await c.put({ id: 'a', tags: ['y'], name: toInstant(now + 1000) }, { expect: 'absent', facts });
    await test.rejects(c.put({ id: 'a', tags: ['z'], name }, { expect: revision, facts }), { name: 'ProblemError', slug: 'conflict' });
    test.same(await c.get('a'), again);
    test.same(await c.query({ index: 'tag', equals: 'x', limit: 1 }), { items: [] });
    test.same(await store.events.verify(), { events: 0, documents: 0 });
  });

  void t.test(`${name}: expired documents are removed by themselves`, async (test) => {
    let now = Date.parse('2026-03-01T12:00:00Z');
    const store = await open(test, { clock: () => now });
    const c = store.collection(passing);
    const put = (i: number) => c.put({ id: `k${i}`, tags: ['x'], name: toInstant(now + 1000) }, any);
    await Promise.all(Array.from({ length: 300 }, (_, i) => put(i)));
    test.equal(await c.count({}), 300);
    now += 5000;
    for (let i = 0; i < 100; i += 1) await put(1000 + i);
    test.equal((await c.query({ limit: 1000 })).items.length, 100);
    for (let i = 0; i < 50 && (await c.count({})) > 100; i += 1) await put(1000 + i);
    test.equal(await c.count({}), 100);
    test.equal(await c.count({ index: 'tag' }), 100);
  });

  fact('an untouched store is whole (threat 39)', async (test, store) => {
    test.same(await store.events.verify(), { events: 0, documents: 0 });
    const [l, c] = [store.collection(letters), store.collection(things)];
    for (let round = 0; round < 4; round += 1) {
      await Promise.all(Array.from({ length: 100 }, (_, i) => l.put({ id: `l${i}`, tags: ['x', `t${i + round}`] }, any)));
      await Promise.all(Array.from({ length: 100 }, (_, i) => c.put({ id: `c${i}`, tags: [`${round}`] }, any)));
      await Promise.all(Array.from({ length: 30 }, (_, i) => [l.remove(`l${i + round}`, any), c.remove(`c${i}`, any)]).flat());
    }
    const told: number[] = [];
    test.same(await store.events.verify((events) => told.push(events)), { events: 1040, documents: 140 });
    test.equal(told.at(-1), 1040);
    test.ok(told.length > 2);
  });

  fact('changes made during the check are never taken for a fault (threat 39)', async (test, store) => {
    const c = store.collection(letters);
    await Promise.all(Array.from({ length: 2000 }, (_, i) => c.put({ id: `${i % 500}`, tags: ['x', `${i}`] }, any)));
    let isDone = false;
    let written = 0;
    const write = async (worker: number): Promise<void> => {
      for (let i = worker; !isDone; i += 7, written += 1) {
        if (i % 3 === 0) await c.remove(`${i % 700}`, any);
        else await c.put({ id: `${i % 700}`, tags: [`${i}`] }, any);
      }
    };
    const writing = Array.from({ length: 20 }, (_, worker) => write(worker));
    for (let i = 0; i < 3; i += 1) test.match(await store.events.verify(), { broken: undefined });
    isDone = true;
    await Promise.all(writing);
    test.ok(written > 20);
    test.match(await store.events.verify(), { broken: undefined });
  });

  fact('closing waits for changes in flight and refuses later ones', async (test, store) => {
    const c = store.collection(things);
    const puts = Array.from({ length: 100 }, (_, i) => c.put({ id: `${i}`, tags: [] }, any));
    test.equal(await store.check(), 'ok');
    await store.close();
    await Promise.all(puts);
    await test.rejects(c.put({ id: 'late', tags: [] }, any), { name: 'ProblemError', slug: 'store-unavailable' });
    await test.rejects(c.get('1'), { name: 'ProblemError', slug: 'store-unavailable' });
    await test.rejects(store.check(), { name: 'ProblemError', slug: 'store-unavailable' });
    await test.rejects(Promise.resolve(store.read([])), { name: 'ProblemError', slug: 'store-unavailable' });
  });
}
