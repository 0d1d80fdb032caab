// A parent of toys in a process of its own; prints its log.
import { fileURLToPath } from 'node:url';
import { startWorkers } from '#serving';
import { createLog } from '#telemetry';

const log = createLog('info');
await startWorkers({
  program: fileURLToPath(new URL('toy-worker.js', import.meta.url)),
  count: 2,
  config: { host: '127.0.0.1', port: 0, stopDelayMs: 0, stopTimeoutMs: 1000, ...{ obstacle: '/nowhere' } },
  readBundle: async () => new Uint8Array(),
  log,
});
log.flush();
