import t from 'tap';
import { runGateway } from '../../fixtures/gateway.js';
import { csv, OSLO, openDesk, report } from './desk.js';

const gateway = await runGateway(t, { refusalsPerMinute: 10_000 });
const desk = openDesk(gateway);
const { app } = desk;
const faults = (answer: { json: { feilListe: { linje: number; felt?: string }[] } }): [number, string | undefined][] =>
  answer.json.feilListe.map(({ linje, felt }) => [linje, felt]);

t.test('a file is read in each form that is described, and the report counts what came of its lines', async (t) => {
  const forms: [string, string, (p: string, q: string) => string | Buffer][] = [
    ['comma', 'text/csv', (p, q) => `app,brukerIdent\n${app},${p}\n${app},${q}\n`],
    ['semicolon', 'text/csv', (p, q) => `app;brukerIdent\n${app};${p}\n${app};${q}\n`],
    ['tab', 'text/csv; charset=utf-8', (p, q) => `app\tbrukerIdent\n${app}\t${p}\n${app}\t${q}`],
    ['byte order mark', 'text/csv', (p, q) => `\uFEFFapp,brukerIdent\n${app},${p}\n${app},${q}\n`],
    ['CRLF', 'text/csv', (p, q) => `app,brukerIdent\r\n${app},${p}\r\n${app},${q}\r\n`],
    [
      'Latin-1',
      'text/csv; charset=iso-8859-1',
      (p, q) => Buffer.from(`app,brukerIdent,reason\n${app},${p},Blå\n${app},${q},Ærlig\n`, 'latin1'),
    ],
    ['JSON Lines', 'application/jsonl', (p, q) => `{"app":"${app}","brukerIdent":"${p}"}\n{"app":"${app}","brukerIdent":"${q}"}\n`],
    ['NDJSON', 'application/x-ndjson', (p, q) => `{"app":"${app}","brukerIdent":"${p}"}\r\n\r\n{"app":"${app}","brukerIdent":"${q}"}`],
  ];
  for (const [what, type, file] of forms) {
    const [p = '', q = ''] = desk.persons(2);
    t.same((await desk.import(file(p, q), { type })).json, report(2, { gitt: 2 }), what);
    t.same((await desk.import(file(p, q), { type })).json, report(2, { uendret: 2 }), `${what}, again`);
    t.same(await desk.rolesOf(q), ['use'], what);
    t.ok((await gateway.ask(app, { brukerIdent: q })).json.tilganger.some(({ orgnr }: { orgnr: string }) => orgnr === OSLO));
  }
  t.match((await desk.export('?format=jsonl')).text, '"reason":"Ærlig"');
});

t.test('Latin-1 that is not declared is a fault on the lines that it spoils, which say what to do', async (t) => {
  const [p = '', q = ''] = desk.persons(2);
  const file = Buffer.from(`app,brukerIdent,reason\n${app},${p},Blå\n${app},${q},Ok\n`, 'latin1');
  const { json } = await desk.import(file);
  t.match(json, { linjer: 2, gitt: 1, feil: 1, feilListe: [{ linje: 2, detalj: /UTF-8.*charset=iso-8859-1/ }] });
  t.equal(await desk.rolesOf(p), undefined);
});

t.test('a type or a charset that is not read is refused', async (t) => {
  const file = csv('app,brukerIdent', [app, desk.persons(1)[0] ?? '']);
  for (const type of ['application/json', 'text/plain', 'text/csv; charset=utf-16', 'text/csv; charset=tull', 'multipart/form-data', ''])
    t.match(await desk.import(file, { type }), { status: 415, json: { type: '/problems/unsupported-media-type' } }, type);
  t.match(await desk.import(file, { headers: { 'Content-Encoding': 'gzip' } }), { status: 415 });
});

t.test('the file that export gives is taken back under the very type that it was given with', async (t) => {
  for (const format of ['csv', 'jsonl']) {
    const { text, headers } = await desk.export(`?format=${format}`);
    t.equal((await desk.import(text, { type: headers.get('content-type') ?? '' })).status, 200, headers.get('content-type') ?? '');
  }
});

