import { execFileSync } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type DecisionEvent, GAP_PATH, readDecisions } from '#decisions';
import { JsonText, loadBundle } from '#policy';
import { bundleWith, eventsIn, NOON, openLogged, SEARCH, settingsWith, temporary, textOf } from './logged.js';

const MINUTE_MS = 60_000;
const pathsOf = (events: readonly DecisionEvent[]): string[] => events.map(({ path }) => path);

t.test('a decision is in the file before it is said to be written, in the form of OPA', async (t) => {
  const world = openLogged(t);
  const judge = world.judge('request');
  const { id } = await judge.ask(SEARCH, new JsonText('{"application":{"id":"a"},"big":9007199254740993}'), undefined, {
    requestedBy: '910000001',
    documentRevision: 3,
  });
  t.throws(() => readdirSync(world.folder), { code: 'ENOENT' }, 'nothing is written within the turn');
  t.equal(await judge.written(), undefined);
  const [file = ''] = world.files();
  const line = readFileSync(join(world.folder, file), 'utf8');
  t.match(line, /"input":\{"application":\{"id":"a"\},"big":9007199254740993\},/, 'the input as it was asked, text for text');
  t.match(JSON.parse(line), {
    labels: { id: /^[0-9a-f-]{36}$/, version: '1.2.3' },
    decision_id: id,
    bundles: { tilgang: { revision: 'r1' } },
    path: 'tilgang/access/search',
    result: ['910000000'],
    requested_by: '910000001',
    timestamp: '2026-11-21T12:00:00.000Z',
    metrics: { timer_rego_query_eval_ns: Number },
    req_id: 1,
    custom: { request_id: 'request', document_revision: 3 },
  });
  t.equal(statSync(join(world.folder, file)).mode & 0o777, 0o600);
  t.equal(statSync(world.folder).mode & 0o777, 0o700);
});

t.test('what decides nothing for anybody is not in the log', async (t) => {
  const world = openLogged(t);
  const judge = world.judge();
  await judge.ask({ ...SEARCH, isLogged: undefined as never }, {});
  await judge.ask(SEARCH, {}, undefined, 'nobody');
  t.equal(judge.written(), undefined);
  await world.ask();
  t.equal((await world.events()).length, 1);
});

t.test('what two bundles decide together is one event, with both revisions and the answer that was given', async (t) => {
  const world = openLogged(t);
  const input = new JsonText('{"application":{"id":"a"}}');
  const bundles = { tilgang: 'r1', a: '7' };
  const asked = { requestedBy: '910000001' };
  const judge = world.judge();
  const within = async () => {
    await judge.ask(SEARCH, input, undefined, 'nobody');
    return { answer: ['910000002'], kept: true };
  };
  t.match(await judge.decide(SEARCH, input, { asker: asked, bundles }, within), { kept: true });
  await judge.decide(SEARCH, input, { asker: 'nobody', bundles }, within);
  const fails = async () => {
    throw new Error('secret');
  };
  await t.rejects(judge.decide(SEARCH, input, { asker: asked, bundles }, fails as never), /secret/);
  await judge.written();
  t.match(await world.events(), [
    {
      path: SEARCH.entrypoint,
      bundles: { tilgang: { revision: 'r1' }, a: { revision: '7' } },
      input: { application: { id: 'a' } },
      result: ['910000002'],
    },
    { bundles: { a: { revision: '7' } }, error: { message: 'the evaluation failed' } },
  ]);
  t.equal((await world.events()).length, 2);
});

t.test('a failed evaluation is an event without an answer, and quotes nothing of what was asked (threat 37)', async (t) => {
  const bundle = bundleWith({
    [SEARCH.entrypoint](input) {
      if ((input as JsonText).text.includes('wrong')) return 7;
      throw new Error('the policy aborted: secret');
    },
  });
  const world = openLogged(t, {}, { bundle });
  for (const input of [{ a: 'secret' }, { a: 'wrong' }, new JsonText('{"a": no json secret')]) {
    const judge = world.judge();
    t.throws(() => judge.ask(SEARCH, input), { name: 'ProblemError', slug: 'evaluation-failed' });
    await judge.written();
  }
  const [thrown, shape, broken] = (await world.events()) as [DecisionEvent, DecisionEvent, DecisionEvent];
  t.match(thrown, { input: { a: 'secret' }, error: { code: 'evaluation_failed', message: 'the evaluation failed' } });
  t.match(shape.error?.message, 'tilgang/access/search gave another shape than it declares');
  t.notOk('input' in broken || 'result' in broken, 'what is no JSON spoils no line');
});

