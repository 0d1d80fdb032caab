import t from 'tap';
import { demoWorld } from '#demo';
import { type PersonNumber, toInstant } from '#domain';
import { runCommand } from '../fixtures/command.js';
import { runInside } from '../fixtures/command-inside.js';
import { demoFolder, newPersons } from '../fixtures/demo-folder.js';

const PERSON_LIKE = /(?<![0-9])[0-9]{11}(?![0-9])/;
const OSLO = '958935420';
const BERGEN = '964338531';
const world = demoWorld(toInstant(Date.now()));
const [a, b] = newPersons(2, world) as [PersonNumber, PersonNumber];
const demoIn = (data: string) => ({ TILGANG_MODE: 'demo', TILGANG_DATA: data });
const parsedLines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

t.test('a person is appointed by the number on standard input, once, and listed without the number unless it is asked for', async (t) => {
  const { data } = await demoFolder(t);
  const admin = (args: readonly string[], stdin?: string) => runInside(['admin', ...args], demoIn(data), stdin);
  const list = async () => parsedLines((await admin(['list', OSLO, '--format', 'jsonl'])).stdout);
  const before = await list();
  t.equal(before.length, world.administrators.filter(({ orgnr }) => orgnr === OSLO).length);

  const terms = ['--role', 'tilgangsadministrator', 'applikasjonsadministrator', '--until', '2098-12-31', '--reason', 'vikar'];
  const first = await runCommand(['admin', 'appoint', OSLO, ...terms], demoIn(data), `${a}\n`);
  t.match(first, { code: 0, stderr: '' });
  t.match(first.stdout, /^appointed: [\w-]{43} is applikasjonsadministrator, tilgangsadministrator of Oslo kommune \(958935420\)\n$/);
  const again = await admin(['appoint', OSLO, ...terms], a);
  t.match(again, { code: 0, stdout: /^unchanged: / });
  const appointed = (await list()).filter(({ brukerId }) => !before.some((one) => one['brukerId'] === brukerId));
  t.match(appointed, [
    {
      roles: ['applikasjonsadministrator', 'tilgangsadministrator'],
      until: '2098-12-31T23:00:00.000Z',
      since: /^20/,
      by: 'operator',
      reason: 'vikar',
    },
  ]);
  t.equal(appointed.length, 1);

  t.match(await admin(['appoint', OSLO], a), { code: 0, stdout: /^changed: [\w-]{43} is organisasjonsadministrator of / });
  const csv = await admin(['list', OSLO]);
  t.match(csv.stdout, /^brukerId,roles,since,until,by,reason,applications,mayGive\n/);
  t.equal(csv.stdout.split('\n').length, before.length + 3);
  const numbers = await admin(['list', OSLO, '--show-numbers']);
  t.ok(numbers.stdout.includes(a));
  t.match((await runInside(['audit', 'verify'], demoIn(data))).stdout, /: whole\n$/);
  for (const { stdout, stderr } of [first, again, csv]) t.notMatch(stdout + stderr, PERSON_LIKE);
});

t.test('an administrator is removed, the last one too; somebody who is none is no fault', async (t) => {
  const { data } = await demoFolder(t);
  const admin = (args: readonly string[], stdin?: string) => runInside(['admin', ...args], demoIn(data), stdin);
  const last = world.administrators.find(({ orgnr }) => orgnr === BERGEN)?.brukerIdent;
  const removed = await runCommand(['admin', 'remove', BERGEN], demoIn(data), `  ${last}\r\n`);
  t.match(removed, { code: 0, stdout: /^removed: .* of Bergen kommune \(964338531\)\n$/ });
  t.match(await admin(['remove', BERGEN], last), { code: 0, stdout: /^unchanged: / });
  t.match(await admin(['remove', BERGEN], b), { code: 0, stdout: /^unchanged: / });
  t.equal((await admin(['list', BERGEN, '--format', 'jsonl'])).stdout, '');
  t.match(await admin(['appoint', BERGEN], last), { code: 0, stdout: /^appointed: / }, 'who was removed may be appointed anew');
});
