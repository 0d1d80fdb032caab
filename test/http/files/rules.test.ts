import t from 'tap';
import { runGateway } from '../../fixtures/gateway.js';
import { API, BERGEN, csv, OSLO, openDesk, report } from './desk.js';

const gateway = await runGateway(t, { refusalsPerMinute: 10_000 });
const { send, world } = gateway;
const desk = openDesk(gateway);
const { app, second } = desk;

t.test('all or nothing writes nothing when a line is faulty, and points at each', async (t) => {
  const [p = '', q = ''] = desk.persons(2);
  const before = await desk.held();
  const file = csv('app,brukerIdent,roles', [app, p, ''], [app, '12345678901', ''], [app, p, ''], [app, q, 'konge']);
  const { status, json } = await desk.import(file, { query: '?altEllerIngenting=true' });
  t.equal(status, 422);
  t.equal(json.type, '/problems/import-faulty');
  t.same(json.errors.map(({ pointer }: { pointer: string }) => pointer).sort(), [
    '/linjer/3/brukerIdent',
    '/linjer/4/brukerIdent',
    '/linjer/5/roles',
  ]);
  t.same(await desk.held(), before);
  const sound = csv('app,brukerIdent', [app, p], [app, q]);
  t.same((await desk.import(sound, { query: '?altEllerIngenting=true' })).json, report(2, { gitt: 2 }));
});

t.test('a trial changes nothing, and its report is that of the import', async (t) => {
  const [p = '', q = '', r = ''] = desk.persons(3);
  await desk.import(csv('app,brukerIdent,roles', [app, p, 'use'], [app, q, 'use']));
  const file = csv(
    'app,brukerIdent,roles',
    [app, p, 'use'],
    [app, q, 'saksbehandler'],
    [app, r, 'use'],
    [app, r, 'use'],
    [app, r, 'konge'],
  );
  const sound = csv('app,brukerIdent,roles', [app, p, 'use'], [app, q, 'use']);
  for (const [body, query] of [
    [file, ''],
    [sound, 'modus=erstatt&'],
  ] as const) {
    const before = await desk.held();
    const trial = (await desk.import(body, { query: `?${query}proving=true` })).json;
    t.same(await desk.held(), before, 'nothing is changed');
    t.same((await desk.import(body, { query: `?${query}` })).json, trial);
    if (query !== '') t.ok(trial.trukket > 0);
  }
});

t.test('replacing withdraws those who stand on no line, in the applications of the file, of this organisation', async (t) => {
  const [p = '', q = '', r = ''] = desk.persons(3);
  const names = 'app,brukerIdent';
  const bergen = { orgnr: BERGEN, holder: { person: 'bergen-leder' } };
  await desk.import(csv(names, [app, p], [app, q], [second, q], [second, r]));
  await desk.import(csv(names, [app, q], [app, r]), bergen);
  const query = '?modus=erstatt';
  const inBergen = await desk.held(BERGEN);
  const inOslo = (await desk.held()).filter((line) => line.includes(app)).length;
  const inSecond = (await desk.held()).filter((line) => line.includes(second));

  const faulty = (await desk.import(csv(names, [app, p], [app, 'tull']), { query })).json;
  t.match(faulty, { uendret: 1, feil: 1, trukket: 0 }, 'nobody, if a line is faulty');
  const refused = (await desk.import(csv(names, [app, p], [app, p]), { query })).json;
  t.match(refused, { uendret: 1, feil: 1, trukket: 0 }, 'nobody, if a line may not be');
  t.equal((await desk.held()).filter((line) => line.includes(app)).length, inOslo);

  t.same((await desk.import(csv(names, [app, p]), { query })).json, report(1, { uendret: 1, trukket: inOslo - 1 }));
  t.same((await desk.held()).filter((line) => line.includes(app)).length, 1);
  t.same(await desk.rolesOf(p), ['use']);
  t.same(
    (await desk.held()).filter((line) => line.includes(second)),
    inSecond,
    'another application is left alone',
  );
  t.same(await desk.held(BERGEN), inBergen, 'and so is another organisation');
  t.same(
    (await gateway.ask(app, { brukerIdent: q })).json.tilganger.map(({ orgnr }: { orgnr: string }) => orgnr),
    [BERGEN],
  );
  t.same((await desk.import('app,brukerIdent\n', { query })).json, report(0), 'a file without lines names no application');
});

