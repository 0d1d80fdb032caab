import { setTimeout as delay } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import t, { type Test } from 'tap';
import { present, toInstant } from '#domain';
import type { Expectation, Store } from '#storage';
import { type MongoOptions, openMongoStore } from '#storage/mongodb';
import { declared, facts, letters, passing, rules, things } from './contract.js';
import { type MongoProxy, startProxy } from './mongodb-proxy.js';
import { startMongo, whyNoMongo } from './mongodb-server.js';

const any = { expect: 'any', facts } as const;
const missing = whyNoMongo();
const server = missing === undefined ? await startMongo() : undefined;
t.teardown(() => server?.stop());

/** A store behind a proxy; and the way past it. */
async function open(
  test: Test,
): Promise<{ store: Store; proxy: MongoProxy; another: (options?: Partial<MongoOptions>) => Promise<Store> }> {
  const uri = server?.freshUri() ?? '';
  const proxy = await startProxy(test, uri);
  const opened = async (at: string, options: Partial<MongoOptions> = {}): Promise<Store> => {
    const store = await openMongoStore({ uri: at, entities: declared, ...options });
    test.teardown(() => store.close());
    return store;
  };
  return { store: await opened(proxy.uri), proxy, another: (options) => opened(uri, options) };
}

/** What goes over the wire until it is quiet for a moment: outboxes are emptied in their own time. */
async function quiet(proxy: MongoProxy): Promise<readonly string[]> {
  const seen: string[] = [];
  for (;;) {
    await delay(100);
    const more = proxy.commands();
    if (more.length === 0) return seen;
    seen.push(...more);
  }
}

function fact(title: string, prove: (test: Test) => Promise<void>): void {
  void t.test(title, { skip: missing ?? false }, prove);
}

fact('a decision is one round trip, a page of a list one, and a change three before it is acknowledged', async (test) => {
  const { store, proxy } = await open(test);
  const [t, r] = [store.collection(things), store.collection(rules)];
  await r.put({ id: 'r', tags: [] }, any);
  await store.collection(letters).putMany(
    Array.from({ length: 200 }, (_, i) => ({ value: { id: `l${i}`, tags: ['x'] }, expect: 'any' as const })),
    facts,
  );
  await (await store.read([])).registry(r, 'r');
  await quiet(proxy);

  const reading = await store.read([{ collection: store.collection(letters), key: 'l1' }]);
  test.equal(reading.documents[0]?.revision, 1);
  test.notOk(reading.registry(r, 'r') instanceof Promise, 'known already');
  test.same(proxy.commands(), ['find']);

  await Promise.all(['l2', 'l3', 'l4'].map(async (key) => store.read([{ collection: store.collection(letters), key }])));
  test.same(proxy.commands(), ['find'], 'what is read in one run of code shares it');

  await t.query({ index: 'tag', equals: 'x', limit: 150 });
  await store.collection(letters).query({ limit: 150 });
  test.same(proxy.commands(), ['aggregate', 'find']);
  for (const where of [{ prefix: 'x' }, { from: 'a', until: 'y' }]) await t.query({ index: 'tag', ...where, limit: 150 });
  test.same(proxy.commands(), ['aggregate', 'aggregate']);
  await store.events.concerning('x', { limit: 150 });
  await store.events.after(undefined, 150);
  test.same(proxy.commands(), ['find', 'find']);

  const change = async (work: () => Promise<unknown>): Promise<[string[], string[]]> => {
    await work();
    const before = proxy.commands();
    // The sweeper looks for what is to be done every five seconds.
    return [before.slice(0, 3), [...before.slice(3), ...(await quiet(proxy))].filter((name) => name !== 'find')];
  };
  test.same(await change(() => store.collection(letters).put({ id: 'l1', tags: ['y'] }, { expect: 1, facts })), [
    ['find', 'update', 'insert'],
    ['update'],
  ]);
  const tagged = (tags: readonly string[], expect: Expectation) => r.put({ id: 'r', tags }, { expect, facts });
  test.same(await change(() => tagged(['a', 'b'], 1)), [
    ['find', 'update', 'insert'],
    ['findAndModify', 'update'],
  ]);
  test.same(await change(() => tagged(['b', 'c'], 2)), [
    ['find', 'update', 'insert'],
    ['findAndModify', 'update', 'delete'],
  ]);
  const orders = Array.from({ length: 100 }, (_, i) => ({ value: { id: `l${i + 50}`, tags: ['z'] }, expect: 1 }));
  test.same(await change(() => store.collection(letters).putMany(orders, facts)), [['find', 'update', 'insert'], ['update']]);
});

