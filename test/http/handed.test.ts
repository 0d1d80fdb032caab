import { createServer } from 'node:net';
import t from 'tap';
import { handedServer } from '#http';
import { createLog } from '#telemetry';
import { bareConnection } from '../fixtures/bare-connection.js';

t.test(
  'over a connection that another process has accepted late heads, half-closed senders and the stop are as over one of its own',
  async (t) => {
    const server = handedServer(1500, { log: createLog('silent'), apis: [] });
    const entrance = createServer((socket) => server.take(socket));
    const port = await new Promise<number>((resolve) => {
      entrance.listen(0, '127.0.0.1', () => resolve((entrance.address() as { port: number }).port));
    });
    const [late, half, idle] = [1, 2, 3].map(() => bareConnection(`http://127.0.0.1:${port}`));
    late?.socket.write('GET /ukjent HTTP/1.1\r\nHost:');
    half?.socket.end('GET /ukjent HTTP/1.1\r\nHost: x\r\n\r\n');
    idle?.socket.write('GET /ukjent HTTP/1.1\r\nHost: x\r\n\r\n');
    t.match(await half?.until(1), [{ status: 404 }]);
    t.match(await late?.until(1), [{ status: 408 }]);
    t.match(await idle?.until(1), [{ status: 404 }]);
    entrance.close();
    late?.socket.end();
    idle?.socket.once('end', () => idle.socket.end());
    await server.beginStop();
    await server.finish(600_000);
    t.equal(await idle?.over, 'ended');
  },
);
