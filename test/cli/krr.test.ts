import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { demoWorld } from '#demo';
import { type PersonNumber, toInstant } from '#domain';
import { runCommand } from '../fixtures/command.js';
import { runInside } from '../fixtures/command-inside.js';
import { demoFolder, newPersons } from '../fixtures/demo-folder.js';

const PERSON_LIKE = /(?<![0-9])[0-9]{11}(?![0-9])/;

t.test('the register is filled from a file, looked at and kept up; persons are blocked', async (t) => {
  const { data } = await demoFolder(t);
  const env = { TILGANG_MODE: 'demo', TILGANG_DATA: data };
  const krr = (args: readonly string[], stdin?: string) => runInside(['krr', ...args], env, stdin);
  const [ada, ben] = newPersons(2, demoWorld(toInstant(0))) as [PersonNumber, PersonNumber];
  const file = (name: string, text: string): string => {
    const path = join(data, name);
    writeFileSync(path, text);
    return path;
  };
  const csv = file(
    'contacts.csv',
    `personidentifikator;epostadresse;epostadresse_oppdatert;spraak\n${ada};ada@demo.example;2026-01-01;nn\n${ben};ben;;\n${ben};ben@demo.example;2026-01-01;\n`,
  );

  const trial = await krr(['import', csv, '--dry-run']);
  t.match(trial, { code: 1, stdout: /^would be registered 2, would be changed 0, unchanged 0, faulty 1\n$/ });
  t.match(trial.stderr, /line 3: epostadresse is no e-mail address/);
  const first = await runCommand(['krr', 'import', csv], env);
  t.match(first, { code: 1, stdout: /^registered 2, changed 0, unchanged 0, faulty 1\n$/ });
  t.notMatch(first.stderr + trial.stderr, PERSON_LIKE);
  t.match((await krr(['status'])).stdout, /^persons \d+\nlatest import .*: 3 lines, registered 2, changed 0, unchanged 0, faulty 1\n$/);

  const shown = await krr(['show'], ada);
  t.match(JSON.parse(shown.stdout), { status: 'AKTIV', email: { address: 'ada@demo.example' }, language: { code: 'nn' } });
  t.notOk(shown.stdout.includes(ada));
  const gone = file('gone.jsonl', `{"personidentifikator":"${ada}","status":"SLETTET"}\n`);
  t.match(await krr(['import', gone]), { code: 0, stdout: /^registered 0, changed 1, unchanged 0, faulty 0\n$/ });
  t.same(JSON.parse((await krr(['show'], ada)).stdout), { status: 'SLETTET', isReserved: false });

  const pem = file('provider.pem', demoWorld(toInstant(0)).idporten.mailboxProvider.certificate);
  t.match(await krr(['provider', '958935420', '--certificate', pem]), { code: 0, stdout: /^958935420 has this certificate/ });
  t.match(await krr(['provider', '958935420', '--certificate', csv]), { code: 1, stderr: /is no certificate in PEM/ });
  t.match(await krr(['provider', '958935420', '--certificate', join(data, 'missing')]), { code: 1, stderr: /ENOENT/ });

  const logins = (args: readonly string[], stdin?: string) => runInside(['logins', ...args], env, stdin);
  t.match(await logins(['block', '--reason', 'meldt tapt'], ada), { code: 0, stdout: 'blocked\n' });
  t.match(await logins(['block'], ada), { code: 0, stdout: 'was blocked already\n' });
  t.match(await logins(['unblock'], ada), { code: 0, stdout: 'unblocked\n' });
  t.match(await logins(['unblock'], 'x'), { code: 2, stderr: /the person number is not eleven digits/ });
  const events = await runInside(['audit', 'events'], env);
  t.match(events.stdout, /person\.block/);
  t.match((await runInside(['audit', 'verify'], env)).stdout, /: whole\n$/);
  t.notOk(events.stdout.includes(ada));
});