t.test('a line that names another organisation is faulty in the same words whether that is registered or not (threat 27)', async (t) => {
  const [p = ''] = desk.persons(1);
  const told = async (fields: object): Promise<unknown> => {
    const { json } = await desk.import(JSON.stringify({ app, brukerIdent: p, ...fields }), { type: 'application/jsonl' });
    t.match(json, { gitt: 0, feil: 1 }, JSON.stringify(fields));
    return json;
  };
  const unknown = { orgnr: '310000000', kommune: '9998' };
  t.same(await told({ orgnr: BERGEN }), await told({ orgnr: unknown.orgnr }));
  t.same(await told({ kommune: '4601' }), await told({ kommune: unknown.kommune }));
  t.same(await told({ kommune: '0301', orgnr: BERGEN }), await told({ kommune: '0301', orgnr: unknown.orgnr }), 'own kommune, other orgnr');
  t.same(await told({ kommune: '4601', orgnr: OSLO }), await told({ kommune: unknown.kommune, orgnr: OSLO }), 'other kommune, own orgnr');
  t.same(await told({ kommune: '4601', orgnr: BERGEN }), await told({ kommune: unknown.kommune, orgnr: BERGEN }));
  t.equal(await desk.rolesOf(p, app, BERGEN), undefined);
  const own = JSON.stringify({ app, brukerIdent: p, orgnr: OSLO, kommune: '0301' });
  t.match((await desk.import(own, { type: 'application/jsonl' })).json, { gitt: 1, feil: 0 });
});

t.test('an application that is not in use, or not switched on, is a fault of its lines', async (t) => {
  const [p = '', q = ''] = desk.persons(2);
  const active = (appId: string): boolean => world.activations.some((one) => one.appId === appId && one.konsument === OSLO && one.active);
  const off = `${API}/${OSLO}/applikasjoner/${second}/aktivering`;
  await send({ client: 'oslo' }, 'PUT', off, { aktiv: false }, { 'If-Match': '*' });
  const retired = desk.appOf('Byggesøknad 2010');
  const file = csv('app,brukerIdent', [second, p], [retired, p], [desk.appOf('Vannprøveregister'), p], [app, q]);
  const { json } = await desk.import(file);
  t.ok(active(app));
  t.match(json, { linjer: 4, gitt: 1, feil: 3 });
  t.same(
    json.feilListe.map(({ linje }: { linje: number }) => linje),
    [2, 3, 4],
  );
  t.equal(await desk.rolesOf(p, second), undefined);
  await send({ client: 'oslo' }, 'PUT', off, { aktiv: true }, { 'If-Match': '*' });
  t.match((await desk.import(csv('app,brukerIdent', [second, p]))).json, { gitt: 1 });
});

t.test('an administrator gives by file no more than the own role allows (threat 29)', async (t) => {
  const [p = '', q = '', r = '', s = '', u = ''] = desk.persons(5);
  const person = world.persons[7];
  const limits = { roller: ['tilgangsadministrator'], applikasjoner: [app], kanGi: ['use'], til: '2090-12-31' };
  const body = { brukerIdent: person?.brukerIdent, ...limits };
  t.match(await send({ person: 'oslo-leder' }, 'POST', `${API}/${OSLO}/administratorer`, body), { status: 201 });
  const holder = { person: person?.id ?? '' };
  const file = csv(
    'app,brukerIdent,roles,until',
    [app, p, 'use', '2090-12-30'],
    [app, q, 'saksbehandler', '2090-12-30'],
    [second, q, 'use', '2090-12-30'],
    [app, r, 'use', '2091-06-30'],
    [app, s, 'use', ''],
    [app, u, 'use', '2090-12-31'],
  );
  const { status, json } = await desk.import(file, { holder });
  t.equal(status, 200);
  t.match(json, { linjer: 6, gitt: 2, feil: 4 });
  const details = json.feilListe.map(({ linje, detalj }: { linje: number; detalj: string }) => [linje, detalj]);
  t.match(details, [
    [3, /roles/],
    [4, /application/],
    [5, /longer/],
    [6, /longer/],
  ]);
  for (const person of [q, s]) t.equal(await desk.rolesOf(person), undefined);
  t.equal((await desk.import(file, { holder, orgnr: BERGEN })).status, 404);
  const seen = (await desk.export('?format=jsonl', OSLO, holder)).text;
  t.notOk(seen.includes(second), 'and exports no other application');
});

t.test('one does not give oneself access by file where four eyes are asked for (threat 29)', async (t) => {
  const [p = ''] = desk.persons(1);
  const own = world.administrators.find(({ id }) => id === 'oslo-tilgang')?.brukerIdent ?? '';
  const settings = `${API}/${OSLO}/innstillinger`;
  const set = (body: object) => send({ person: 'oslo-leder' }, 'PATCH', settings, body, { 'If-Match': '*' });
  t.equal((await set({ fireOyne: true, lengsteTilgangDager: 30 })).status, 200);
  const until = new Date(Date.now() + 10 * 86_400_000).toISOString();
  const late = new Date(Date.now() + 40 * 86_400_000).toISOString();
  const file = csv('app,brukerIdent,until', [app, own, until], [app, p, until], [second, p, late]);
  const { json } = await desk.import(file, { holder: { person: 'oslo-tilgang' } });
  t.match(json, {
    gitt: 1,
    feil: 2,
    feilListe: [
      { linje: 2, detalj: /oneself/ },
      { linje: 4, detalj: /organisation allows/ },
    ],
  });
  t.equal((await set({ fireOyne: false })).status, 409, 'nor does one alone switch that off');
});
