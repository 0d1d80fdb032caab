// Takes about 14 s.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import t, { type Test } from 'tap';
import {
  type BundleFault,
  type Isolation,
  type IsolationOptions,
  loadBundle,
  openIsolation,
  RegoObject,
  readBundle as unpacked,
  writeTarball,
} from '#policy';
import { build } from './rego.js';
import { question, questions, readBundle, SEARCH } from './world.js';

const failed = { name: 'ProblemError', slug: 'evaluation-failed' };

/** Rules that a policy of somebody else may have: each behaves as its input says. */
const RULES = `
echo := input
maybe if input.yes
clash := 1 if input.a
clash := 2 if input.b
endless := count([1 | some a in numbers.range(1, 1000); some b in numbers.range(1, 1000); some c in numbers.range(1, 1000); a + b == c])
grow := [x | some i in numbers.range(1, 5000000); x := format_int(i, 10)]
swell := count(yaml.unmarshal(input.many))
`;
const ENTRYPOINTS = ['echo', 'maybe', 'clash', 'endless', 'grow', 'swell'];
const unruly = build(RULES, ENTRYPOINTS);
/** What takes more than 16 MiB once it is read. */
const SWELLING = `[${Array.from({ length: 20_000 }, () => '{"a":[]}').join(',')}]`;

function isolation(t: Test, options: IsolationOptions = {}): Isolation {
  const opened = openIsolation(options);
  t.teardown(() => opened.close());
  return opened;
}

t.test('a bundle in a thread gives the answers that it gives inline', async (t) => {
  const tarball = await readBundle();
  const [inline, isolated] = await Promise.all([loadBundle(tarball), isolation(t).load(tarball, { name: 'standard' })]);
  t.equal(isolated.revision, inline.revision);
  t.same(isolated.entrypoints, inline.entrypoints);
  const asked = [...questions(21, 300)];
  t.same(
    await Promise.all(asked.map((input) => isolated.evaluate(SEARCH, input))),
    asked.map((input) => inline.evaluate(SEARCH, input)),
  );
  t.equal(await isolated.evaluate(SEARCH, undefined), undefined, 'what is undefined there is so here');
  const [first] = asked;
  t.equal(await isolated.evaluateToJson(SEARCH, first), inline.evaluateToJson(SEARCH, first));
  t.equal(await isolated.evaluateToJson(SEARCH, undefined), undefined);
  const term = RegoObject.of([
    ['grants', []],
    ['context', RegoObject.of([['time', '2026-11-21T12:00:00.000Z']])],
  ]);
  t.same(await isolated.evaluate(SEARCH, term), inline.evaluate(SEARCH, term), 'a term is an input');
  t.throws(() => isolated.evaluate('tilgang/access', {}), TypeError);
  t.throws(() => isolated.evaluate(SEARCH, () => 1), TypeError);
  t.match(isolated.status(), { name: 'standard', evaluations: 304, failures: 0, timeouts: 0, refusals: 0 });
});

t.test('questions of one turn go to the thread in few messages', async (t) => {
  const isolated = await isolation(t).load(await readBundle(), { name: 'standard' });
  const ask = (count: number): Promise<unknown> => Promise.all(Array.from({ length: count }, () => isolated.evaluate(SEARCH, question())));
  for (let i = 0; i < 60; i += 1) await ask(10);
  t.equal(isolated.status().standing, 'proven');
  await ask(64);
  let messages = 0;
  const { postMessage } = Worker.prototype;
  t.teardown(() => {
    Worker.prototype.postMessage = postMessage;
  });
  Worker.prototype.postMessage = function (this: Worker, ...sent: Parameters<typeof postMessage>) {
    messages += 1;
    return postMessage.apply(this, sent);
  };
  await ask(64);
  t.ok(messages >= 1 && messages < 16, `${messages} messages`);
});