t.test('decisions of one turn are written together, in their order, and each waits for its own', async (t) => {
  const world = openLogged(t);
  const judges = Array.from({ length: 200 }, (_, i) => {
    const judge = world.judge();
    judge.ask(SEARCH, { i, text: 'ø'.repeat(2000) });
    return judge;
  });
  t.equal(new Set(judges.map((judge) => judge.written())).size, 1);
  await Promise.all(judges.map((judge) => judge.written()));
  t.same(
    (await world.events()).map(({ input, req_id }) => [(input as { i: number }).i, req_id]),
    judges.map((_, i) => [i, i + 1]),
  );
});

t.test(
  'a file is followed by the next at its size and at its age, and the oldest go when there are too many or they are too old',
  async (t) => {
    const size = { decisionLogSegmentBytes: 2000, decisionLogBytes: 8000 };
    const world = openLogged(t, { ...size, decisionLogSegmentMinutes: 60, decisionLogDays: 2 });
    await world.log.serve();
    await world.ask(12);
    const before = world.files();
    t.ok(before.length > 1, 'by size');
    t.ok(before.every((file) => statSync(join(world.folder, file)).size <= 2000));
    world.now += 61 * MINUTE_MS;
    await world.ask();
    const after = world.files();
    t.equal(after.length, before.length + 1, 'by age');
    world.now += MINUTE_MS;
    await world.ask(40);
    await world.log.sweep();
    const bytes = world.files().reduce((sum, file) => sum + statSync(join(world.folder, file)).size, 0);
    t.ok(bytes <= 8000 + 2000, `${bytes} bytes are kept`);
    t.same((await world.events()).map(({ req_id }) => req_id).slice(-3), [51, 52, 53], 'the newest are there');
    t.notOk(world.files().includes(before[0] as string));
    world.now += 3 * 24 * 60 * MINUTE_MS;
    await world.log.sweep();
    t.same(world.files(), [], 'after two days nothing is left');
    await world.ask();
    t.equal((await world.events()).length, 1);
    t.same(world.told, []);
  },
);

t.test(
  'while the folder cannot be used decisions go on, and what is missing is counted, told and said in the log (threat 36)',
  async (t) => {
    const world = openLogged(t);
    writeFileSync(world.folder, 'in the way');
    t.same(await world.ask(3), [undefined, undefined, undefined]);
    t.match(world.log.state(), { state: 'dropping', missed: 3, cause: 'ENOTDIR' });
    t.same(world.told, ['decision log not written']);
    rmSync(world.folder);
    await world.ask(2);
    const events = await world.events();
    t.same(pathsOf(events), [GAP_PATH, SEARCH.entrypoint, SEARCH.entrypoint]);
    t.match(events[0]?.result, { missing: 3, cause: 'ENOTDIR', from: '2026-11-21T12:00:00.000Z' });
    t.match(world.log.state(), { state: 'ok', missed: 3 });
    t.same(world.told, ['decision log not written', 'decision log written again']);
  },
);

/** Decides a hundred times where the system lets no file grow beyond a bound, and says how many it did not write. */
const BOUNDED = `
  import { createDecisions, DecisionLog } from '#decisions';
  const [folder, settings] = process.argv.slice(1);
  const log = new DecisionLog({ folder, settings: JSON.parse(settings), version: '1', clock: Date.now, tell() {} });
  const rule = { entrypoint: 'tilgang/access/search', isAnswer: Array.isArray, isLogged: true };
  const decisions = createDecisions(() => ({ revision: 'r', entrypoints: [], evaluate: () => [] }), { log });
  for (let i = 0; i < 100; i += 1) {
    const judge = decisions.pinned();
    judge.ask(rule, { text: 'x'.repeat(701) });
    await judge.written();
  }
  process.stdout.write(JSON.stringify(log.state()));
`;