fact('a change that was cut off between document and log is found with its event by whoever comes next (threats 21, 43)', async (test) => {
  const { store, proxy, another } = await open(test);
  const c = store.collection(letters);
  await c.put({ id: 'a', tags: ['x'] }, any);
  await c.put({ id: 'b', tags: ['x'] }, any);
  await quiet(proxy);
  // The document is written, and then its gateway hears and says nothing more.
  proxy.cutAfter('update');
  await Promise.all(
    ['a', 'b'].map((id) => test.rejects(c.put({ id, tags: ['y'] }, any), { name: 'ProblemError', slug: 'store-unavailable' })),
  );
  const next = await another();
  const theirs = next.collection(letters);
  test.equal((await theirs.get('a'))?.revision, 2, 'written');
  test.equal((await next.events.after(undefined, 9)).events.length, 2, 'and not in the log');
  test.equal((await next.events.verify()).broken, undefined, 'which is no fault');

  await theirs.put({ id: 'a', tags: ['z'] }, { expect: 2, facts });
  test.same(
    (await next.events.of('letter', 'a', { limit: 9 })).events.map(({ revision }) => revision),
    [3, 2, 1],
    'the next writer has moved it first',
  );
  test.same(
    (await next.events.of('letter', 'b', { limit: 9 })).events.map(({ revision }) => revision),
    [2, 1],
    'and so does who asks for the history',
  );
  test.same(await next.events.verify(), { events: 5, documents: 2 });
  await proxy.restore();
  test.equal((await c.put({ id: 'a', tags: ['w'] }, { expect: 3, facts })).revision, 4);
  test.same(await store.events.verify(), { events: 6, documents: 2 });
});

fact(
  'a decision is read of what a majority has, or linearizable one document at a time, if that is asked for (threat 23)',
  async (test) => {
    const uri = server?.freshUri() ?? '';
    const proxy = await startProxy(test, uri);
    const open = async (readConcern: 'majority' | 'linearizable'): Promise<Store> => {
      const store = await openMongoStore({ uri: proxy.uri, entities: declared, readConcern });
      test.teardown(() => store.close());
      return store;
    };
    const [plain, strict] = [await open('majority'), await open('linearizable')];
    await plain.collection(letters).put({ id: 'a', tags: [] }, any);
    const read = async (store: Store): Promise<readonly string[]> => {
      await quiet(proxy);
      const { documents } = await store.read([{ collection: store.collection(letters), key: 'a' }]);
      test.equal(documents[0]?.revision, 1);
      return proxy.commands();
    };
    test.same(await read(plain), ['find']);
    test.match(proxy.last('find'), {
      find: 'documents',
      readConcern: { level: 'majority' },
      filter: { _id: { $in: ['registry-epoch', 'letter/a'] } },
    });
    test.same(await read(strict), ['find', 'find'], 'both at once');
    test.match(proxy.last('find'), {
      readConcern: { level: 'linearizable' },
      maxTimeMS: 3000,
      filter: { _id: /^(letter\/a|registry-epoch)$/ },
    });
  },
);

fact('a position costs one round trip, and waits for a primary that has not got it yet (threat 23)', async (test) => {
  const { store, proxy, another } = await open(test);
  const c = store.collection(letters);
  await c.put({ id: 'a', tags: [] }, any);
  const told = await store.position();
  await quiet(proxy);
  await store.reach(told);
  test.same(proxy.commands(), ['find']);
  const next = (await another()).collection(letters);
  const coming = store.reach(told.replace('1.', '2.'));
  let isReached = false;
  void coming.then(() => {
    isReached = true;
  });
  await delay(150);
  test.notOk(isReached);
  await next.put({ id: 'b', tags: [] }, any);
  await coming;
});