t.test('a policy that does not end is stopped at its deadline and named, and nobody else notices (threat 15)', async (t) => {
  const ended: [string, BundleFault][] = [];
  const place = isolation(t, { onEnded: ({ name }, fault) => ended.push([name, fault]) });
  const [bad, good] = await Promise.all([place.load(await unruly, { name: 'bad' }), place.load(await readBundle(), { name: 'good' })]);
  t.same(await Promise.all([bad.evaluate('t/echo', 1), good.evaluate(SEARCH, question())]), [1, ['910000000']], 'both threads are up');
  const [afterwards, ...others] = await Promise.all([
    t.rejects(bad.evaluate('t/endless', {}), failed).then(() => bad.evaluate('t/echo', 'after')),
    bad.evaluate('t/echo', 'its own other question'),
    good.evaluate(SEARCH, question()),
  ]);
  t.equal(afterwards, 'after', 'another thread answers for it');
  t.same(others, ['its own other question', ['910000000']]);
  t.match(ended, [['bad', { kind: 'deadline', entrypoint: 't/endless' }]]);
  t.match(bad.status(), { standing: 'suspect', timeouts: 1, lastFault: { kind: 'deadline', entrypoint: 't/endless' } });
  t.match(good.status(), { standing: 'unproven', timeouts: 0, evaluations: 2 });

  const whileRunning = bad.evaluate('t/endless', {}).catch(() => 'ended');
  const first = await Promise.race([whileRunning, good.evaluate(SEARCH, question())]);
  t.same(first, ['910000000'], 'a suspect has a thread of its own: others are answered while it runs');
  await whileRunning;
});

t.test('of a batch whose thread is ended the questions before and after the endless one are put again', async (t) => {
  const bad = await isolation(t).load(await unruly, { name: 'bad' });
  for (let i = 0; i < 30; i += 1) await bad.evaluate('t/echo', i);
  const batch = await Promise.allSettled(['t/echo', 't/endless', 't/echo'].map((entrypoint) => bad.evaluate(entrypoint, 'here')));
  t.match(batch, [{ value: 'here' }, { reason: failed }, { value: 'here' }]);
  t.match(bad.status(), { timeouts: 1, evaluations: 32 });
});

t.test('a policy that runs away again and again is held back, its callers hear it at once', async (t) => {
  let now = 1_000_000;
  const bad = await isolation(t, { deadlineMs: 20, clock: () => now }).load(await unruly, { name: 'bad' });
  for (let i = 0; i < 3; i += 1) await t.rejects(bad.evaluate('t/endless', {}), failed);
  t.equal(bad.status().heldBackUntil, now + 1000);
  await t.rejects(bad.evaluate('t/echo', 1), { ...failed, retryAfterSeconds: 1 });
  t.match(bad.status(), { timeouts: 3, refusals: 1, evaluations: 0 });
  now += 1000;
  t.equal(await bad.evaluate('t/echo', 1), 1, 'then it gets another chance');
  await t.rejects(bad.evaluate('t/endless', {}), failed);
  t.equal(bad.status().heldBackUntil, now + 2000, 'and is held back longer');
});

t.test('how a bundle has done is known when it is loaded again, and questions that failed prove nothing', async (t) => {
  const place = isolation(t, { deadlineMs: 20 });
  const first = await place.load(await unruly, { name: 'again' });
  await t.rejects(first.evaluate('t/endless', {}), failed);
  first.release();
  const second = await place.load(await unruly, { name: 'again' });
  t.match(second.status(), { standing: 'suspect', timeouts: 1 });
  t.match(
    (await place.load(await unruly, { name: 'other' })).status(),
    { standing: 'unproven', timeouts: 0 },
    'of another name it is another',
  );
  const clashes = await place.load(await unruly, { name: 'clashes' });
  for (let i = 0; i < 10; i += 1) await Promise.allSettled(Array.from({ length: 60 }, () => clashes.evaluate('t/clash', { a: 1, b: 1 })));
  t.match(clashes.status(), { standing: 'unproven', failures: 600, evaluations: 0 });
});

t.test('a trap, an abort or exhausted memory fails the call, and the next answer is right (threat 16)', async (t) => {
  const bad = await isolation(t, { maxMemoryBytes: 32 * 2 ** 20, deadlineMs: 5000 }).load(await unruly, { name: 'bad' });
  const answers = await Promise.allSettled([
    bad.evaluate('t/echo', 'before'),
    bad.evaluate('t/clash', { a: 1, b: 1 }),
    bad.evaluate('t/clash', { b: 1 }),
    bad.evaluate('t/grow', {}),
    bad.evaluate('t/maybe', {}),
    bad.evaluate('t/echo', Buffer.from('{')),
    bad.evaluate('t/echo', Buffer.from('9007199254740993')),
    bad.evaluate('t/echo', 'x'.repeat(300_000)),
    bad.evaluate('t/echo', 'after'),
  ]);
  t.match(
    answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : answer.reason.slug)),
    ['before', failed.slug, 2, failed.slug, undefined, failed.slug, failed.slug, failed.slug, 'after'],
  );
  t.match(bad.status(), { failures: 5, timeouts: 0, exhaustions: 0, standing: 'unproven' });
  await t.rejects(bad.evaluate('t/clash', { a: 1, b: 1 }), failed);
  t.match(
    bad.status().lastFault,
    { kind: 'failed', entrypoint: 't/clash', detail: /^line \d+, column \d+: var assignment conflict$/ },
    'its author is told where',
  );
});