t.test('what a full disk takes half of leaves no half a line behind (threat 36)', async (t) => {
  const folder = join(temporary(t), 'decisions');
  const script = 'ulimit -f 64 && exec "$0" --input-type=module -e "$1" "$2" "$3"';
  const said = execFileSync('sh', ['-c', script, process.execPath, BOUNDED, folder, JSON.stringify(settingsWith())], { encoding: 'utf8' });
  const { state, cause, missed } = JSON.parse(said);
  t.match({ state, cause }, { state: 'dropping', cause: 'EFBIG' });
  let unreadable = 0;
  const events = await eventsIn(folder, { onUnreadable: () => (unreadable += 1) });
  t.equal(events.filter(({ path }) => path === SEARCH.entrypoint).length, 100 - missed);
  t.equal(unreadable, 0);
  const [file = ''] = readdirSync(folder);
  t.match(readFileSync(join(folder, file), 'utf8'), /\}\n$/);
});

t.test('where each decision must be logged one that is not is no answer, and the next is tried again (threat 36)', async (t) => {
  const world = openLogged(t, { decisionLogWhenFull: 'refuse' });
  writeFileSync(world.folder, 'in the way');
  t.match(await world.ask(), [{ slug: 'decision-log-unavailable' }]);
  t.throws(
    () => world.judge().ask(SEARCH, {}),
    { name: 'ProblemError', slug: 'decision-log-unavailable' },
    'known by now: nothing is decided',
  );
  t.equal(world.log.state().state, 'refusing');
  rmSync(world.folder);
  t.same(await world.ask(), [undefined]);
  t.same(pathsOf(await world.events()), [GAP_PATH, SEARCH.entrypoint]);
  t.equal(world.log.state().state, 'ok');
});

t.test('a file that was taken away is told, and the next decision is written to another', async (t) => {
  const world = openLogged(t);
  await world.log.serve();
  await world.ask();
  for (const file of world.files()) rmSync(join(world.folder, file));
  await world.log.sweep();
  t.same(world.told, ['decision log not written']);
  await world.ask();
  t.equal((await world.events()).length, 1);
});

t.test('what a process has left is gone on with after its last whole line, and another process that lives is left alone', async (t) => {
  const folder = join(temporary(t), 'decisions');
  const first = openLogged(t, {}, { folder });
  await first.ask(2);
  const [left = ''] = first.files();
  const beside = openLogged(t, {}, { folder });
  await beside.ask();
  t.equal(beside.files().length, 2, 'the first one lives');
  await first.log.close();
  appendFileSync(join(folder, left), '{"labels":{"id":"half a li');
  const next = openLogged(t, {}, { folder });
  await next.ask();
  t.equal(next.files().length, 2);
  t.notOk(next.files().includes(left), 'it has another owner now');
  let unreadable = 0;
  t.equal((await eventsIn(folder, { onUnreadable: () => (unreadable += 1) })).length, 4);
  t.equal(unreadable, 0);
  // As of a process that was killed: nobody has that number, or it began at another moment.
  const dead = left.replace(/\.[0-9-]+\.jsonl$/, `.${process.pid}-1-1.jsonl`);
  await next.log.close();
  const [closed = ''] = next.files().filter((file) => file.startsWith(left.slice(0, 20)));
  renameSync(join(folder, closed), join(folder, dead));
  await beside.log.serve();
  t.notOk(beside.files().includes(dead), 'a gateway takes over what is left');
});

