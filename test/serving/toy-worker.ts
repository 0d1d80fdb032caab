// A worker whose gateway answers its process id; it does not start while a file is there, and stands still in its start if the file says so.
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { ProblemError } from '#problem';
import { serveAsWorker } from '#serving';

serveAsWorker(async ({ config, port }) => {
  const { obstacle } = config as { readonly obstacle: string };
  if (existsSync(obstacle) && readFileSync(obstacle, 'utf8') === 'hang') process.kill(process.pid, 'SIGSTOP');
  if (existsSync(obstacle)) throw new ProblemError('store-unavailable', { detail: 'The toy stands still.' });
  const server = createServer((_request, response) => response.setHeader('Connection', 'close').end(String(process.pid)));
  return {
    origin: `http://127.0.0.1:${port}`,
    policyRevision: 'toy',
    take: (socket) => void server.emit('connection', socket),
    preparePolicy: async () => ({ revision: 'toy', activate() {} }),
    beginStop() {},
    holdBack() {},
    async finish() {},
  };
});
