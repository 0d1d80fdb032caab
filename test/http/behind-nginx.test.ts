// Takes about 5 s.
import { readFileSync } from 'node:fs';
import t from 'tap';
import { freePort } from '../fixtures/command.js';
import { copyFilledFolder } from '../fixtures/filled-folder.js';
import { temporaryFolder } from '../fixtures/gateway.js';
import { startGatewayProcess } from '../fixtures/gateway-process.js';
import { nginx, runNginx } from '../fixtures/nginx.js';

t.test(
  'behind the nginx of docs/operations.md nobody sees that one gateway of two stops, and health is not shown',
  {
    skip: nginx === undefined && 'there is no nginx',
  },
  async (t) => {
    const data = temporaryFolder(t);
    await copyFilledFolder(data);
    const gateways = [await startGatewayProcess(t, data), await startGatewayProcess(t, data)];
    const port = await freePort();
    const [, written = ''] = /^```nginx\n([\s\S]*?)^```$/m.exec(readFileSync('docs/operations.md', 'utf8')) ?? [];
    const servers = written
      .replace(/server node1:.*(?= keepalive)/, gateways.map(({ origin }) => `server ${new URL(origin).host};`).join(' '))
      .replace('listen 443 ssl;', `listen 127.0.0.1:${port};`)
      .replace(/^ *ssl_.*\n/gm, '');
    await runNginx(t, temporaryFolder(t), { tilgang: servers });
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);

    t.equal((await get('/health/ready')).status, 404);
    let isStopped = false;
    const stopping = gateways[0]?.stop().then((code) => {
      isStopped = true;
      return code;
    });
    const statuses = new Set<number>();
    for (let after = 0; after < 20; after += isStopped ? 1 : 0)
      statuses.add((await get('/idporten/.well-known/openid-configuration')).status);
    t.equal(await stopping, 0);
    t.same([...statuses], [200]);
    const { status, headers } = await fetch(`http://127.0.0.1:${port}/tilgang/api/v1/app/x/tilganger`, { method: 'POST', body: '{}' });
    t.equal(status, 401);
    t.match(headers.get('www-authenticate'), /^Bearer/, 'what callers depend on comes back');
  },
);
