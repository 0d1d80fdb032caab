import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { C, clientKey, said, second, tokenWorld } from './token-world.js';

t.test('an assertion that two nodes are shown at once is used by one, and is still used after a restart (threat 31)', async (t) => {
  const world = await tokenWorld(t, { nodes: 2 });
  for (let round = 0; round < 5; round += 1) {
    const assertion = world.assertion();
    const replies = await Promise.all([0, 1, 0, 1].map((node) => world.ask(assertion, node)));
    t.same(replies.map(said).sort(), ['200', ...Array(3).fill('400 invalid_grant MP-012')]);
  }
  const last = world.assertion();
  t.equal(said(await world.ask(last)), '200');
  await world.restart();
  t.equal(said(await world.ask(last, 1)), '400 invalid_grant MP-012');
  world.now += 60_000;
  t.equal(said(await world.ask(last)), '400 invalid_grant MP-012', 'a minute later, too');
  world.now += 60_000;
  t.equal(said(await world.ask(last)), '400 invalid_grant MP-130', 'until it would be refused for its age');
});

t.test('what is withdrawn by one node gives no token on the other (threat 32)', async (t) => {
  const world = await tokenWorld(t, { nodes: 2 });
  const on = (node: number) => world.ask({}, node).then(said);
  t.same(await Promise.all([on(0), on(1)]), ['200', '200']);
  await world.put.access('t:s', C, { state: 'DENIED' });
  t.equal(await on(1), '403 forbidden MP-250');
  await world.put.access('t:s');
  t.equal(await on(1), '200');
  await world.put.scope('t:s', { active: false });
  t.equal(await on(1), '400 invalid_scope MP-200');
  await world.put.scope('t:s');
  await world.put.client('c', { active: false });
  t.equal(await on(1), '400 invalid_grant MP-100');
});

t.test(
  'refusals are counted for each sender, client and key before they cost anything, and nobody uses up what is another’s',
  async (t) => {
    const world = await tokenWorld(t, { more: { refusalsPerMinute: 3 } });
    await world.put.client('other', { keys: [clientKey(second)] });
    const wrong = () => world.ask({ claims: { scope: 't:no' } });
    t.same([await wrong(), await wrong(), await wrong()].map(said), Array(3).fill('400 invalid_scope MP-200'));
    const used = await world.used();
    const late = await world.ask();
    t.equal(said(late), '429 temporarily_unavailable too-many-requests');
    t.match(late.headers.get('retry-after'), /^\d+$/);
    t.match(late.json.error_description, /\(trace_id: [0-9a-f]{32}\)$/);
    t.equal(await world.used(), used);
    t.equal(said(await world.ask({ claims: { iss: 'other' }, key: second })), '200');
    // Whoever knows no more than a client id.
    for (let i = 0; i < 4; i += 1) await world.ask({ claims: { iss: 'other' }, header: { kid: 'guessed' } });
    t.equal(
      said(await world.ask({ claims: { iss: 'other' }, header: { kid: 'guessed' } })),
      '429 temporarily_unavailable too-many-requests',
    );
    t.equal(said(await world.ask({ claims: { iss: 'other' }, key: second })), '200');
  },
);

t.test('whoever knows client and key by name, or an assertion that was used, keeps their holder from nothing (threat 41)', async (t) => {
  const world = await tokenWorld(t, { more: { refusalsPerMinute: 3 } });
  const used = world.assertion();
  t.equal(said(await world.ask(used)), '200');
  const forged = () => world.ask({ header: { kid: 'first' }, key: second });
  t.same([await forged(), await forged(), await forged()].map(said), Array(3).fill('400 invalid_grant MP-124'));
  t.equal(said(await forged()), '429 temporarily_unavailable too-many-requests', 'who cannot prove it is told to wait');
  t.equal(said(await world.ask(used)), '429 temporarily_unavailable too-many-requests', 'and so is who shows what was seen');
  t.same([await world.ask(), await world.ask(), await world.ask(), await world.ask()].map(said), Array(4).fill('200'));
  world.now += 200_000;
  for (let i = 0; i < 4; i += 1) await world.ask(used);
  t.equal(said(await world.ask()), '200');
});

t.test('whether a scope is issued is a decision of the log, without the person', async (t) => {
  const world = await tokenWorld(t);
  const pid = '20914695016';
  t.equal(said(await world.ask({ claims: { pid, resource: ['urn:x'] } })), '200');
  await world.put.access('t:s', C, { state: 'DENIED' });
  t.equal(said(await world.ask({ claims: { pid, consumer_org: undefined } })), '403 forbidden MP-250');
  await world.ask({ claims: { iss: 'nobody' } });
  const folder = join(world.config.data, 'decisions');
  const lines = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl') || name.endsWith('.ndjson') || /\.log$/.test(name))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trim().split('\n'))
    .map((line) => JSON.parse(line));
  const decided = lines.filter(({ path }) => path === 'maskinporten/token/evaluate');
  t.match(decided, [
    { requested_by: C, result: { faults: [], grant: { consumer: C, lifetime: 120, audience: ['urn:x'] } } },
    { requested_by: C, result: { faults: [{ name: 'MP-250', at: 0 }], grant: null } },
  ]);
  t.equal(decided.length, 2);
  t.notMatch(JSON.stringify(lines), new RegExp(`${pid}|eyJ`));
  t.notMatch(world.lines.join('\n'), new RegExp(pid));
});
