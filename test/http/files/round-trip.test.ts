import t from 'tap';
import { runGateway } from '../../fixtures/gateway.js';
import { BERGEN, OSLO, openDesk, report } from './desk.js';

const gateway = await runGateway(t, { refusalsPerMinute: 10_000 });
const desk = openDesk(gateway);
const { app, second } = desk;
const FORMATS = { csv: 'text/csv', jsonl: 'application/jsonl' };
const REASONS = [
  '=HYPERLINK("https://spy.example","klikk")',
  '+1',
  '-1',
  '@SUM(A1)',
  "'=1",
  "''+2",
  '\t=cmd',
  'to\nlinjer',
  '"sitert", med komma; og semikolon',
  '＝fullbredde',
  'vanlig',
];

t.test('what is exported is taken back without a change, in both forms', async (t) => {
  const grants = REASONS.map((reason, i) => {
    const [brukerIdent] = desk.persons(1);
    const period = i % 2 === 0 ? {} : { from: '2020-01-01', until: '2098-12-31' };
    return { app: i % 3 === 0 ? second : app, brukerIdent, roles: i % 4 === 0 ? ['use', 'saksbehandler'] : ['use'], ...period, reason };
  });
  const file = grants.map((grant) => `${JSON.stringify(grant)}\n`).join('');
  t.same((await desk.import(file, { type: FORMATS.jsonl })).json, report(grants.length, { gitt: grants.length }));
  // A line is judged as if it were new, so a grant that is kept in what is switched off would be told as a fault.
  for (const { id } of gateway.world.applications.filter(({ state }) => state === 'active')) {
    const path = `/konsument-bruker/api/v1/organisasjoner/${OSLO}/applikasjoner/${id}/aktivering`;
    t.equal((await gateway.send({ client: 'oslo' }, 'PUT', path, { aktiv: true }, { 'If-Match': '*' })).status, 200);
  }
  const before = await desk.held();
  for (const [format, type] of Object.entries(FORMATS)) {
    const { status, text, headers } = await desk.export(`?format=${format}`);
    t.equal(status, 200);
    t.match(headers.get('content-type'), type);
    t.match(headers.get('content-disposition'), `tilganger.${format}`);
    t.equal(headers.get('x-content-type-options'), 'nosniff');
    t.equal(headers.get('cache-control'), 'no-store');
    for (const query of ['', '?modus=erstatt', '?proving=true'])
      t.same((await desk.import(text, { type, query })).json, report(before.length, { uendret: before.length }), `${format} ${query}`);
  }
  t.same(await desk.held(), before);
});

t.test('a formula in a reason is harmless in CSV and comes back as it was (threat 38)', async (t) => {
  const { text } = await desk.export('?format=csv');
  const cells = text.split(/\r?\n/).flatMap((line) => line.match(/(?:^|,)("(?:[^"]|"")*"|[^,]*)/g) ?? []);
  const bare = cells.map((cell) => cell.replace(/^,/, '').replace(/^"/, ''));
  t.same(
    bare.filter((cell) => /^[=+\-@\t\r]/.test(cell)),
    [],
    'no cell begins as a formula does',
  );
  const reasons = (lines: readonly string[]): string[] =>
    lines.flatMap((line) => (JSON.parse(line) as { reason?: string }).reason ?? []).sort();
  const before = reasons(await desk.held());
  t.equal(before.length, REASONS.length);
  t.ok(before.includes(REASONS[0] ?? ''));
  t.ok(before.includes("'=1"));

  // Withdrawn and given anew from the CSV: the reasons are those that were written.
  const only = (await desk.export('?format=csv')).text;
  const place = `/konsument-bruker/api/v1/organisasjoner/${OSLO}/applikasjoner`;
  for (const id of [app, second]) {
    const { json } = await gateway.send({ client: 'oslo' }, 'GET', `${place}/${id}/brukere?antall=500`);
    for (const { brukerId } of json.brukere)
      await gateway.send({ client: 'oslo' }, 'DELETE', `${place}/${id}/brukere/${brukerId}`, undefined, { 'If-Match': '*' });
  }
  t.same(reasons(await desk.held()), []);
  t.match((await desk.import(only)).json, { trukket: 0 });
  t.same(reasons(await desk.held()), before);
});

t.test('an export is of one organisation and, if asked, of one application', async (t) => {
  for (const orgnr of [OSLO, BERGEN]) {
    const lines = (await desk.held(orgnr)).map((line) => JSON.parse(line) as { orgnr: string; app: string });
    t.ok(lines.length > 0);
    t.ok(lines.every((line) => line.orgnr === orgnr));
  }
  const { text } = await desk.export(`?format=jsonl&app=${app}`);
  t.ok(text.includes(app));
  t.notOk(text.includes(second));
  t.same(
    text.split('\n').filter((line) => line !== ''),
    (await desk.held()).filter((line) => line.includes(app)),
  );
  t.equal((await desk.export('?format=xml')).status, 400);
  t.equal((await desk.export('?app=tull')).status, 400);
  t.equal((await desk.export('?ukjent=1')).status, 400);
});
