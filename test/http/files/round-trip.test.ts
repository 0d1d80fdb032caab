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

/** A repeatable sequence from 0 to 1 (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What texts, files, spreadsheets and eyes stumble over; some of it makes a text refused. */
const PIECES =
  '= + - @ \' " , ; | \\ { æ Å a 1 22 ＝ 💡 👩‍🔧 ❤️ e\u0301 \u00a0 \u2028 \0 \u001b \ud800 \ufffd \u200b \u202e \u2800 \u0085 \uffff 0181901106'
    .split(' ')
    .concat(' ', '\n', '\r\n', '\r', '\t', '7', '');

t.test('whatever reason the API takes, export writes and import reads back, and what it refuses import refuses (fault 13)', async (t) => {
  const random = seeded(13);
  const pick = (): string => PIECES[Math.floor(random() * PIECES.length)] as string;
  const given: { brukerIdent: string; begrunnelse: string }[] = [];
  const refused: string[] = [];
  const brukere = `/konsument-bruker/api/v1/organisasjoner/${OSLO}/applikasjoner/${app}/brukere`;
  const long = ['💡'.repeat(500), '💡'.repeat(501), 'x'.repeat(500), '"'.repeat(500), "'=".repeat(250)];
  const drawn = Array.from({ length: 120 }, () => Array.from({ length: 1 + Math.floor(random() * 5) }, pick).join(''));
  for (const begrunnelse of [...long, ...drawn]) {
    const [brukerIdent = ''] = desk.persons(1);
    const { status, json } = await gateway.send({ client: 'oslo' }, 'POST', brukere, { brukerIdent, begrunnelse });
    if (status === 201) given.push({ brukerIdent, begrunnelse: json.begrunnelse });
    else if (begrunnelse !== '') refused.push(begrunnelse);
  }
  t.ok(given.length > 40, `${given.length} are taken`);
  t.ok(refused.length > 20, `${refused.length} are refused`);

  const before = await desk.held();
  const reasonOf = new Map(
    before
      .map((line) => JSON.parse(line) as { app: string; brukerIdent: string; reason?: string })
      .map((grant) => [`${grant.app} ${grant.brukerIdent}`, grant.reason]),
  );
  for (const { brukerIdent, begrunnelse } of given) t.equal(reasonOf.get(`${app} ${brukerIdent}`), begrunnelse);
  for (const [format, type] of Object.entries(FORMATS)) {
    const { text } = await desk.export(`?format=${format}`);
    const again = await desk.import(text, { type, query: '?modus=erstatt' });
    t.same(again.json, report(before.length, { uendret: before.length }), `erstatt with the exported ${format} changes nothing`);
    const { json } = await gateway.send({ client: 'oslo' }, 'GET', `${brukere}?antall=500`);
    for (const { brukerId } of json.brukere)
      await gateway.send({ client: 'oslo' }, 'DELETE', `${brukere}/${brukerId}`, undefined, { 'If-Match': '*' });
    t.match((await desk.import(text, { type })).json, { gitt: json.brukere.length, feil: 0 });
    t.same((await desk.held()).sort(), [...before].sort(), `${format} into nothing is what it was`);
  }
  const lines = refused.map((reason) => `${JSON.stringify({ app, brukerIdent: desk.persons(1)[0], reason })}\n`).join('');
  t.match((await desk.import(lines, { type: FORMATS.jsonl, query: '?proving=true' })).json, {
    linjer: refused.length,
    gitt: 0,
    feil: refused.length,
  });
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