t.test('each fault is told with line and field and without the value, and spoils no other line', async (t) => {
  const [p = '', q = ''] = desk.persons(2);
  const wrong = `${p.slice(0, 10)}${(Number(p[10]) + 1) % 10}`;
  const file = csv(
    'app,brukerIdent,roles,from,until',
    [app, p, '', '', ''],
    [app, wrong, '', '', ''],
    ['tull', q, '', '', ''],
    ['00000000-0000-4000-8000-000000000000', q, '', '', ''],
    [app, '', '', '', ''],
    [app, q, 'konge', '', ''],
    [app, q, 'Use', '', ''],
    [app, q, '', '2030-01-02', '2030-01-01'],
    [app, q, '', '2030-02-30', ''],
    [app, q, '', '', 'aldri'],
    [app, q],
    [app, q, 'use saksbehandler', '2020-01-01', '2098-01-01'],
  );
  const answer = await desk.import(file);
  t.match(answer.json, { linjer: 12, gitt: 2, feil: 10 });
  t.same(faults(answer), [
    [3, 'brukerIdent'],
    [4, 'app'],
    [5, 'app'],
    [6, 'brukerIdent'],
    [7, 'roles'],
    [8, 'roles'],
    [9, 'until'],
    [10, 'from'],
    [11, 'until'],
    [12, undefined],
  ]);
  t.notOk(/[0-9]{11}|konge|tull/.test(answer.text), 'no value');
  t.same(await desk.rolesOf(q), ['saksbehandler', 'use']);
  const changed = csv('app,brukerIdent,roles', [app, q, 'use'], [app, p, 'use']);
  t.same((await desk.import(changed)).json, report(2, { endret: 1, uendret: 1 }));
});

t.test('a header that cannot be used is one fault, and an empty file is none', async (t) => {
  t.match((await desk.import('')).json, report(0));
  for (const file of ['app,app\na,b\n', 'app,,brukerIdent\n', Buffer.from('\uFEFFapp,brukerIdent\n', 'utf16le')])
    t.match((await desk.import(file)).json, { gitt: 0, feil: 1, feilListe: [{ linje: 1 }] });
  const unknown = await desk.import(csv('app,brukerIdent,__proto__', [app, desk.persons(1)[0] ?? '', 'x']));
  t.match(unknown.json, { gitt: 0, feil: 1, feilListe: [{ linje: 2, detalj: 'is no known field' }] });
});

t.test('the name of an unknown field is not told if it holds a person number (fault 13)', async (t) => {
  const [p = '', q = ''] = desk.persons(2);
  const spelled = `x ${q.slice(0, 6)} ${q.slice(6)}`;
  for (const name of [`x${q}`, spelled]) {
    for (const [file, type] of [
      [csv(`app,brukerIdent,${name}`, [app, p, 'x']), 'text/csv'],
      [JSON.stringify({ app, brukerIdent: p, [name]: 'x' }), 'application/jsonl'],
    ] as const) {
      const answer = await desk.import(file, { type });
      t.match(answer.json, { gitt: 0, feil: 1, feilListe: [{ felt: 'a field', detalj: 'is no known field' }] });
      t.notMatch(answer.text, /[0-9]{5}/);
    }
  }
});

t.test('the same person twice in an application is a fault that names the first line', async (t) => {
  const [p = '', q = ''] = desk.persons(2);
  const { second } = desk;
  const file = csv(
    'app,brukerIdent,roles',
    [app, p, 'use'],
    [second, p, 'use'],
    [app, q, 'use'],
    [app, p, 'saksbehandler'],
    [app, p, 'use'],
  );
  const { json } = await desk.import(file);
  t.match(json, { linjer: 5, gitt: 3, feil: 2 });
  t.same(
    json.feilListe.map(({ linje, felt, detalj }: { linje: number; felt: string; detalj: string }) => [
      linje,
      felt,
      /line 2\b/.test(detalj),
    ]),
    [
      [5, 'brukerIdent', true],
      [6, 'brukerIdent', true],
    ],
  );
  t.same(await desk.rolesOf(p), ['use']);
});
