// Takes about 10 s.
import { join } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../fixtures/gateway.js';
import { GatewayNode } from './node.js';
import { fillSmallWorld } from './small-world.js';
import { anyServing, killAndRestart, printedRandom, told, underLoad } from './trials.js';

const KILLS = 4;

void t.test(
  'processes that share a folder, killed at random under load, lose, double and halve nothing, and none answers what was over (threats 21, 24, 44)',
  async (t) => {
    const data = join(temporaryFolder(t), 'data');
    const world = await fillSmallWorld(data, 8);
    const nodes = await Promise.all(['process 1', 'process 2'].map((name) => GatewayNode.start(t, name, data)));
    const random = printedRandom('processes on LMDB');
    const sizes = { writers: 3, readers: 3, restMs: 20 };
    const report = await underLoad({ world, nodes }, sizes, random, anyServing(nodes, random), async () => {
      await killAndRestart(nodes, random, 600, (kills) => kills >= KILLS);
    });
    t.comment(told(report));
    t.same(report.faults, []);
    t.ok(report.acknowledged > 20 && report.readings > 50, told(report));
  },
);
