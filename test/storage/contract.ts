import t, { type Test } from 'tap';
import type { Instant } from '#domain';
import { type ChangeFacts, type Entity, eventHash, type Store, verifyChain } from '#storage';

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
const any = { expect: 'any', facts } as const;

/** What every adapter of the storage port must hold. */
export function storageContract(name: string, open: (test: Test) => Promise<Store>): void {
  const fact = (title: string, prove: (test: Test, store: Store) => Promise<void>): void => {
    void t.test(`${name}: ${title}`, async (test) => prove(test, await open(test)));
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
    test.equal((await store.events.of('thing', 'a', { limit: 9 })).events.length, 2);
  });

  fact('of racing creations one wins, and a failed change harms no other of its batch', async (test, store) => {
    const c = store.collection(things);
    const puts = Array.from({ length: 50 }, (_, i) => c.put({ id: i % 2 ? 'same' : `o${i}`, tags: [] }, { expect: 'absent', facts }));
    const outcomes = await Promise.allSettled(puts);
    test.equal(outcomes.filter((outcome) => outcome.status === 'fulfilled').length, 26);
    test.equal((await store.events.after(undefined, 100)).events.length, 26);
  });

  fact('a revision is not used again after a removal, and the chain goes on', async (test, store) => {
    const c = store.collection(things);
    await c.put({ id: 'a', tags: [] }, any);
    test.equal(await c.remove('a', any), true);
    test.equal(await c.remove('a', any), false);
    test.equal((await c.put({ id: 'a', tags: [] }, { expect: 'absent', facts })).revision, 3);
    const { events } = await store.events.of('thing', 'a', { limit: 9 });
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
    const [a, b, d, e] = (await store.events.of('thing', 'x', { limit: 9 })).events as [never, never, never, never];
    test.equal(verifyChain([a, { ...(b as object), actor: 'operatos' } as never, d, e]), 1);
    test.equal(verifyChain([a, d, e]), 1);
    test.equal(verifyChain([b, d, e]), 0);
    test.equal(verifyChain([a, d, b, e]), 1);
  });

  fact('keys and index values are byte-exact', async (test, store) => {
    const c = store.collection(things);
    const ids = ['Ola', 'ola', '\u00e5', 'a\u030a', 'x', 'x ', 'i', '\u0131', 'I', '\u0130', '01', '1', 'a\0b', 'a\0\0b', 'a\0'];
    await Promise.all(ids.map((id) => c.put({ id, tags: [id], name: id }, { expect: 'absent', facts })));
    for (const id of ids) {
      test.equal((await c.get(id))?.value.id, id);
      test.same(
        (await c.query({ index: 'tag', equals: id, limit: 9 })).items.map((item) => item.value.id),
        [id],
      );
      test.equal((await store.events.of('thing', id, { limit: 9 })).events.length, 1);
    }
    await c.put({ id: 'c', tags: ['a|b'] }, any);
    await c.put({ id: 'b|c', tags: ['a'] }, any);
    test.same(
      (await c.query({ index: 'tag', equals: 'a', limit: 9 })).items.map((item) => item.value.id),
      ['b|c'],
    );
    await test.rejects(c.put({ id: '\ud800', tags: [] }, any), TypeError);
    await test.rejects(c.put({ id: 'k'.repeat(3000), tags: [] }, any), { name: 'ProblemError', slug: 'invalid-request' });
    await test.rejects(c.put({ id: 'k', tags: ['v'.repeat(3000)] }, any), { name: 'ProblemError', slug: 'invalid-request' });
  });

  fact('a unique value belongs to one document until that gives it up', async (test, store) => {
    const c = store.collection(things);
    await c.put({ id: 'a', tags: [], name: 'n' }, any);
    await c.put({ id: 'a', tags: ['t'], name: 'n' }, any);
    await test.rejects(c.put({ id: 'b', tags: [], name: 'n' }, any), { name: 'ProblemError', slug: 'conflict' });
    await c.remove('a', any);
    await c.put({ id: 'b', tags: [], name: 'n' }, any);
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

  fact('closing waits for changes in flight and refuses later ones', async (test, store) => {
    const c = store.collection(things);
    const puts = Array.from({ length: 100 }, (_, i) => c.put({ id: `${i}`, tags: [] }, any));
    await store.check();
    await store.close();
    await Promise.all(puts);
    await test.rejects(c.put({ id: 'late', tags: [] }, any), { name: 'ProblemError', slug: 'store-unavailable' });
    await test.rejects(c.get('1'), { name: 'ProblemError', slug: 'store-unavailable' });
    await test.rejects(store.check(), { name: 'ProblemError', slug: 'store-unavailable' });
  });
}