t.test('the events of several processes are read in the order of time, between two moments, and on as they come', async (t) => {
  const folder = join(temporary(t), 'decisions');
  const worlds = [
    openLogged(t, {}, { folder }),
    openLogged(t, {}, { folder }),
    openLogged(t, { decisionLogSegmentBytes: 65_536 }, { folder }),
  ];
  const pad = 'x'.repeat(300);
  for (let i = 0; i < 900; i += 1) {
    const world = worlds[i % 3] as (typeof worlds)[number];
    world.now = NOON + i * 1000;
    await world.ask(1, { i, pad });
  }
  const numbersOf = (events: readonly DecisionEvent[]): number[] => events.map(({ input }) => (input as { i: number }).i);
  const all = Array.from({ length: 900 }, (_, i) => i);
  t.same(numbersOf(await eventsIn(folder)), all);
  const from = new Date(NOON + 700_000).toISOString();
  const until = new Date(NOON + 710_000).toISOString();
  t.same(numbersOf(await eventsIn(folder, { from, until })), all.slice(700, 710));
  const [file = ''] = worlds[0]?.files() ?? [];
  appendFileSync(join(folder, file), 'no event\n');
  const over = new AbortController();
  const followed: number[] = [];
  let unreadable = 0;
  for await (const { input } of readDecisions({ folder, from, follow: over.signal, onUnreadable: () => (unreadable += 1) })) {
    followed.push((input as { i: number }).i);
    // The first that is new is asked for once the last of the old ones has come.
    if (followed.length === 200) await worlds[1]?.ask(1, { i: 900 });
    if (followed.at(-1) === 900) over.abort();
  }
  t.same(followed, [...all.slice(700), 900]);
  t.equal(unreadable, 1);
});

const BODY = { person: { name: 'Ada', numbers: ['one', 'two'] }, 'a b': 1 };

