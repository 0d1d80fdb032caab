import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runInside } from '../fixtures/command-inside.js';
import { runGatewayApart } from '../fixtures/gateway-process.js';

t.setTimeout(120_000);

t.test('systems are registered, shown and deleted, by the operator here and by a vendor there; services come from a file', async (t) => {
  const gateway = await runGatewayApart(t);
  const { orgnr = '' } = gateway.world.maskinporten.clients.find(({ id }) => id === 'leverandor') ?? {};
  const here = { TILGANG_MODE: 'demo', TILGANG_DATA: gateway.config.data };
  const there = { TILGANG_TOKEN: await gateway.tokenOf({ orgnr, scopes: ['altinn:authentication/systemregister.write'] }) };
  const far = (args: readonly string[]) => runInside(['systems', ...args, '--url', gateway.origin], there);
  const near = (args: readonly string[]) => runInside(['systems', ...args], here);
  const id = `${orgnr}_regnskap`;
  const texts = ['--name', 'Regnskap', '--description', 'Fører regnskap.'];

  t.match(await far(['list']), { code: 0, stdout: 'there is no system\n' });
  t.match(await far(['new', id, ...texts, '--right', 'mva', '--package', 'skattnaering', '--client', 'leverandor']), {
    code: 0,
    stdout: `registered: ${id}\n`,
  });
  const line = `${id}  Regnskap  can be chosen  mva, skattnaering`;
  t.equal((await far(['list'])).stdout, `${line}\n`);
  t.equal((await near(['show', id])).stdout, `${line}\n  client leverandor\n`);
  t.same((await far(['show', id, '--json'])).stdout, (await near(['show', id, '--json'])).stdout, 'the same is told here and there');
  t.match(await far(['new', id, ...texts]), { code: 1, stderr: /A system has, or has had, this id/ });
  const faults = await far(['new', `${orgnr}_x`, ...texts, '--right', 'mva', 'nope', '--client', 'nobody']);
  t.match(
    faults.stderr,
    /; \S*\/clientid: A system names clients.*; \S*\/rights\/resource: There is no such service/i,
    'each fault is told with its place',
  );
  t.match(await far(['new', 'regnskap', ...texts]), { code: 2, stderr: /<system> is the organisation number of the vendor, _ and a name/ });
  t.match(await near(['new', `${orgnr}_x`, ...texts, '--right', 'nope']), {
    code: 1,
    stderr: /There is no such service\. \(AUTH\.VLD-00003\)/,
  });
  t.match((await far(['delete', id])).stdout, /^would delete \(--yes does it\)/);
  t.match(await far(['delete', id, '--yes']), { code: 0, stdout: `deleted: ${line}\n` });
  t.match((await near(['show', id])).stdout, /\(deleted\)/);
  t.equal((await near(['list', '--orgnr', orgnr])).stdout, 'there is no system\n');

  const file = join(gateway.config.data, 'services.json');
  const write = (value: unknown): void => writeFileSync(file, JSON.stringify(value));
  const title = { nb: 'Prøve', nn: 'Prøve', en: 'Trial' };
  const service = { id: 'prove', owner: orgnr, type: 'Default', title, description: title, actions: ['read'] };
  const set = { name: 'proving', title, description: title, resources: ['prove'], assignable: true };
  write({ resources: [service, { ...service, id: 'X', type: 'Other' }], packages: [set] });
  const faulty = await runInside(['resources', 'import', file], here);
  t.equal(faulty.code, 1);
  for (const place of ['/resources/1/id', '/resources/1/type']) t.match(faulty.stderr, place);
  t.equal((await gateway.get('/resourceregistry/api/v1/resource/prove')).status, 404, 'nothing of it is written');
  write({ resources: [service], packages: [set] });
  t.match(await runInside(['resources', 'import', file], here), { code: 0, stdout: 'registered: 1 services, 1 packages\n' });
  t.match((await gateway.get('/resourceregistry/api/v1/resource/prove')).json, { identifier: 'prove', delegable: true });
  const exported = JSON.parse((await runInside(['resources', 'export'], here)).stdout);
  t.ok(exported.packages.some(({ name }: { name: string }) => name === 'proving'));
  write(exported);
  t.match((await runInside(['resources', 'import', file], here)).stdout, /^registered: \d+ services/, 'what is exported is taken again');
});
