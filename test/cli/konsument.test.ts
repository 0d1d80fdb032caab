import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runInside } from '../fixtures/command-inside.js';
import { newPersons } from '../fixtures/demo-folder.js';
import { runGateway, temporaryFolder } from '../fixtures/gateway.js';

const OSLO = '958935420';
const gateway = await runGateway(t);
const folder = temporaryFolder(t);
const { appId } = gateway.world.first;
const [first = '', second = '', ...others] = newPersons(12, gateway.world);
const token = await gateway.tokenOf({ person: 'oslo-leder' });
const env = { TILGANG_TOKEN: token, TILGANG_KEYRING: join(folder, 'logins.json') };

/** Runs a command of an administrator against the gateway. */
const run = (args: readonly string[], stdin?: string, more: Readonly<Record<string, string>> = env) =>
  runInside([...args, '--url', gateway.origin], more, stdin);

t.test('an administrator gives access, sees it, and takes it back, by person number from standard input', async (t) => {
  const given = await run(['brukere', 'give', appId, '--until', '2099-12-31', '--reason', 'Vikar'], `${first}\n`);
  t.match(given, {
    code: 0,
    stderr: '',
    stdout: /^given: [A-Za-z0-9_-]{43} {2}use {2}until 2099-12-31T23:00:00\.000Z {2}gives all of it now\n$/,
  });
  const brukerId = given.stdout.split(' ')[1] as string;
  t.match(await run(['brukere', 'give', appId, '--until', '2099-12-31', '--reason', 'Vikar'], first), {
    code: 0,
    stdout: /^it was so already/,
  });
  t.match(await run(['brukere', 'list', appId]), { code: 0, stdout: new RegExp(`^${brukerId}  use`, 'm') });
  t.notMatch((await run(['brukere', 'list', appId])).stdout, /[0-9]{11}/, 'without person numbers');
  t.match(await run(['brukere', 'list', appId, '--show-numbers']), { stdout: new RegExp(`^${first}  use`, 'm') });
  const looked = await run(['oppslag', '--json'], first);
  t.match(JSON.parse(looked.stdout), { brukerId, tilganger: [{ appId, brukerIdent: first }] });
  t.match(await run(['brukere', 'withdraw', appId, '--reason', 'Slutt'], first), {
    code: 0,
    stdout: `withdrawn: ${brukerId} has no access to ${appId} any more\n`,
  });
  t.match(await run(['oppslag'], first), { code: 0, stdout: `${brukerId}\nno access\n` });
  t.match(await run(['brukere', 'withdraw', appId], first), {
    code: 0,
    stdout: `it was so already: ${brukerId} has no access to ${appId} any more\n`,
  });
  const history = await run(['hendelser', '--person', brukerId, '--app', appId]);
  t.match(history, { code: 0, stdout: /grant\.withdraw {2}by .*\(Slutt\)\n[\s\S]*grant\.give {2}by .*\(Vikar\)\n/ });
  t.equal((await run(['hendelser', '--most', '1'])).stdout.split('\n').length, 2);
});

t.test('ten people get access by a file, and the file comes back', async (t) => {
  const people = [second, ...others.slice(0, 9)];
  const file = join(folder, 'ti.csv');
  writeFileSync(file, `app,brukerIdent\n${people.map((person) => `${appId},${person}\n`).join('')}`);
  t.match(await run(['brukere', 'import', file, '--dry-run']), {
    code: 0,
    stdout: 'would be given 10, would be changed 0, unchanged 0, faulty 0\n',
  });
  t.match(await run(['brukere', 'import', file]), { code: 0, stdout: 'given 10, changed 0, unchanged 0, faulty 0\n' });
  const out = join(folder, 'ut.csv');
  t.match(await run(['brukere', 'export', '--app', appId, '--out', out]), { code: 0, stdout: '' });
  for (const person of people) t.match(readFileSync(out, 'utf8'), person);
  t.equal(statSync(out).mode & 0o777, 0o600);
  t.match(
    await run(['brukere', 'export', '--out', out]),
    { code: 1, stderr: /it is there already: name another one \(EEXIST\)/ },
    'nothing is written over',
  );
  t.match((await run(['brukere', 'export', '--app', appId, '--format', 'jsonl'])).stdout, new RegExp(`"brukerIdent":"${second}"`));
  writeFileSync(file, `app,brukerIdent\n${appId},12345678901\n${appId},${others[9]}\n`);
  t.match(await run(['brukere', 'import', file]), {
    code: 1,
    stderr: /^line 2: brukerIdent /m,
    stdout: 'given 1, changed 0, unchanged 0, faulty 1\n',
  });
  t.match(await run(['brukere', 'import', join(folder, 'ti.txt')]), { code: 2, stderr: /say --format/ });
});

t.test('applications are listed, and switched off and on', async (t) => {
  t.match(await run(['applikasjoner', 'list', '--only', 'on']), { code: 0, stdout: new RegExp(`^${appId}  on `, 'm') });
  t.match(await run(['applikasjoner', 'deactivate', appId, '--reason', 'Pause']), { code: 0, stdout: `${appId} is off\n` });
  t.match(await run(['brukere', 'list', appId]), { stdout: /gives nothing now \(application_not_activated/ });
  t.match(await run(['applikasjoner', 'activate', appId, '--orgnr', OSLO]), { code: 0, stdout: `${appId} is on\n` });
});

t.test('whoever may not, is not logged in, or names nothing is told what to do', async (t) => {
  const stray = await gateway.tokenOf({ person: 'person-001' });
  t.match(await run(['brukere', 'list', appId], undefined, { ...env, TILGANG_TOKEN: stray }), { code: 1, stderr: /no organisation/ });
  t.match(await runInside(['brukere', 'list', appId], { TILGANG_KEYRING: env.TILGANG_KEYRING }), {
    code: 2,
    stderr: /tilgang login https/,
  });
  t.match(await run(['brukere', 'list', appId], undefined, { TILGANG_KEYRING: env.TILGANG_KEYRING }), { code: 2, stderr: /tilgang login/ });
  t.match(await run(['brukere', 'list', 'x']), { code: 2, stderr: /<App-ID>/ });
  t.match(await run(['brukere', 'give', appId], '123'), { code: 1, stderr: /person number/ });
  t.match(await run(['hendelser', '--action', 'GRANT']), { code: 1, stderr: /handling/ });
});
