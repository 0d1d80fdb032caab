// Takes about 8 s.
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { runInside } from '../fixtures/command-inside.js';
import { demoFolder } from '../fixtures/demo-folder.js';
import { temporaryFolder } from '../fixtures/gateway.js';

const demoIn = (data: string) => ({ TILGANG_MODE: 'demo', TILGANG_DATA: data });

t.test('the operator ships on the store of the installation, and each act is told as text or JSON', async (t) => {
  const { data, world } = await demoFolder(t);
  const { appId, brukerIdent } = world.first;
  const folder = join(temporaryFolder(t), 'rules');
  const run = (args: readonly string[], stdin?: string) => runInside(args, demoIn(data), stdin);
  const policy = async (...args: string[]) => run(['policy', ...args]);
  await policy('new', folder, '--app', appId);
  const built = JSON.parse((await policy('build', folder, '--revision', '7', '--json')).stdout);
  t.match(built, {
    revision: '7',
    file: join(folder, 'bundle.tar.gz'),
    digest: /^sha256:/,
    entrypoints: ['application/reasons', 'application/search'],
  });
  const key = join(folder, 'ops.pem');
  await policy('keys', 'new', key, '--algorithm', 'PS256');
  t.equal(statSync(key).mode & 0o777, 0o600, 'nobody else reads the key');
  t.match(await policy('keys', 'new', key), { code: 2, stderr: /is there already/ });
  t.match(await policy('sign', built.file, '--key', key, '--algorithm', 'ES256'), { code: 1, stderr: /the key does not fit ES256/ });
  t.match(await policy('sign', built.file, '--key', key, '--algorithm', 'PS256', '--kid', 'ops'), { code: 0, stdout: /key ops, PS256/ });
  t.match(await policy('keys', 'add', key, '--operator', '--kid', 'ops', '--algorithm', 'PS256', '--until', '2099-12-31'), {
    stdout: /key ops \(PS256\) of operator/,
  });
  t.match(JSON.parse((await policy('keys', 'list', '--operator', '--json')).stdout), [
    { kid: 'ops', algorithm: 'PS256', isRevoked: false, until: /^2099/ },
  ]);
  t.match(JSON.parse((await policy('push', built.file, '--json')).stdout), {
    isNew: true,
    bundle: { revision: '7', signedBy: 'ops (operator)' },
  });
  t.match(await policy('push', built.file), { code: 0, stdout: /^unchanged: it is there already/ });
  t.match(await policy('rollback', '--reason', 'x', '--app', appId), { code: 1, stderr: /no bundle was ever active/ });
  t.match(JSON.parse((await policy('activate', '7', '--app', appId, '--json')).stdout), { isChanged: true, active: '7' });
  t.match(await policy('activate', '7', '--app', appId), { stdout: /^unchanged: revision 7 judges/ });
  t.match(await policy('rollback', '--reason', 'x', '--app', appId), {
    code: 0,
    stdout: /^done: the standard rules judge; before it did 7/,
  });
  t.match(
    await policy('rollback', '--reason', 'x', '--app', appId),
    { code: 1, stderr: /unchanged: revision 7 was gone back from.*the standard rules judge/ },
    'done twice it does not go forward',
  );
  t.match(await policy('activate', '9', '--app', appId), { code: 1, stderr: /no bundle of this revision\. There are: 7\./ });
  t.match(await policy('rollback', '7', '--reason', 'y', '--app', appId), { code: 0, stdout: /^done: revision 7 judges/ });
  t.match(await policy('trust', '7', '--app', appId), { code: 0 });
  t.match(JSON.parse((await policy('status', '--app', appId, '--json')).stdout), { active: '7', highest: '7', trusted: '7' });
  t.match(await policy('list', '--app', appId), { stdout: /^active 7 .*signed by ops \(operator\), trusted/ });
  t.match(await policy('trust', '--none', '--app', appId), { code: 0 });
  const inJson = async (...args: string[]) => JSON.parse((await policy(...args, '--app', appId, '--json')).stdout);
  t.match(await inJson('demand', 'approved'), { isChanged: true });
  t.match(await inJson('shadow', '7'), { isChanged: true });
  t.match(await inJson('shadow', '--none'), { isChanged: true });
  t.match(await inJson('diff', 'standard'), { losses: 0, isComplete: true });
  const compared = await inJson('diff', '7');
  t.match(compared, { losses: 0, isComplete: true, keptAt: /^20/ });
  const named = ['--compared', compared.keptAt, '--reason', 'som avtalt'];
  t.match(await inJson('approve', '7', ...named), {
    revision: '7',
    active: '7',
    gains: 0,
    losses: 0,
    failures: 0,
    at: String,
  });
  t.match(await policy('approve', '7', ...named, '--app', appId), {
    stdout: /^approved: revision 7 may be activated\n {2}0 lose, 0 gain access; compared with revision 7 at 20/,
  });
  t.match(await policy('list', '--app', '00000000-0000-4000-8000-000000000000'), { code: 1, stderr: /application-not-found/ });
  const why = await run(['why', appId, '--language', 'nb'], brukerIdent);
  t.match(why, {
    code: 0,
    stdout:
      /\nyes .*\n {4}granted: Tilgangen er gitt, og gjelder nå\.\n.*standard rule tilgang\/access\/search.*own rule application\/search, revision 7/,
  });
  t.notMatch(why.stdout + why.stderr, new RegExp(brukerIdent));
  t.match(await run(['why', appId], 'x'), { code: 1, stderr: /the person number/ });
  t.match(await policy('deactivate', '--app', appId, '--reason', 'ferdig'), { stdout: /the standard rules judge; before it did 7/ });
  t.match(await inJson('keys', 'revoke', 'ops', '--operator'), { kid: 'ops', owner: 'operator', isRevoked: true });
  t.match(await policy('trust', '7', '--app', appId), { code: 1, stderr: /key is revoked/ });
});

