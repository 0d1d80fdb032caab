// Takes about 12 s.
import { join } from 'node:path';
import { setTimeout as passed } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { lastingPort } from '../fixtures/command.js';
import { temporaryFolder } from '../fixtures/gateway.js';
import { type MongoProxy, startProxy } from '../storage/mongodb-proxy.js';
import { type MongoServer, startMongo, whyNoMongo } from '../storage/mongodb-server.js';
import { type AskedNode, type NodeAnswer, startLocalNode } from './node.js';
import { BERGEN, BERGEN_LEADER, CLIENT, fillSmallWorld, OSLO, OSLO_LEADER, type SmallWorld } from './small-world.js';
import { anyServing, type Cluster, printedRandom, told, underLoad } from './trials.js';

const missing = whyNoMongo();
/** Far beyond what the service promises itself: the machine may be busy. */
const BOUND_MS = 20_000;

/** A request to each API, reading and writing. */
function asks({ appId, persons: [person] }: SmallWorld, node: AskedNode): readonly (() => Promise<NodeAnswer>)[] {
  const oslo = `/konsument-bruker/api/v1/organisasjoner/${OSLO}`;
  const activation = `/konsument-bruker/api/v1/organisasjoner/${BERGEN}/applikasjoner/${appId}/aktivering`;
  const brukerIdent = person?.brukerIdent;
  return [
    () => node.ask(CLIENT, 'POST', `/tilgang/api/v1/app/${appId}/tilganger`, { brukerIdent }),
    () => node.ask(CLIENT, 'GET', '/leverandor-tjenester/api/v1/applikasjoner'),
    () => node.ask(CLIENT, 'GET', `/leverandor-tjenester/api/v1/applikasjoner/${appId}/konsumenter`),
    () => node.ask(OSLO_LEADER, 'GET', oslo),
    () => node.ask(OSLO_LEADER, 'GET', `${oslo}/hendelser`),
    () => node.ask(OSLO_LEADER, 'GET', `${oslo}/applikasjoner/${appId}/brukere`),
    () =>
      node.ask(OSLO_LEADER, 'POST', `${oslo}/applikasjoner/${appId}/brukere`, { brukerIdent }, { 'Idempotency-Key': 'mens-den-er-borte' }),
    () => node.ask(BERGEN_LEADER, 'PUT', activation, { aktiv: false }, { 'If-Match': '*' }),
  ];
}

/** That all are told to come again, that readiness is red and liveness green, and that it is over by itself once the database is back. */
async function away(
  t: Test,
  { world, nodes }: Cluster<AskedNode>,
  proxy: MongoProxy,
  gone: () => unknown,
  back: () => unknown,
): Promise<void> {
  const [node] = nodes as [AskedNode];
  const made = proxy.connections().made;
  await gone();
  const sinceMs = performance.now();
  const answers = await Promise.all(Array.from({ length: 6 }, () => asks(world, node).map((ask) => ask())).flat());
  t.ok(performance.now() - sinceMs < BOUND_MS, 'within some seconds');
  t.same(
    answers.filter(({ status, retryAfter, text }) => status !== 503 || retryAfter !== '5' || !text.includes('store-unavailable')),
    [],
    'every API says that the store is away, and when to come again',
  );
  const ready = await node.ask(undefined, 'GET', '/health/ready');
  t.match([ready.status, JSON.parse(ready.text)], [503, { ready: false, parts: { store: 'unavailable' } }]);
  t.equal((await node.ask(undefined, 'GET', '/health/live')).status, 200);
  const seconds = (performance.now() - sinceMs) / 1000;
  // Each node looks for it twice a second at most, and has a few connections half made.
  const most = nodes.length * (10 + 4 * seconds);
  const count = proxy.connections().made - made;
  t.ok(count <= most, `${count} connections in ${seconds.toFixed(1)} s for ${answers.length} requests and the load beside them`);
  await back();
  const backMs = performance.now();
  for (const one of nodes) while ((await one.ask(undefined, 'GET', '/health/ready')).status !== 200) await passed(50);
  t.ok(performance.now() - backMs < BOUND_MS, 'ready again by itself');
}

