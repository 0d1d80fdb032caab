// Takes about 15 s.
import t from 'tap';
import { demoToken } from '#installation';
import { demoFolder } from '../../fixtures/demo-folder.js';
import { demoConfig } from '../../fixtures/gateway.js';
import { startGatewayProcess } from '../../fixtures/gateway-process.js';
import { API, OSLO } from './desk.js';

const MIB = 1_048_576;

t.test('a file of any kind is read in a heap much smaller than what it holds as objects (threat 50, fault 1)', async (t) => {
  const { data } = await demoFolder(t);
  const gateway = await startGatewayProcess(t, data, { NODE_OPTIONS: '--max-old-space-size=72' });
  const token = await demoToken({ ...demoConfig(data), publicUrl: gateway.origin }, { client: 'oslo' }, 3600, Date.now);
  const filled = (text: string): string => text.repeat(Math.floor((16 * MIB) / text.length));
  for (const [what, body, type] of [
    ['empty objects', filled('{}\n'), 'application/jsonl'],
    ['few lines of very many lists', filled(`{"app":[${'[],'.repeat(20_000)}[]]}\n`), 'application/jsonl'],
    [
      'few lines of very many fields',
      filled(`{${Array.from({ length: 6000 }, (_, i) => `"${i.toString(36)}":0`).join()}}\n`),
      'application/jsonl',
    ],
    [
      'very many columns',
      `${Array.from({ length: 9000 }, (_, i) => i.toString(36)).join()}\n${filled(`${','.repeat(8999)}1\n`)}`,
      'text/csv',
    ],
    ['very many short rows', `a\n${filled('x\n')}`, 'text/csv'],
  ] as const) {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': type };
    // A refusal closes the connection while the rest is being sent: only that the process lives counts.
    const init = { method: 'POST', headers, body };
    const status = await fetch(`${gateway.origin}${API}/${OSLO}/import?altEllerIngenting=true`, init).then(
      (answer) => answer.status,
      () => 'cut',
    );
    t.ok(status === 422 || status === 'cut', `${what}: ${status}`);
    t.match(await gateway.send({ client: 'oslo' }, 'GET', `${API}/${OSLO}`), { status: 200 }, `${what}: it lives`);
  }
});