t.test('dev makes its key once, ships what passes, and leaves alone what judges when something is wrong', async (t) => {
  const { data, world } = await demoFolder(t);
  const folder = join(temporaryFolder(t), 'rules');
  const policy = (...args: string[]) => runInside(['policy', ...args], demoIn(data));
  await policy('new', folder, '--app', world.first.appId);
  t.match(await policy('dev', folder, '--once'), { code: 0, stdout: /3 tests passed; revision [0-9.]+ judges/ });
  const key = readFileSync(join(folder, '.tilgang/dev.pem'), 'utf8');
  const rule = readFileSync(join(folder, 'application.rego'), 'utf8');
  const active = async () => JSON.parse((await policy('status', '--app', world.first.appId, '--json')).stdout).active;
  const before = await active();
  writeFileSync(join(folder, 'application.rego'), rule.replace('in grant.roles', 'in grant.rolls'));
  t.match(await policy('dev', folder, '--once'), { code: 1, stdout: /FAULT rego-type-error: undefined ref: grant\.rolls/ });
  writeFileSync(join(folder, 'application.rego'), rule.replace('input.action.name in grant.roles', '"use" in grant.roles'));
  t.match(await policy('dev', folder, '--once'), {
    code: 1,
    stdout: /test_who_has_another_role.*: failed\n[\s\S]*\{"910000000"\}\n\nnot shipped: what judges goes on\n$/,
  });
  t.equal(await active(), before);
  t.equal(readFileSync(join(folder, '.tilgang/dev.pem'), 'utf8'), key);
});

t.test('a person is shown the first hundred lines of what would change, a machine all of them', async (t) => {
  const tall = Array.from({ length: 150 }, (_, i) => ({ orgnr: `${910_000_000 + i}`, endring: 'mister', grunn: 'own_rule', antall: 1 }));
  const answers = { sporsmal: 300, far: 0, mister: 150, feilFor: 0, feilEtter: 0, fullstendig: true, tall, tilbyder: '958935420' };
  const server = createServer((_, response) => response.end(JSON.stringify(answers))).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const diff = ['policy', 'diff', '7', '--app', '00000000-0000-4000-8000-000000000000', '--url', url];
  const { stdout } = await runInside(diff, { TILGANG_TOKEN: 'x' });
  t.match(stdout, /910000099 {2}loss .*\n {2}… and 50 lines more: --json has all\n150 lose, 0 gain access/);
  t.equal(JSON.parse((await runInside([...diff, '--json'], { TILGANG_TOKEN: 'x' })).stdout).counts.length, 150);
});

t.test('what is typed wrong is told without doing anything, and a token never stands in the arguments', async (t) => {
  const folder = temporaryFolder(t);
  const env = demoIn(folder);
  for (const [args, told] of [
    [['push'], /bundle\.tar\.gz: it is not there/],
    [['list'], /--app is missing/],
    [['list', '--app', 'x'], /--app /],
    [['list', '--app', '00000000-0000-4000-8000-000000000000', '--url', 'ftp://x'], /--url /],
    [['list', '--app', '00000000-0000-4000-8000-000000000000', '--url', 'http://example.no'], /--url /],
    [['list', '--app', '00000000-0000-4000-8000-000000000000', '--url', 'https://example.invalid'], /a token is missing/],
    [['list', '--app', '00000000-0000-4000-8000-000000000000', '--token', 'x'], /unknown option/],
    [['list', '--app', '00000000-0000-4000-8000-000000000000', '--token-file', 'x'], /--token-file is for a gateway/],
    [['trust', '--app', '00000000-0000-4000-8000-000000000000'], /either a revision or --none/],
    [['trust', '7', '--url', 'http://127.0.0.1:1'], /unknown option/],
    [['dev', '--json'], /unknown option/],
    [['keys', 'add', 'x.pem', '--until', '2020-01-01'], /--until is over already/],
    [['build', folder], /holds no file of Rego/],
    [['sign', 'x'], /--key/],
    [['build', folder, '--revision', 'abc'], /--revision is no revision of a bundle/],
  ] as const) {
    const { code, stdout, stderr } = await runInside(['policy', ...args], env);
    t.ok(code !== 0, args.join(' '));
    t.equal(stdout, '');
    t.match(stderr, told);
  }
  t.notOk(existsSync(join(folder, 'store')), 'no store is made');
});
