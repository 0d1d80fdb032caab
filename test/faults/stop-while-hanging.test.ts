// Takes about 12 s.
import { join } from 'node:path';
import t from 'tap';
import { lastingPort, startCommand, written } from '../fixtures/command.js';
import { temporaryFolder } from '../fixtures/gateway.js';
import { startProxy } from '../storage/mongodb-proxy.js';
import { startMongo, whyNoMongo } from '../storage/mongodb-server.js';
import { fillSmallWorld } from './small-world.js';

const missing = whyNoMongo();

void t.test(
  'gateways that are told to stop end though their database never answers (threats 43, 49)',
  { skip: missing ?? false },
  async (t) => {
    const server = await startMongo();
    t.teardown(() => server.stop());
    const uri = new URL(server.freshUri());
    const data = join(temporaryFolder(t), 'data');
    await fillSmallWorld(data, 2, { mongodbUri: uri.href });
    // As an operator might have it who is patient: nothing but the stop itself sets a bound.
    for (const name of ['socket', 'waitQueue']) uri.searchParams.set(`${name}TimeoutMS`, '3600000');
    const stopped = async (workers: number): Promise<void> => {
      const proxy = await startProxy(t, uri.href);
      const port = await lastingPort();
      const running = startCommand(['serve', '--workers', String(workers)], {
        TILGANG_MODE: 'demo',
        TILGANG_DATA: data,
        TILGANG_MONGODB_URI: proxy.uri,
        TILGANG_PORT: String(port),
        TILGANG_STOP_TIMEOUT_MS: '100',
      });
      t.teardown(() => running.child.kill('SIGKILL'));
      await written(running, running.stderr, /Ctrl-C stops it/);
      proxy.play(({ isOfDriver }) => (isOfDriver ? 'pass' : 'hang'));
      const asked = fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => {});
      running.child.kill('SIGTERM');
      const ended = await running.ended;
      t.equal(ended.code, 0, `of ${workers}`);
      t.match(ended.stdout, /"event":"stopped"/, `of ${workers}`);
      await asked;
    };
    // Beside each other: most of it is waiting.
    await Promise.all([stopped(1), stopped(2)]);
  },
);