fact('a list holds what its documents say, whatever entries others have left behind or not written (threat 53)', async (test) => {
  const { store, proxy, another } = await open(test);
  const client = new MongoClient(proxy.uri);
  test.teardown(() => client.close());
  const registry = client.db().collection<{ readonly _id: string }>('registry');
  const r = store.collection(rules);
  await r.putMany(
    Array.from({ length: 7 }, (_, i) => ({ value: { id: `r${i}`, tags: [`t${i}`, 'u'] }, expect: 'any' as const })),
    facts,
  );
  const pages = async (reader: Store, where: object): Promise<string[][]> => {
    const seen: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await reader.collection(rules).query({ index: 'tag', ...where, limit: 3, ...present({ cursor }) });
      seen.push(page.items.map(({ value }) => value.id));
      cursor = page.next;
    } while (cursor !== undefined);
    return seen;
  };
  const whole = [['r0', 'r1', 'r2'], ['r3', 'r4', 'r5'], ['r6']];
  // For a document that was never made, for a value that another change gave up.
  const left = ['t0\0r6', 't1\0none', 't2\0r0', 't9\0r1', 'u\0a', 'u\0r2a'].map((place) => ({
    _id: `:rule/tag/${place}`,
    d: `rule/${place.split('\0')[1]}`,
    r: 1,
  }));
  await registry.insertMany(left);
  test.same(await pages(store, { prefix: 't' }), whole);
  test.same(await pages(store, { prefix: '' }), whole, 'each at the first of its values');
  test.same(await pages(store, { equals: 'u' }), whole);

  await quiet(proxy);
  const t = store.collection(things);
  await t.put({ id: 'a', tags: ['x'], name: 'n' }, any);
  for (const id of ['b', 'c'])
    await test.rejects(t.put({ id, tags: ['x', 'y'], name: 'n' }, any), { name: 'ProblemError', slug: 'conflict' });
  test.equal(await registry.countDocuments({ _id: /^:thing\/tag/ }), 1, 'what is refused leaves none');
  test.equal((await t.query({ index: 'tag', prefix: '', limit: 9 })).items.length, 1);

  // The command that writes document and entry is answered to nobody, and its entry is not there.
  proxy.cutAfter('update');
  await test.rejects(r.put({ id: 'r3', tags: ['t3', 'z'] }, any), { name: 'ProblemError', slug: 'store-unavailable' });
  await proxy.restore();
  await registry.deleteOne({ _id: ':rule/tag/z\0r3' });
  const next = await another();
  await next.events.of('rule', 'r3', { limit: 1 });
  test.same(await pages(next, { equals: 'z' }), [['r3']], 'who moves the event writes it');
});

fact(
  'entries that stand for nothing are swept, none that a change may be about to need, and nothing by who opens the store as it is found (threat 53)',
  async (test) => {
    const { store, proxy, another } = await open(test);
    const client = new MongoClient(proxy.uri);
    test.teardown(() => client.close());
    const c = store.collection(rules);
    // More than one look takes in.
    await c.putMany(
      Array.from({ length: 300 }, (_, i) => ({ value: { id: `l${i}`, tags: ['x'] }, expect: 'any' as const })),
      facts,
    );
    await quiet(proxy);
    const registry = client.db().collection<{ readonly _id: string; readonly o?: object }>('registry');
    const entry = (tag: string, id: string, r: number) => ({ _id: `:rule/tag/${tag}\0${id}`, d: `rule/${id}`, r });
    const coming = [entry('y', 'l1', 2), entry('y', 'new', 1)];
    await registry.insertMany([entry('a', 'l7', 1), entry('y', 'l2', 1), ...coming]);
    const { t } = (await registry.findOne({ _id: 'rule/l3' })) as unknown as { t: unknown };
    await c.put({ id: 'l3', tags: ['z'] }, { expect: 1, facts });
    const outbox = { o: { j: '{}', p: [], g: false, a: new Date(0) } };
    await registry.insertOne({ _id: 'rule/left', ...outbox, t } as never);
    const left = () =>
      registry
        .find({ _id: /^:rule\/tag\/[ay]/ }, { sort: { _id: 1 } })
        .map(({ _id }) => _id)
        .toArray();
    const looking = await another({ asFound: true, patienceMs: 10, sweepMs: 10 });
    await delay(100);
    test.equal((await left()).length, 4);
    test.ok((await registry.findOne({ _id: 'rule/left' }))?.o, 'an event that waits goes on waiting');
    await registry.deleteOne({ _id: 'rule/left' });
    test.equal((await looking.collection(rules).get('l3'))?.revision, 2);

    await another({ sweepMs: 10 });
    for (let tries = 0; tries < 200 && (await left()).length > 2; tries += 1) await delay(20);
    test.same(
      await left(),
      coming.map(({ _id }) => _id),
    );
    test.equal((await c.query({ index: 'tag', equals: 'x', limit: 400 })).items.length, 299);
    test.equal(await registry.countDocuments({ _id: /^:rule\/tag\/x/ }), 299);
  },
);

