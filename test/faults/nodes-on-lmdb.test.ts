// Takes about 15 s.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { openLmdbStore } from '#storage/lmdb';
import { temporaryFolder } from '../fixtures/gateway.js';
import { facts } from '../storage/contract.js';
import { GatewayNode } from './node.js';
import { fillSmallWorld } from './small-world.js';
import { anyServing, killAndRestart, printedRandom, told, underLoad } from './trials.js';

/** More than on MongoDB; `make soak` goes on for minutes on both. */
const KILLS = 2;

void t.test(
  'processes that share a folder, killed at random under load, lose, double and halve nothing, and none answers what was over (threats 21, 24, 44)',
  async (t) => {
    const data = join(temporaryFolder(t), 'data');
    const world = await fillSmallWorld(data, 8);
    const nodes = await Promise.all(['process 1', 'process 2'].map((name) => GatewayNode.start(t, name, data)));
    const random = printedRandom('processes on LMDB');
    const sizes = { writers: 3, readers: 3, restMs: 60 };
    const report = await underLoad({ world, nodes }, sizes, random, anyServing(nodes, random), async () => {
      await killAndRestart(nodes, random, 600, (kills) => kills >= KILLS);
    });
    t.comment(`told: nodes on LMDB: killed ${KILLS} times; make soak goes on for minutes`);
    t.comment(told(report));
    t.same(report.faults, []);
    t.ok(report.acknowledged > 5 && report.readings > 20, told(report));
  },
);

interface Note {
  readonly id: string;
  readonly text: string;
}
const notes = { name: 'note', key: ({ id }: Note) => id, indexes: {}, keepsNoHistory: true };

/** Reads, and is killed before its turn of the event loop is over: with its snapshot open. */
const READER = `
  import { openLmdbStore } from '#storage/lmdb';
  const entity = { name: 'note', key: ({ id }) => id, indexes: {}, keepsNoHistory: true };
  const store = await openLmdbStore({ path: process.argv[1], entities: [entity] });
  store.read([{ collection: store.collection(entity), key: 'n0' }]);
  process.kill(process.pid, 'SIGKILL');
  for (;;);
`;

void t.test(
  'a process that was killed while it read does not fill the file for the others: they find its pages again (threat 24)',
  async (t) => {
    const path = join(temporaryFolder(t), 'store');
    const bound = 8 * 2 ** 20;
    const store = await openLmdbStore({ path, entities: [notes], mapSizeBytes: bound });
    t.teardown(() => store.close());
    const write = async (round: number): Promise<boolean> => {
      const orders = Array.from({ length: 100 }, (_, i) => ({
        value: { id: `n${i}`, text: `${round} ${'x'.repeat(3000)}` },
        expect: 'any' as const,
      }));
      const written = store.collection(notes).putMany(orders, facts);
      return written.then(
        () => true,
        () => false,
      );
    };
    t.ok(await write(0));
    const reader = spawn(process.execPath, ['--input-type=module', '-e', READER, path], { stdio: 'ignore' });
    t.same(await once(reader, 'exit'), [null, 'SIGKILL']);
    // Many times what there is room for.
    for (let round = 1; round <= 60; round += 1) if (!(await write(round))) t.fail(`round ${round} was refused`);
    t.match(await store.collection(notes).get('n0'), { value: { text: /^60 / } });
    const mib = statSync(join(path, 'data.mdb')).size / 2 ** 20;
    t.ok(mib < 12, `the file is of ${mib} MiB, where 8 are its bound`);
  },
);