t.test('a thread whose heap is used up is ended and another one answers', async (t) => {
  const place = isolation(t, { maxHeapMib: 16, deadlineMs: 10_000 });
  const [bad, good] = await Promise.all([place.load(await unruly, { name: 'bad' }), place.load(await readBundle(), { name: 'good' })]);
  const swelling = bad.evaluate('t/swell', { many: SWELLING });
  const other = good.evaluate(SEARCH, question());
  await t.rejects(swelling, failed);
  t.same(await other, ['910000000'], 'who waited for the same thread is answered by the next');
  t.match(bad.status(), { exhaustions: 1, standing: 'suspect', lastFault: { kind: 'memory', entrypoint: 't/swell' } });
  t.equal(await bad.evaluate('t/echo', 7), 7);
});

t.test('of a flood of questions what is too much is refused, and the questions of others take their turn', async (t) => {
  const place = isolation(t, { maxWaiting: 200 });
  const [many, few] = await Promise.all([place.load(await unruly, { name: 'many' }), place.load(await readBundle(), { name: 'few' })]);
  await Promise.all([many.evaluate('t/echo', 0), few.evaluate(SEARCH, question())]);
  let answered = 0;
  const flood = Array.from({ length: 300 }, (_, i) =>
    many.evaluate('t/echo', i).then(() => {
      answered += 1;
    }),
  );
  const [outcomes, before] = await Promise.all([Promise.allSettled(flood), few.evaluate(SEARCH, question()).then(() => answered)]);
  t.equal(outcomes.filter(({ status }) => status === 'rejected').length, 100);
  t.match(
    outcomes.find(({ status }) => status === 'rejected'),
    { reason: failed },
  );
  t.ok(before < 200, `the other one was answered after ${before} of 200`);
  t.equal(many.status().refusals, 100);
});

t.test('a place that is closed refuses what it is at and what comes after, and its threads are gone', async (t) => {
  const place = openIsolation();
  const bundle = await place.load(await unruly, { name: 'bad' });
  await bundle.evaluate('t/echo', 1);
  const pending = bundle.evaluate('t/endless', {});
  const refused = t.rejects(pending, failed);
  await place.close();
  await refused;
  await t.rejects(bundle.evaluate('t/echo', 1), failed);
  await t.rejects(place.load(await unruly, { name: 'late' }), failed, 'nothing is opened that nobody would close');
  await t.rejects(place.loadInline(await unruly), failed);
});

t.test('a bundle that is trusted answers in this thread as one that is loaded here', async (t) => {
  const inline = await isolation(t).loadInline(await readBundle());
  t.same(inline.evaluate(SEARCH, question()), ['910000000']);
  t.same(inline.entrypoints, (await loadBundle(await readBundle())).entrypoints);
});

t.test('what a bundle was given back is loaded again when it is asked', async (t) => {
  const place = isolation(t);
  const bundle = await place.load(await unruly, { name: 'back' });
  t.equal(await bundle.evaluate('t/echo', 1), 1);
  bundle.release();
  t.equal(await bundle.evaluate('t/echo', 2), 2);
});

t.test('a bundle that is unfit or not signed is refused before anything of it runs (threat 1)', async (t) => {
  const place = isolation(t);
  const invalid = { name: 'ProblemError', slug: 'bundle-invalid' };
  await t.rejects(place.load(Buffer.from('x'), { name: 'x' }), invalid);
  await t.rejects(place.load(await unruly, { name: 'x', signature: { keys: [] } }), { ...invalid, detail: /not signed/ });
});

