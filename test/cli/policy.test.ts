// Takes about 8 s.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
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
  t.match(await policy('rollback', '--reason', 'x', '--app', appId), { code: 1, stderr: /no bundle was active before/ });
  t.match(JSON.parse((await policy('activate', '7', '--app', appId, '--json')).stdout), { isChanged: true, active: '7' });
  t.match(await policy('activate', '7', '--app', appId), { stdout: /^unchanged: revision 7 judges/ });
  t.match(await policy('trust', '7', '--app', appId), { code: 0 });
  t.match(JSON.parse((await policy('status', '--app', appId, '--json')).stdout), { active: '7', highest: '7', trusted: '7' });
  t.match(await policy('list', '--app', appId), { stdout: /^active 7 .*signed by ops \(operator\), trusted/ });
  t.match(await policy('trust', '--none', '--app', appId), { code: 0 });
  const why = await run(['why', appId, '--language', 'nb'], brukerIdent);
  t.match(why, {
    code: 0,
    stdout:
      /\nyes .*\n {4}granted: Tilgangen er gitt, og gjelder nå\.\n.*standard rule tilgang\/access\/search.*own rule application\/search, revision 7/,
  });
  t.notMatch(why.stdout + why.stderr, new RegExp(brukerIdent));
  t.match(await run(['why', appId], 'x'), { code: 1, stderr: /the person number/ });
  t.match(await policy('deactivate', '--app', appId, '--reason', 'ferdig'), { stdout: /the standard rules judge; before it did 7/ });
  t.match(await policy('keys', 'revoke', 'ops', '--operator'), { stdout: /revoked: key ops/ });
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
