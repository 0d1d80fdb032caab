// Takes about 12 s.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { demoWorld } from '#demo';
import { type PersonNumber, toInstant } from '#domain';
import { runCommand } from '../fixtures/command.js';
import { runInside } from '../fixtures/command-inside.js';
import { demoFolder, newPersons } from '../fixtures/demo-folder.js';
import { runGateway, temporaryFolder } from '../fixtures/gateway.js';

const PERSON_LIKE = /(?<![0-9])[0-9]{11}(?![0-9])/;
const world = demoWorld(toInstant(Date.now()));
const { appId } = world.first;
const UNKNOWN = '00000000-0000-4000-8000-000000000000';
const OSLO = '958935420';
const TRONDHEIM = '942110464';
const [a, b, c, d, e, f] = newPersons(6, world) as [PersonNumber, PersonNumber, PersonNumber, PersonNumber, PersonNumber, PersonNumber];
const wrongDigit = `${a.slice(0, 10)}${(Number(a[10]) + 1) % 10}`;
const demoIn = (data: string, more: Record<string, string> = {}) => ({ TILGANG_MODE: 'demo', TILGANG_DATA: data, ...more });

t.test('each command has a help text to learn from', async (t) => {
  const groups = { grants: ['import', 'export'], admin: ['appoint', 'remove', 'list'], orgs: ['import', 'list', 'merge', 'close'] };
  const policy = [
    'new',
    'check',
    'test',
    'dev',
    'build',
    'sign',
    'keys',
    'push',
    'list',
    'activate',
    'rollback',
    'deactivate',
    'trust',
    'status',
    'sources',
    'diff',
    'approve',
    'demand',
    'shadow',
  ];
  const subcommands = Object.entries({ ...groups, policy, audit: ['verify', 'events'] }).flatMap(([group, subs]) => [
    [group],
    ...subs.map((sub) => [group, sub]),
  ]);
  for (const args of [[], ['serve'], ['demo'], ['token'], ['why'], ['doctor'], ...subcommands]) {
    const { code, stdout } = await runInside([...args, '--help']);
    t.equal(code, 0, args.join(' '));
    t.match(stdout, /^Usage: tilgang/);
    t.notMatch(stdout, PERSON_LIKE);
  }
  t.match((await runCommand(['--version'])).stdout, /^[0-9]+\.[0-9]+\.[0-9]+\n$/);
});

t.test('words that no command knows end with 2', async (t) => {
  for (const args of [
    ['nope'],
    ['--nope'],
    ['demo', 'extra'],
    ['grants', 'nope'],
    ['grants', 'import'],
    ['token'],
    ['token', '--client', 'fhi', '--person', 'x'],
    ...['0', '1e3', '0x10', '060', ' 60', '86401'].map((lifetime) => ['token', '--client', 'fhi', '--lifetime', lifetime]),
  ]) {
    const { code, stdout, stderr } = await runInside(args, demoIn(temporaryFolder(t)));
    t.equal(code, 2, args.join(' '));
    t.equal(stdout, '');
    t.match(stderr, /error: /);
  }
});

t.test('demo prints the demo world as JSON', async (t) => {
  const { code, stdout } = await runCommand(['demo']);
  t.equal(code, 0);
  const printed = JSON.parse(stdout);
  for (const part of ['organisations', 'applications', 'persons', 'clients']) t.ok(printed[part].length >= 2, part);
  t.ok(printed.applications.length >= 5);
  t.ok(printed.clients.every(({ id, orgnr }: { id: string; orgnr: string }) => id !== '' && /^[0-9]{9}$/.test(orgnr)));
  t.same(printed.persons, JSON.parse(JSON.stringify(world.persons)));
});