fact('a node that writes the registry reads nothing of it again, and sees what others write', async (test) => {
  const { store, proxy, another } = await open(test);
  const [r, next] = [store.collection(rules), await another()];
  const ids = Array.from({ length: 5 }, (_, i) => `r${i}`);
  for (const id of ids) await r.put({ id, tags: ['x'] }, any);
  const now = async (reader: Store, id: string) => (await (await reader.read([])).registry(reader.collection(rules), id))?.value.tags[0];
  await now(store, 'r0');
  await quiet(proxy);
  for (const id of ids) {
    await r.put({ id, tags: [id] }, any);
    for (const each of ids) test.equal(await now(store, each), each <= id ? each : 'x');
  }
  test.equal(proxy.commands().filter((name) => name === 'find').length, 5 + 25, 'the writing and the epoch, and no more');
  await next.collection(rules).put({ id: 'r1', tags: ['theirs'] }, any);
  await quiet(proxy);
  const all = async () => {
    const reading = await store.read([]);
    return Promise.all(ids.map((id) => reading.registry(r, id)));
  };
  test.equal((await all())[1]?.value.tags[0], 'theirs');
  test.same(proxy.commands(), ['find', 'find'], 'the epoch, and in one go what it may have changed');
  await all();
  test.same(proxy.commands(), ['find']);
  await next.collection(rules).put({ id: 'r1', tags: ['theirs'] }, any);
  await r.put({ id: 'r2', tags: ['mine'] }, any);
  test.equal(await now(store, 'r1'), 'theirs');
  test.equal(await now(store, 'r2'), 'mine');
  test.equal(await now(next, 'r2'), 'mine');
  await r.remove('r2', any);
  test.equal(await now(store, 'r2'), undefined);
});

/** What a node answers of a rule. */
async function ruleAt(node: Store, id: string): Promise<string | undefined> {
  return (await (await node.read([])).registry(node.collection(rules), id))?.value.tags[0];
}

for (const by of ['the node itself', 'another node', 'a list of another node']) {
  fact(
    `a change of the registry that was cut off before the epoch is raised counts for all nodes once one says that it is so already: ${by} (threats 22, 23)`,
    async (test) => {
      const { store, proxy, another } = await open(test);
      await store.collection(rules).put({ id: 'a', tags: ['given'] }, any);
      const [knows, asks] = [await another(), by === 'the node itself' ? store : await another()];
      test.equal(await ruleAt(knows, 'a'), 'given');
      await quiet(proxy);
      proxy.play(({ name }) => (name === 'findAndModify' ? 'cut before' : 'pass'));
      const withdrawn = store.collection(rules).put({ id: 'a', tags: ['withdrawn'] }, any);
      await test.rejects(withdrawn, { name: 'ProblemError', slug: 'store-unavailable' });
      test.equal(await ruleAt(knows, 'a'), 'given', 'nobody has been told otherwise');
      const settled = async () => {
        if (by === 'a list of another node') await asks.collection(rules).query({ index: 'tag', prefix: '', limit: 9 });
        const found = await ruleAt(asks, 'a');
        return [found, await asks.position()];
      };
      if (asks === store)
        await test.rejects(settled(), { name: 'ProblemError', slug: 'store-unavailable' }, 'not acknowledged as long as it cannot be');
      await proxy.restore();
      test.equal((await settled())[0], 'withdrawn', 'it is so already');
      test.equal(await ruleAt(knows, 'a'), 'withdrawn');
      test.equal((await knows.events.after(undefined, 9)).events.length, 2);
    },
  );
}

fact('a server that was put back to what it was before is believed, and the log goes on where it ends (threat 23)', async (test) => {
  const { store, proxy, another } = await open(test);
  const next = await another();
  const client = new MongoClient(proxy.uri);
  test.teardown(() => client.close());
  const all = ['documents', 'registry', 'events'].map((name) => client.db().collection<{ readonly _id: string }>(name));
  await store.collection(rules).put({ id: 'a', tags: ['kept'] }, any);
  await quiet(proxy);
  const backup = await Promise.all(all.map((each) => each.find().toArray()));
  await store.collection(rules).put({ id: 'a', tags: ['lost'] }, any);
  await quiet(proxy);
  for (const node of [store, next]) test.equal(await ruleAt(node, 'a'), 'lost');
  for (const [i, each] of all.entries()) {
    await each.deleteMany({});
    await each.insertMany(backup[i] ?? []);
  }
  for (const node of [store, next]) test.equal(await ruleAt(node, 'a'), 'kept');
  await store.collection(rules).put({ id: 'a', tags: ['new'] }, { expect: 1, facts });
  for (const node of [store, next]) test.equal(await ruleAt(node, 'a'), 'new');
  test.same(await store.events.verify(), { events: 2, documents: 1 });
});