/** That a decision whose second reading fails in several places at once is answered, and the process lives. */
async function brokenOff(t: Test, { world, nodes }: Cluster<AskedNode>, proxy: MongoProxy): Promise<void> {
  const [node, other] = nodes as [AskedNode, AskedNode];
  const ask = asks(world, node)[0] as () => Promise<NodeAnswer>;
  t.equal((await ask()).status, 200);
  const path = `/konsument-bruker/api/v1/organisasjoner/${BERGEN}/applikasjoner/${world.appId}/aktivering`;
  // What the node remembers is to be looked at anew.
  for (const aktiv of [false, true]) t.equal((await other.ask(BERGEN_LEADER, 'PUT', path, { aktiv }, { 'If-Match': '*' })).status, 200);
  const forbidden = { ok: 0, code: 13, codeName: 'Unauthorized', errmsg: 'played' };
  for (let last = 1; last < 4; last += 1) {
    proxy.play(({ name, before }) => (name === 'find' && before >= last ? { answer: forbidden } : 'pass'));
    const { status } = await ask();
    t.ok(status === 503 || last > 1, `${last} of its readings answered: ${status}`);
  }
  await proxy.restore();
  t.equal((await ask()).status, 200);
}

/** That a change whose raise of the epoch is lost is told as made by nobody before every node answers by it. */
async function halfRaised(t: Test, { world, nodes }: Cluster<AskedNode>, proxy: MongoProxy): Promise<void> {
  const [node, other] = nodes as [AskedNode, AskedNode];
  const path = `/konsument-bruker/api/v1/organisasjoner/${BERGEN}/applikasjoner/${world.appId}/aktivering`;
  const put = async (aktiv: boolean) => (await node.ask(BERGEN_LEADER, 'PUT', path, { aktiv }, { 'If-Match': '*' })).status;
  const isGiven = async (): Promise<boolean> => {
    const { text } = await (asks(world, other)[0] as () => Promise<NodeAnswer>)();
    return (JSON.parse(text) as { tilganger: { orgnr: string }[] }).tilganger.some(({ orgnr }) => orgnr === BERGEN);
  };
  t.equal(await isGiven(), true);
  proxy.play(({ name }) => (name === 'findAndModify' ? 'cut before' : 'pass'));
  t.equal(await put(false), 503);
  t.equal(await put(false), 503, 'that it is so already is no word to give either');
  await proxy.restore();
  t.equal(await put(false), 200);
  t.equal(await isGiven(), false);
  t.equal(await put(true), 200);
}

/** The connection string as an operator would write it, so that the product's own bounds hold. */
function plain(server: MongoServer): string {
  const uri = new URL(server.freshUri());
  uri.search = '?directConnection=true';
  return uri.href;
}

void t.test(
  'while the database is away everybody is told so, and it is over by itself (threats 22, 23, 43, 49)',
  { skip: missing ?? false },
  async (t) => {
    const folder = temporaryFolder(t);
    const port = await lastingPort();
    let server = await startMongo(join(folder, 'database'), port);
    t.teardown(() => server.stop());
    const proxy = await startProxy(t, plain(server));
    const data = join(folder, 'data');
    const world = await fillSmallWorld(data, 4, { mongodbUri: proxy.uri });
    const nodes = await Promise.all(['node 1', 'node 2'].map((name) => startLocalNode(t, name, world.config)));
    const all = { world, nodes };
    const random = printedRandom('database away');

    await t.test('the registry cannot be read any more in the middle of a decision', (t) => brokenOff(t, all, proxy));

    await t.test('the epoch cannot be raised after a change was written', (t) => halfRaised(t, all, proxy));

    const report = await underLoad(all, { writers: 2, readers: 2, restMs: 100 }, random, anyServing(nodes, random), async () => {
      await t.test('it is stopped, and started with what it had', (t) =>
        away(
          t,
          all,
          proxy,
          // Nobody listens there then.
          () => Promise.all([proxy.refuse(), server.stop()]),
          async () => {
            server = await startMongo(join(folder, 'database'), port);
            await proxy.restore();
          },
        ),
      );
      await t.test('it takes connections, and never answers', (t) =>
        away(
          t,
          all,
          proxy,
          () => proxy.play(() => 'hang'),
          () => proxy.restore(),
        ),
      );
      await t.test('it answers, and has no primary', (t) =>
        away(
          t,
          all,
          proxy,
          () =>
            proxy.play(({ isOfDriver }) =>
              isOfDriver ? 'pass' : { answer: { ok: 0, code: 10107, codeName: 'NotWritablePrimary', errmsg: 'played' } },
            ),
          () => proxy.restore(),
        ),
      );
      await passed(500);
    });
    t.comment(told(report));
    t.same(report.faults, [], 'and nothing is lost, doubled or stale');
    t.same(
      report.failed.filter((one) => !/: 503 .*store-unavailable/.test(one)),
      [],
      'no answer is another one',
    );
    t.ok(report.acknowledged > 0);
  },
);