t.test('a bundle may ask hosts that the operator names, in a thread of its own where nobody else waits (threat 33)', async (t) => {
  const waiting: ServerResponse[] = [];
  const server = createServer((request, response) => {
    if (request.url === '/slow') waiting.push(response);
    else response.setHeader('content-type', 'application/json').end('{"open":true}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  const asking = await build(`ask := http.send({"method": "GET", "url": input.url}).body`, ['ask']);
  await t.rejects(isolation(t).load(asking, { name: 'asking' }), /http\.send .*policyHosts/, 'nobody is named');
  const opened = isolation(t, { outside: { hosts: [host], networks: ['127.0.0.0/8', '::1/128'], deadlineMs: 4000 } });
  const [asker, other] = await Promise.all([opened.load(asking, { name: 'asking' }), opened.load(await unruly, { name: 'other' })]);
  t.same(await asker.evaluate('t/ask', { url: `http://${host}/` }), { open: true });
  t.equal(await asker.evaluate('t/ask', { url: 'http://elsewhere.example.no/' }), undefined, 'others are not asked');
  const slow = asker.evaluate('t/ask', { url: `http://${host}/slow` });
  while (waiting.length === 0) await delay(5);
  t.equal(await other.evaluate('t/echo', 7), 7, 'it has not ended');
  waiting[0]?.setHeader('content-type', 'application/json').end('3');
  t.equal(await slow, 3);
});

t.test('a question that asked a host is not put again when its thread ends: an effect there is had once at most', async (t) => {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.setHeader('content-type', 'application/json').end('1');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const host = `localhost:${(server.address() as AddressInfo).port}`;
  const asking = await build(
    `ask := http.send({"method": "POST", "url": input.url}).body
echo := input
swell := count(yaml.unmarshal(input.many))`,
    ['ask', 'echo', 'swell'],
  );
  // Ended by its memory: a deadline would be met or not as the machine is busy.
  const outside = { hosts: [host], networks: ['127.0.0.0/8', '::1/128'], deadlineMs: 60_000 };
  const place = isolation(t, { maxHeapMib: 16, deadlineMs: 60_000, outside });
  const bundle = await place.load(asking, { name: 'asking' });
  for (let i = 0; i < 30; i += 1) await bundle.evaluate('t/echo', i);
  const batch = await Promise.allSettled([
    bundle.evaluate('t/ask', { url: `http://${host}/` }),
    bundle.evaluate('t/swell', { many: SWELLING }),
    bundle.evaluate('t/echo', 'behind'),
  ]);
  t.match(batch, [{}, { reason: failed }, { value: 'behind' }]);
  t.match(bundle.status(), { exhaustions: 1, timeouts: 0 });
  t.equal(asked, 1);
});

const FUNCTIONS = [
  ...['builtins', 'entrypoints', 'eval', 'opa_malloc', 'opa_json_parse', 'opa_json_dump', 'opa_value_parse', 'opa_value_dump'],
  ...['new', 'set_input', 'set_data', 'set_entrypoint', 'get_result'].map((name) => `opa_eval_ctx_${name}`),
  ...['opa_heap_ptr_get', 'opa_heap_ptr_set'],
];

/** A module of the right form whose start never ends. */
function unstartable(): Uint8Array {
  const functions = FUNCTIONS.map((name) => [...text(name), 0, 0]);
  const globals = ['opa_wasm_abi_version', 'opa_wasm_abi_minor_version'].map((name, i) => [...text(name), 3, i]);
  const body = [0, 0x03, 0x40, 0x0c, 0, 0x0b, 0x0b];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [[0x60, 0, 0]]),
    ...section(3, [[0]]),
    ...section(6, [
      [0x7f, 0, 0x41, 1, 0x0b],
      [0x7f, 0, 0x41, 2, 0x0b],
    ]),
    ...section(7, [...functions, ...globals]),
    ...[8, 1, 0],
    ...section(10, [[body.length, ...body]]),
  ]);
}

const text = (name: string): number[] => [name.length, ...Buffer.from(name)];
const size = (n: number): number[] => (n < 128 ? [n] : [(n % 128) + 128, n >> 7]);

function section(id: number, items: readonly (readonly number[])[]): number[] {
  const content = [...size(items.length), ...items.flat()];
  return [id, ...size(content.length), ...content];
}

t.test('for a bundle that is only tried nobody waits: neither for its start nor for its questions (threat 15)', async (t) => {
  const place = openIsolation();
  const good = await readBundle();
  const { files } = await unpacked(await unruly);
  const hostile = writeTarball(new Map([...files, ['policy.wasm', unstartable()]]));
  let isOver = false;
  const hostileLoad = place.load(await hostile, { name: 'hostile', isTrial: true }).finally(() => {
    isOver = true;
  });
  const bundle = await place.load(good, { name: 'good' });
  t.same(await bundle.evaluate(SEARCH, question()), ['910000000']);
  t.notOk(isOver, 'it still goes on');
  await Promise.all([t.rejects(hostileLoad, { name: 'ProblemError', slug: 'bundle-invalid' }), place.close()]);
  const tries = isolation(t);
  t.equal((await tries.load(await unruly, { name: 'tried', isTrial: true })).status().standing, 'suspect');
});