fact('the event of a change whose node has died is moved by the sweeper of another, in its turn, once (threats 21, 43)', async (test) => {
  const { store, proxy, another } = await open(test);
  await store.collection(rules).put({ id: 'a', tags: ['1'] }, any);
  await quiet(proxy);
  proxy.cutAfter('update');
  await test.rejects(store.collection(rules).put({ id: 'a', tags: ['2'] }, any), { name: 'ProblemError', slug: 'store-unavailable' });
  const reader = await another();
  await reader.collection(rules).get('a');
  const sweepers = await Promise.all([another({ patienceMs: 20 }), another({ patienceMs: 20 })]);
  const enough = new AbortController();
  const seen: unknown[] = [];
  for await (const { key, revision } of reader.events.follow(undefined, enough.signal)) {
    seen.push([key, revision]);
    if (revision === 2) enough.abort();
  }
  test.same(seen, [
    ['a', 1],
    ['a', 2],
  ]);
  await delay(100);
  test.same(await reader.events.verify(), { events: 2, documents: 1 });
  for (const node of [reader, ...sweepers])
    test.same((await (await node.read([])).registry(node.collection(rules), 'a'))?.value.tags, ['2']);
});

fact('a change without history that is sent again after a lost answer is known as its own', async (test) => {
  const { store, proxy } = await open(test);
  const c = store.collection(passing);
  const name = toInstant(Date.now() + 60_000);
  proxy.play(({ name }) => (name === 'update' ? 'twice' : 'pass'));
  const { revision } = await c.put({ id: 'a', tags: [], name }, { expect: 'absent', facts });
  const next = await c.put({ id: 'a', tags: ['x'], name }, { expect: revision, facts });
  test.equal(next.revision, revision + 1);
  test.equal(await c.remove('a', { expect: next.revision, facts }), true);
  await store.collection(letters).put({ id: 'a', tags: [] }, { expect: 'absent', facts });
  await store.collection(letters).put({ id: 'a', tags: ['x'] }, { expect: 1, facts });
  await proxy.restore();
  await test.rejects(c.put({ id: 'a', tags: [], name }, { expect: next.revision, facts }), { name: 'ProblemError', slug: 'conflict' });
});

fact('a server without room refuses changes, is told as full, and takes them again once there is some (threat 24)', async (test) => {
  const { store, proxy } = await open(test);
  const c = store.collection(letters);
  await c.put({ id: 'a', tags: [] }, any);
  for (const code of [14031, 8000]) {
    test.equal(await store.check(), 'ok');
    proxy.play(({ name }) => (name === 'update' ? { answer: { ok: 0, code, errmsg: 'refused by the proxy' } } : 'pass'));
    await test.rejects(c.put({ id: 'a', tags: ['x'] }, any), { name: 'ProblemError', slug: 'store-full' });
    test.equal(await store.check(), 'full');
    test.equal((await c.get('a'))?.revision, 1);
    await proxy.restore();
  }
  test.equal(await store.check(), 'ok');
  test.equal((await c.put({ id: 'a', tags: ['x'] }, any)).revision, 2);
});

fact('whoever closes under writes leaves nothing half done', async (test) => {
  const { store, proxy } = await open(test);
  const c = store.collection(letters);
  const puts = Array.from({ length: 1200 }, (_, i) => c.put({ id: `${i}`, tags: ['x'] }, any));
  await store.close();
  await Promise.all(puts);
  const client = new MongoClient(proxy.uri);
  test.teardown(() => client.close());
  test.equal(
    await client
      .db()
      .collection('documents')
      .countDocuments({ o: { $exists: true } }),
    0,
  );
  test.equal(await client.db().collection('events').countDocuments(), 1200);
});

const OPERATORS = ['{"$gt":""}', '$where', '$ne', 'a.b', '$a.$b', '.*', '^', '/.*/', '[object Object]', '__proto__', '%', "'||'1'=='1"];
/** What a query string or a body that nobody has checked could become. */
const OBJECTS = [{ $gt: '' }, { $ne: null }, { $regex: '.*' }, { $where: 'true' }, ['a'], null, /./, 7];

