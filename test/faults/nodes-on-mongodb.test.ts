// Takes about 25 s.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { temporaryFolder } from '../fixtures/gateway.js';
import { startMongo, whyNoMongo } from '../storage/mongodb-server.js';
import { GatewayNode } from './node.js';
import { fillSmallWorld } from './small-world.js';
import { anyServing, type Cluster, killAndRestart, Prober, printedRandom, restartInTurn, told, underLoad } from './trials.js';

/** Fewer than on LMDB, for here nodes are killed and restarted; `make soak` goes on for minutes on both. */
const KILLS = 1;
const SIZES = { writers: 2, readers: 2, restMs: 300 };

const missing = whyNoMongo();

/** Two gateways over one MongoDB server; `make soak` has three. */
async function cluster(t: Test): Promise<Cluster> {
  const server = await startMongo();
  t.teardown(() => server.stop());
  const mongodbUri = server.freshUri();
  const data = join(temporaryFolder(t), 'data');
  const world = await fillSmallWorld(data, 8, { mongodbUri });
  const env = { TILGANG_MONGODB_URI: mongodbUri, TILGANG_STOP_DELAY_MS: '1000' };
  // The folder holds secrets alone.
  const nodes = await Promise.all(['node 1', 'node 2'].map((name) => GatewayNode.start(t, name, data, env)));
  return { world, nodes };
}

void t.test('two gateways over MongoDB', { skip: missing ?? false }, async (t) => {
  const all = await cluster(t);
  const { nodes } = all;
  const random = printedRandom('nodes on MongoDB');

  await t.test(
    'one of them killed at random under load, they lose, double and halve nothing, and none answers what was over (threats 21, 23, 44)',
    async (t) => {
      const report = await underLoad(all, SIZES, random, anyServing(nodes, random), async () => {
        await killAndRestart(nodes, random, 600, (kills) => kills >= KILLS);
      });
      t.comment(`told: nodes on MongoDB: killed ${KILLS} time; make soak goes on for minutes`);
      t.comment(told(report));
      t.same(report.faults, []);
      t.ok(report.acknowledged > 5 && report.readings > 20, told(report));
    },
  );

  await t.test('restarted one after the other under load they fail no request (threat 43)', async (t) => {
    const prober = new Prober(nodes);
    await Promise.all(nodes.map((node) => prober.untilReady(node)));
    const before = nodes.map(({ starts }) => starts);
    const report = await underLoad(all, SIZES, random, prober.next, () => restartInTurn(nodes, prober));
    await prober.stop();
    t.comment(told(report));
    t.same(report.failed, []);
    t.same(report.faults, []);
    t.same(
      nodes.map(({ starts }, i) => starts - (before[i] as number)),
      [1, 1],
    );
    t.ok(report.acknowledged > 5, told(report));
  });
});
