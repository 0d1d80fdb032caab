import { execFileSync, spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { ProblemError } from '#problem';
import { openLmdbStore } from '#storage/lmdb';
import { declared, facts, rules, things } from './contract.js';

const LIMIT = 16 * 2 ** 20;
const full = { name: 'ProblemError', slug: 'store-full' };
const any = { expect: 'any', facts } as const;

async function folder(test: Test): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'tilgang-full-'));
  test.teardown(() => rm(made, { recursive: true, force: true }));
  return join(made, 'data');
}

function orders(from: number, count: number) {
  return Array.from({ length: count }, (_, i) => ({
    value: { id: `k${from + i}`, tags: ['x', 'f'.repeat(700)] },
    expect: 'absent' as const,
  }));
}

void t.test(
  'a file that is as large as it may be takes no change, answers every read, and takes changes again with a wider bound',
  async (test) => {
    const path = await folder(test);
    const store = await openLmdbStore({ path, entities: declared, mapSizeBytes: LIMIT });
    const [c, r] = [store.collection(things), store.collection(rules)];
    await r.put({ id: 'r', tags: ['x'] }, any);
    let written = 0;
    const fill = async (): Promise<void> => {
      // As many as are written in one transaction: all of them or none.
      for (; ; written += 250) await c.putMany(orders(written, 250), facts);
    };
    await test.rejects(fill(), full);
    test.ok(written > 2000, `${written} were written before`);
    test.ok(statSync(join(path, 'data.mdb')).size < LIMIT * 1.5, 'the bound holds');

    test.equal(await store.check(), 'full');
    await test.rejects(c.put({ id: 'more', tags: [] }, any), full);
    await test.rejects(c.remove('k0', any), full);
    const reading = await store.read([{ collection: c, key: 'k0' }]);
    test.equal(reading.documents[0]?.revision, 1);
    test.equal((await reading.registry(r, 'r'))?.revision, 1);
    const kept = await c.count({ index: 'tag', equals: 'x' });
    test.ok(kept >= written && kept < written + 500, 'and of the last ones those that had room');
    test.same(await store.events.verify(), { events: kept + 1, documents: kept + 1 });
    await store.close();

    const wider = await openLmdbStore({ path, entities: declared, mapSizeBytes: LIMIT * 4 });
    test.teardown(() => wider.close());
    test.equal(await wider.check(), 'ok');
    test.equal((await wider.collection(things).put({ id: 'more', tags: [] }, any)).revision, 1);
  },
);

void t.test('what was freed in a full file is used again', async (test) => {
  const path = await folder(test);
  const before = await openLmdbStore({ path, entities: declared });
  for (let i = 0; i < 10; i += 1) await before.collection(things).putMany(orders(i * 1000, 1000), facts);
  await Promise.all(orders(0, 4000).map(({ value }) => before.collection(things).remove(value.id, any)));
  await before.close();
  const store = await openLmdbStore({ path, entities: declared, mapSizeBytes: statSync(join(path, 'data.mdb')).size - 2 ** 20 });
  test.teardown(() => store.close());
  const size = statSync(join(path, 'data.mdb')).size;
  for (let i = 0; i < 30; i += 1) await store.collection(things).put({ id: `n${i}`, tags: ['y'] }, any);
  test.equal(await store.check(), 'ok');
  test.ok(statSync(join(path, 'data.mdb')).size <= size);
});

void t.test('many puts that fail in part may be repeated with the same expectations', async (test) => {
  const path = await folder(test);
  const store = await openLmdbStore({ path, entities: declared, mapSizeBytes: LIMIT });
  const many = orders(0, 9000);
  await test.rejects(store.collection(things).putMany(many, facts), full);
  const written = await store.collection(things).count({});
  test.ok(written >= 2048 && written < many.length, `${written} were written before it failed`);
  test.equal((await store.events.verify()).events, written);
  await store.close();

  const again = await openLmdbStore({ path, entities: declared });
  test.teardown(() => again.close());
  const outcomes = await again.collection(things).putMany(many, facts);
  test.equal(outcomes.filter((outcome) => outcome instanceof ProblemError && outcome.slug === 'conflict').length, written);
  test.equal(await again.collection(things).count({}), many.length);
  test.same(await again.events.verify(), { events: many.length, documents: many.length });
});