t.test('token prints a bare token, and nothing for whom the demo world does not know', async (t) => {
  const { data } = await demoFolder(t);
  for (const args of [
    ['--client', 'fhi'],
    ['--person', 'person-001'],
  ]) {
    const { code, stdout } = await runInside(['token', ...args], demoIn(data));
    t.equal(code, 0);
    t.match(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  }
  for (const args of [
    ['--client', 'nope'],
    ['--person', a],
  ]) {
    const { code, stdout, stderr } = await runInside(['token', ...args], demoIn(data));
    t.match({ code, stdout }, { code: 1, stdout: '' });
    t.notMatch(stderr, PERSON_LIKE);
  }
});

const CSV = [
  'app,brukerIdent,kommune,orgnr,roles,from,until',
  `${appId},${a},0301,,,,`,
  `${appId},${b},,${TRONDHEIM},"use,saksbehandler",2026-01-01,2099-12-31`,
  `${appId},${wrongDigit},0301,,,,`,
  `${UNKNOWN},${c},0301,,,,`,
  `${appId},${c},0301,,nope,,`,
  `${appId},${c},0301,${TRONDHEIM},,,`,
  `${appId},${c},0301,,,2026-02-01,2026-01-01`,
  `${appId},,0301,,,,`,
  `${appId},${c},0301`,
  `${appId},${c},9999,,,,`,
  `${appId},${c},,,,,`,
  `${appId},${d},0301,${OSLO},use,,`,
];
const CSV_FAULTS: readonly [line: number, told: RegExp][] = [
  [4, /brukerIdent has a wrong check digit/],
  [5, /app is not registered/],
  [6, /roles /],
  [7, /orgnr is not the organisation of the kommune/],
  [8, /until is not after from/],
  [9, /brukerIdent is missing/],
  [10, /has 3 fields where the header has 7/],
  [11, /kommune is not registered/],
  [12, /kommune is missing, and so is orgnr/],
];

t.test('an import names each faulty line and gives the others; run again it changes nothing', async (t) => {
  for (const [name, text] of [
    ['plain', `${CSV.join('\n')}\n`],
    ['bom-crlf', `\uFEFF${CSV.join('\r\n')}\r\n`],
    ['no-end', CSV.join('\n')],
  ] as const) {
    const { data } = await demoFolder(t);
    const file = join(data, `${name}.csv`);
    writeFileSync(file, text);
    const before = await runInside(['grants', 'export'], demoIn(data));
    const dry = await runInside(['grants', 'import', '--dry-run', file], demoIn(data));
    t.equal(dry.code, 1);
    t.equal(dry.stdout, 'would be given 3, would be changed 0, unchanged 0, faulty 9\n', name);
    t.equal((await runInside(['grants', 'export'], demoIn(data))).stdout, before.stdout, 'a dry run writes nothing');
    const first = await runInside(['grants', 'import', file], demoIn(data));
    t.equal(first.code, 1);
    t.equal(first.stdout, 'given 3, changed 0, unchanged 0, faulty 9\n', name);
    const told = first.stderr.split('\n').filter((line) => line.startsWith('line '));
    t.equal(told.length, CSV_FAULTS.length);
    for (const [i, [line, why]] of CSV_FAULTS.entries()) {
      t.match(told[i], new RegExp(`^line ${line}: `), name);
      t.match(told[i], why, name);
    }
    t.notMatch(first.stderr, PERSON_LIKE);
    const again = await runInside(['grants', 'import', file], demoIn(data));
    t.equal(again.stdout, 'given 0, changed 0, unchanged 3, faulty 9\n');
    const { stdout } = await runInside(['grants', 'export', '--app', appId], demoIn(data));
    const held = stdout.split('\n').find((line) => line.includes(b));
    t.match(
      held,
      new RegExp(
        `^${appId},${b},5001,${TRONDHEIM},(use saksbehandler|saksbehandler use),2025-12-31T23:00:00.000Z,2099-12-31T23:00:00.000Z,$`,
      ),
    );
  }
});

t.test('JSONL is imported as CSV is', async (t) => {
  const { data } = await demoFolder(t);
  const file = join(data, 'grants.jsonl');
  const rows = [
    JSON.stringify({ app: appId, brukerIdent: a, kommune: '0301' }),
    '',
    '{"app":',
    '[]',
    JSON.stringify({ app: appId, brukerIdent: Number(`1${a.slice(1)}`), kommune: '0301' }),
    JSON.stringify({ app: appId, brukerIdent: b, orgnr: TRONDHEIM, roles: ['use', 'saksbehandler'] }),
    JSON.stringify({ app: appId, brukerIdent: c, orgnr: TRONDHEIM, [c]: true }),
    JSON.stringify({ app: appId, brukerIdent: c, orgnr: TRONDHEIM, ukjent: true }),
    JSON.stringify({ app: { $gt: '' }, brukerIdent: c, orgnr: TRONDHEIM }),
  ];
  writeFileSync(file, `\uFEFF${rows.join('\r\n')}`);
  const { code, stdout, stderr } = await runInside(['grants', 'import', file], demoIn(data));
  t.equal(code, 1);
  t.equal(stdout, 'given 2, changed 0, unchanged 0, faulty 6\n');
  t.same(
    stderr.match(/^line [0-9]+/gm),
    [3, 4, 5, 7, 8, 9].map((line) => `line ${line}`),
  );
  t.match(stderr, /line 8: ukjent is no known field/);
  t.notMatch(stderr, PERSON_LIKE);
});

t.test('an import that is to stop at a fault has written the lines before it', async (t) => {
  const { data } = await demoFolder(t);
  const file = join(data, 'grants.csv');
  writeFileSync(file, CSV.join('\n'));
  const { code, stdout } = await runCommand(['grants', 'import', '--stop-at-fault', file], demoIn(data));
  t.equal(code, 1);
  t.equal(stdout, 'given 2, changed 0, unchanged 0, faulty 1; stopped at the faulty line\n');
  const { stdout: exported } = await runCommand(['grants', 'export'], demoIn(data));
  t.ok(exported.includes(a) && exported.includes(b) && !exported.includes(d));
});

t.test('what one folder exports, another imports and exports again', async (t) => {
  const one = (await demoFolder(t)).data;
  const other = (await demoFolder(t)).data;
  const rows = [a, b, c, d, e, f].map(
    (person, i) =>
      `${appId},${person},${OSLO},use,${i % 2 === 0 ? '2026-03-29' : ''},${i % 3 === 0 ? '2099-10-25' : ''},${i === 0 ? 'Vikar' : ''}`,
  );
  const file = join(one, 'grants.csv');
  writeFileSync(file, ['app,brukerIdent,orgnr,roles,from,until,reason', ...rows].join('\n'));
  t.equal((await runInside(['grants', 'import', file], demoIn(one))).code, 0);
  for (const format of ['csv', 'jsonl']) {
    const out = join(other, `out.${format}`);
    t.equal((await runInside(['grants', 'export', '--format', format, '--out', out], demoIn(one))).code, 0);
    t.equal((await runInside(['grants', 'import', out], demoIn(other))).code, 0);
    // The order is that of the persons' names, which each installation makes its own.
    const sorted = (text: string): string[] => text.split('\n').sort();
    const { stdout } = await runInside(['grants', 'export', '--format', format], demoIn(other));
    t.same(sorted(stdout).length, sorted(readFileSync(out, 'utf8')).length);
    const { stdout: back } = await runInside(['grants', 'import', out], demoIn(one));
    t.match(back, /^given 0, changed 0, unchanged [0-9]+, faulty 0\n$/);
    t.ok([a, f].every((person) => stdout.includes(person)));
    t.match(stdout, /Vikar/, 'the reason comes along');
    const existing = await runInside(['grants', 'export', '--out', out], demoIn(one));
    t.equal(existing.code, 1, 'a file that is there is not overwritten');
  }
});

t.test('a file that is not there and a folder that is not there are told', async (t) => {
  const { data } = await demoFolder(t);
  const missing = await runCommand(['grants', 'import', join(data, 'nope.csv')], demoIn(data));
  t.not(missing.code, 0);
  t.match(missing.stderr, /^tilgang: .*nope\.csv: it is not there: check the name \(ENOENT\)$/m);
  const unwritable = await runInside(['grants', 'export', '--out', join(data, 'nope', 'out.csv')], demoIn(data));
  t.not(unwritable.code, 0);
  t.match(unwritable.stderr, /^tilgang: .*out\.csv: it is not there: check the name \(ENOENT\)$/m);
});

t.test('a serving gateway sees what is imported beside it on its next query', async (t) => {
  const gateway = await runGateway(t);
  const { data } = gateway.config;
  t.same((await gateway.ask(appId, { brukerIdent: a })).json, { tilganger: [] });
  const file = join(data, 'grants.csv');
  writeFileSync(file, `app,brukerIdent,kommune\n${appId},${a},0301\n`);
  t.equal((await runCommand(['grants', 'import', file], demoIn(data))).code, 0);
  t.match((await gateway.ask(appId, { brukerIdent: a })).json, { tilganger: [{ kommune: '0301', orgnr: OSLO }] });
});