fact(
  'nothing that is sent becomes an operator: texts are found as themselves, and what is no text is refused (threat 26)',
  async (test) => {
    const { store, proxy } = await open(test);
    const [l, r] = [store.collection(letters), store.collection(rules)];
    for (const id of ['plain', ...OPERATORS]) {
      await l.put({ id, tags: [id] }, any);
      await r.put({ id, tags: [id] }, any);
    }
    for (const text of OPERATORS) {
      test.equal((await l.get(text))?.value.id, text);
      test.same(
        (await r.query({ index: 'tag', equals: text, limit: 50 })).items.map(({ value }) => value.id),
        [text],
      );
      test.same(
        (await r.query({ index: 'tag', from: text, until: `${text}\u0001`, limit: 50 })).items.map(({ value }) => value.id),
        [text],
      );
      test.ok((await r.query({ index: 'tag', prefix: text, limit: 50 })).items.every(({ value }) => value.id.startsWith(text)));
      test.ok((await store.events.concerning(text, { limit: 50 })).events.every(({ key }) => key === text));
      test.same(
        (await store.events.of('letter', text, { limit: 50 })).events.map(({ key }) => key),
        [text],
      );
      test.equal(await l.get(`${text}!`), undefined);
      // A cursor is taken as a place in the order or refused; it never opens more than the conditions.
      const page = await r
        .query({ index: 'tag', equals: 'plain', cursor: Buffer.from(text).toString('base64url'), limit: 50 })
        .catch(() => undefined);
      test.ok(page === undefined || page.items.every(({ value }) => value.id === 'plain'));
      await test.rejects(r.query({ index: 'tag', equals: 'plain', cursor: `${text}=`, limit: 50 }), { name: 'ProblemError' });
      await test.rejects(store.events.after(text, 50));
    }
    await quiet(proxy);
    for (const sent of OBJECTS) {
      const text = sent as unknown as string;
      await test.rejects(async () => l.get(text), `${JSON.stringify(sent)} as a key`);
      await test.rejects(async () => store.read([{ collection: l, key: text }]));
      await test.rejects(async () => l.remove(text, any));
      await test.rejects(async () => l.put({ id: text, tags: [] }, any));
      await test.rejects(async () => r.put({ id: 'x', tags: [text] }, any));
      if (sent !== null)
        for (const condition of ['equals', 'prefix', 'from', 'until'])
          await test.rejects(async () => r.query({ index: 'tag', [condition]: text, limit: 9 }), condition);
      await test.rejects(async () => r.query({ limit: 9, cursor: text }));
      await test.rejects(async () => store.events.of('letter', text, { limit: 9 }));
      await test.rejects(async () => store.events.concerning(text, { limit: 9 }));
      await test.rejects(async () => store.events.after(text, 9));
    }
    test.ok(proxy.commands().length <= 2, 'no word of it reaches the server; the sweeper may have looked into both homes');
  },
);

/** How long the driver waits for an answer here. */
const PATIENCE_MS = 60_000;

fact('a client that hears nothing for long begins anew: who waited for it is told, and then all is as before (threat 23)', async (test) => {
  const proxy = await startProxy(test, server?.freshUri() ?? '');
  const store = await openMongoStore({ uri: proxy.uri, entities: declared, renewMs: 400 });
  test.teardown(() => store.close());
  const t = store.collection(things);
  await t.put({ id: 'a', tags: [] }, any);
  // Who reads no documents gets none, and has heard nothing of the server.
  const idle = setInterval(() => void t.getMany([]), 20);
  test.teardown(() => clearInterval(idle));
  // The driver's own look at the server is answered: to it all is well.
  proxy.play(({ isOfDriver }) => (isOfDriver ? 'pass' : 'hang'));
  const sinceMs = performance.now();
  test.match(await t.get('a').catch((error: unknown) => error), { slug: 'store-unavailable' });
  test.ok(performance.now() - sinceMs < PATIENCE_MS / 2, 'long before the driver gives up');
  await proxy.restore();
  test.equal((await t.get('a'))?.revision, 1);
  test.equal((await t.put({ id: 'a', tags: ['x'] }, any)).revision, 2);
  test.equal((await store.events.after(undefined, 10)).events.length, 2);
  const made = proxy.connections().made;
  await delay(1000);
  test.equal(proxy.connections().made, made, 'a server that answers is left alone');
});