t.test('a mask of the bundle is heeded before anything is on disk, with pointers and rules as OPA has them (threat 37)', async (t) => {
  const masks = [
    '/input/person/name',
    '/input/person/numbers/0',
    '/input/a%20b',
    '/input/not/there',
    { op: 'upsert', path: '/input/made/here', value: { x: 1 } },
    { op: 'upsert', path: '/input/__proto__', value: 'own' },
    { op: 'upsert', path: '/result', value: 'hidden' },
  ];
  let seen: unknown;
  const bundle = bundleWith({
    'system/log/mask'(input) {
      seen = JSON.parse((input as JsonText).text);
      return masks;
    },
  });
  const world = openLogged(t, {}, { bundle });
  await world.ask(1, BODY);
  t.match(seen, { input: BODY, path: SEARCH.entrypoint, result: ['910000000'] }, 'it is asked with the event');
  const text = textOf(world.folder);
  t.notMatch(text, /Ada|one|910000000"\]/);
  t.match(text, '"__proto__":"own"');
  t.match(await world.events(), [
    {
      input: { person: { numbers: ['two'] }, made: { here: { x: 1 } } },
      result: 'hidden',
      erased: ['/input/person/name', '/input/person/numbers/0', '/input/a%20b'],
      masked: ['/input/made/here', '/input/__proto__', '/result'],
    },
  ]);
  masks.splice(0, masks.length, '/input');
  await world.ask(1, BODY);
  t.notOk('input' in ((await world.events())[1] as object));
});

t.test('what the policy drops is not written, and a mask that fails leaves the body out (threat 37)', async (t) => {
  let drops: unknown = true;
  let mask: unknown = [];
  const bundle = bundleWith({ 'system/log/drop': () => drops, 'system/log/mask': () => (typeof mask === 'function' ? mask() : mask) });
  const world = openLogged(t, {}, { bundle });
  await world.ask(1, BODY);
  t.same(await world.events(), []);
  drops = undefined;
  const failing = [
    7,
    'all',
    ['input'],
    ['/labels/id'],
    [{ path: '/input' }],
    [{ op: 'replace', path: '/input' }],
    [null],
    () => assertFails(),
  ];
  for (const one of failing) {
    mask = one;
    await world.ask(1, BODY);
  }
  mask = undefined;
  drops = 'yes';
  await world.ask(1, BODY);
  const events = await world.events();
  t.equal(events.length, failing.length + 1);
  for (const event of events) {
    t.notOk('input' in event || 'result' in event);
    t.match(event, { erased: ['/input', '/result'], custom: { mask_failed: true, request_id: 'request-0' }, requested_by: '910000001' });
  }
  t.notMatch(textOf(world.folder), /Ada/);
  t.equal(world.log.state().unmasked, events.length);
  t.same(world.told, ['decision log mask failed']);
});

const RULES = `package system.log

import rego.v1

mask contains "/input/person" if input.path == "tilgang/access/search"
mask contains {"op": "upsert", "path": "/result", "value": count(input.result)} if true
drop if input.input.quiet
search := ["910000000"]
`;

t.test('masks of a real bundle are asked with the event', async (t) => {
  const folder = temporary(t);
  writeFileSync(join(folder, 'log.rego'), RULES);
  const rules = ['mask', 'drop', 'search'].flatMap((rule) => ['-e', `system/log/${rule}`]);
  execFileSync(process.env['OPA'] ?? 'opa', ['build', '-t', 'wasm', ...rules, '-o', join(folder, 'b.tar.gz'), join(folder, 'log.rego')]);
  const bundle = await loadBundle(readFileSync(join(folder, 'b.tar.gz')));
  const world = openLogged(
    t,
    {},
    { bundle: { ...bundle, evaluate: (rule, input) => bundle.evaluate(rule === SEARCH.entrypoint ? 'system/log/search' : rule, input) } },
  );
  await world.ask(1, { person: 'Ada', rest: true });
  await world.ask(1, { quiet: true });
  t.match(await world.events(), [{ input: { rest: true }, result: 1, erased: ['/input/person'], masked: ['/result'] }]);
  t.equal((await world.events()).length, 1);
  t.notMatch(textOf(world.folder), /Ada/);
});

function assertFails(): never {
  throw new Error('a built-in has failed');
}

t.test('notes are taken of what processes that have ended have left, once, from where they came to', async (t) => {
  const folder = join(temporary(t), 'decisions');
  const first = openLogged(t, {}, { folder });
  await first.ask(2, { of: 'first' });
  const done = first.log.mark();
  await done();
  await first.ask(3, { of: 'first, later' });
  await first.log.close();
  const next = openLogged(t, {}, { folder });
  await next.ask(1, { of: 'next' });
  await next.log.serve();
  const left = async (): Promise<unknown[]> => {
    const found: unknown[] = [];
    for await (const { input } of next.log.left()) found.push((input as { of: string }).of);
    return found;
  };
  t.same(await left(), ['first, later', 'first, later', 'first, later']);
  t.same(await left(), []);
  await next.log.mark()();
  await next.log.close();
  const last = openLogged(t, {}, { folder });
  await last.log.serve();
  for await (const event of last.log.left()) t.fail(`${event.decision_id} is noted already`);
});

t.test(
  'where decisions come one in a turn each is written at once, before it is answered; where more come they are written together again',
  async (t) => {
    const world = openLogged(t);
    await world.ask(8);
    const lines = (): number => textOf(world.folder).split('\n').length - 1;
    const alone = world.judge();
    alone.ask(SEARCH, {});
    t.equal(lines(), 9, 'it is in the file already');
    t.equal(alone.written(), undefined, 'nobody waits');
    const heldOf = async (): Promise<number> => {
      const judges = Array.from({ length: 16 }, () => world.judge());
      for (const judge of judges) judge.ask(SEARCH, {});
      const held = judges.map((judge) => judge.written()).filter((written) => written !== undefined);
      await Promise.all(held);
      await new Promise(setImmediate);
      return held.length;
    };
    let held = 0;
    for (let turns = 0; held === 0 && turns < 10; turns += 1) held = await heldOf();
    t.equal(held, 16);
    t.equal(new Set((await world.events()).map(({ req_id }) => req_id)).size, lines(), 'each once');
  },
);

t.test('a decision that is written at once and cannot be is refused as well, where it must be logged', async (t) => {
  const folder = join(temporary(t), 'decisions');
  const world = openLogged(t, { decisionLogWhenFull: 'refuse', decisionLogSegmentMinutes: 1 }, { folder });
  await world.ask(9);
  rmSync(folder, { recursive: true });
  writeFileSync(folder, '');
  world.now += 2 * MINUTE_MS;
  const judge = world.judge();
  judge.ask(SEARCH, {});
  t.match(await judge.written(), { slug: 'decision-log-unavailable' });
  rmSync(folder);
});