// Fills the file system, reads, waits until it may go on, writes, and tells what it saw.
const CHILD = `
  import { openLmdbStore } from '#storage/lmdb';
  import { once } from 'node:events';
  const [path] = process.argv.slice(1);
  const thing = { name: 'thing', key: (v) => v.id, indexes: { tag: { values: (v) => v.tags } } };
  const rule = { name: 'rule', isRegistry: true, key: (v) => v.id, indexes: {} };
  const facts = ${JSON.stringify(facts)};
  const store = await openLmdbStore({ path, entities: [thing, rule] });
  const [c, r] = [store.collection(thing), store.collection(rule)];
  await r.put({ id: 'r', tags: [] }, { expect: 'any', facts });
  let written = 0;
  const refused = [];
  while (refused.length < 5) {
    const values = Array.from({ length: 100 }, (_, i) => ({ value: { id: 'k' + (written + i), tags: ['x'.repeat(300)] }, expect: 'any' }));
    await c.putMany(values, facts).then(() => { written += 100; }, (error) => refused.push(error.slug));
  }
  const reading = store.read([{ collection: c, key: 'k0' }]);
  const told = { refused, written, state: await store.check(), read: reading.documents[0]?.revision, rule: reading.registry(r, 'r')?.revision, counted: await c.count({}) };
  process.stdout.write(JSON.stringify(told) + '\\n');
  await once(process.stdin, 'data');
  process.stdin.unref();
  const put = () => c.put({ id: 'after', tags: [] }, { expect: 'any', facts }).then((stored) => stored.revision, (error) => error.slug);
  let after = await put();
  for (let i = 0; i < 30 && after !== 1; i += 1) { await new Promise((resolve) => setTimeout(resolve, 200)); after = await put(); }
  const { broken } = await store.events.verify();
  process.stdout.write(JSON.stringify({ after, state: await store.check(), broken }) + '\\n');
  await store.close();
`;

void t.test(
  'on a full disk changes are refused, reads go on, the process lives, and changes work again once there is room (threats 24, 49)',
  async (test) => {
    const mount = await mkdtemp(join(tmpdir(), 'tilgang-disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', mount], { stdio: 'ignore' });
    } catch {
      await rm(mount, { recursive: true, force: true });
      const why = 'this machine lets nobody mount a small file system (needs root); the bound of the file is tried above';
      process.stderr.write(`skipped: ${why}\n`);
      test.pass(`skipped: ${why}`);
      return;
    }
    test.teardown(async () => {
      execFileSync('umount', ['-l', mount]);
      await rm(mount, { recursive: true, force: true });
    });
    const filler = join(mount, 'filler');
    execFileSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=1M', 'count=8'], { stdio: 'ignore' });
    await mkdir(join(mount, 'data'));
    const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, join(mount, 'data')], { stdio: ['pipe', 'pipe', 'pipe'] });
    let [said, complained] = ['', ''];
    child.stdout.on('data', (chunk) => {
      said += String(chunk);
    });
    child.stderr.on('data', (chunk) => {
      complained += String(chunk);
    });
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
    while (!said.includes('\n') && child.exitCode === null) await delay(50);
    await rm(filler);
    child.stdin.end('go\n');
    test.equal(await ended, 0, complained);
    const [during, after] = said
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const { written, ...rest } = during ?? {};
    test.ok((written as number) > 1000);
    test.same(rest, { refused: Array(5).fill('store-full'), state: 'full', read: 1, rule: 1, counted: written });
    test.same(after, { after: 1, state: 'ok' });
    test.notOk(existsSync(filler));
  },
);
