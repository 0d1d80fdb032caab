import t from 'tap';
import { newPersons } from '../../fixtures/demo-folder.js';
import { runGateway } from '../../fixtures/gateway.js';

const API = '/leverandor-tjenester/api/v1/applikasjoner';
const gateway = await runGateway(t, { refusalsPerMinute: 10_000 });
const { send, world } = gateway;
const FHI = { client: 'fhi' };
const OSLO = { client: 'oslo' };
const OSLO_NR = '958935420';
const APP = world.applications.find(({ name }) => name.nb === 'Smittevernmelding')?.id ?? '';
const kommuner = world.organisations.filter(({ kommunenummer }) => kommunenummer !== undefined);
const barred = world.organisations.find(({ name }) => name === 'Avviklet Demo IKS')?.orgnr ?? '';
interface Konsument {
  readonly orgnr: string;
  readonly navn: string;
  readonly aktiv: boolean;
  readonly antallBrukere: number;
}

async function konsumenter(antall = 500): Promise<Konsument[]> {
  const all: Konsument[] = [];
  let next: string | undefined;
  do {
    const { json } = await send(FHI, 'GET', `${API}/${APP}/konsumenter?antall=${antall}${next === undefined ? '' : `&markor=${next}`}`);
    all.push(...json.konsumenter);
    next = json.neste;
  } while (next !== undefined);
  return all;
}
const countOf = async (orgnr: string): Promise<number | undefined> =>
  (await konsumenter()).find((one) => one.orgnr === orgnr)?.antallBrukere;

t.test('pages of konsumenter neither drop nor repeat one, and name organisations only', async (t) => {
  const switched = world.activations.filter(({ appId }) => appId === APP).map(({ konsument }) => konsument);
  const all = await konsumenter(50);
  t.same(all.map(({ orgnr }) => orgnr).sort(), [...switched].sort());
  for (const one of all) {
    const known = ['orgnr', 'navn', 'kommune', 'aktiv', 'endret', 'antallBrukere'];
    t.same(
      Object.keys(one).filter((name) => !known.includes(name)),
      [],
    );
    const kept = world.grants.filter((grant) => grant.appId === APP && grant.konsument === one.orgnr && !grant.withdrawn).length;
    t.equal(one.antallBrukere, kept, one.navn);
  }
  const text = JSON.stringify(all);
  t.notOk(world.persons.some(({ brukerIdent }) => text.includes(brukerIdent)));
});

t.test('a count is right at once when access is given, given again, changed and withdrawn', async (t) => {
  const before = (await countOf(OSLO_NR)) ?? 0;
  const place = `/konsument-bruker/api/v1/organisasjoner/${OSLO_NR}/applikasjoner/${APP}/brukere`;
  const [first, second] = newPersons(2, world);
  const given = await send(OSLO, 'POST', place, { brukerIdent: first });
  t.equal(given.status, 201);
  t.equal(await countOf(OSLO_NR), before + 1);
  await send(OSLO, 'POST', place, { brukerIdent: first });
  t.equal(await countOf(OSLO_NR), before + 1);
  await send(OSLO, 'POST', place, { brukerIdent: second });
  t.equal(await countOf(OSLO_NR), before + 2);
  const path = given.headers.get('location') ?? '';
  t.equal((await send(OSLO, 'PATCH', path, { til: '2098-01-01' }, { 'If-Match': '*' })).status, 200);
  t.equal(await countOf(OSLO_NR), before + 2);
  t.equal((await send(OSLO, 'DELETE', path, undefined, { 'If-Match': '*' })).status, 204);
  t.equal(await countOf(OSLO_NR), before + 1);
  const activation = `/konsument-bruker/api/v1/organisasjoner/${OSLO_NR}/applikasjoner/${APP}/aktivering`;
  await send(OSLO, 'PUT', activation, { aktiv: false }, { 'If-Match': '*' });
  t.match(
    (await konsumenter()).find(({ orgnr }) => orgnr === OSLO_NR),
    { aktiv: false, antallBrukere: before + 1 },
  );
  await send(OSLO, 'PUT', activation, { aktiv: true }, { 'If-Match': '*' });
});

t.test('a trial answers what the Tilgang API answers when the same is given, with the reasons', async (t) => {
  const person = newPersons(3, world)[2] ?? '';
  const [, second = '', third = ''] = kommuner.map(({ orgnr }) => orgnr);
  const tilganger = [
    { orgnr: third },
    { orgnr: OSLO_NR, roller: ['use', 'saksbehandler'], til: '2098-12-31' },
    { orgnr: second, til: '2020-12-31' },
    { orgnr: barred },
    { orgnr: second, fra: '2098-01-01' },
    { orgnr: second, aktiv: false },
    { orgnr: second, roller: ['saksbehandler'] },
    { orgnr: OSLO_NR },
  ];
  const { status, json } = await send(FHI, 'POST', `${API}/${APP}/proving`, { brukerIdent: person, tilganger });
  t.equal(status, 200);
  t.same(
    json.avgjorelser.map(({ tillatt, grunner }: { tillatt: boolean; grunner: string[] }) => [tillatt, grunner]),
    [
      [true, ['granted']],
      [true, ['granted']],
      [false, ['grant_expired']],
      [false, ['organisation_not_konsument']],
      [false, ['grant_not_yet_valid']],
      [false, ['application_not_activated']],
      [false, ['role_missing']],
      [true, ['granted']],
    ],
  );
  const place = (orgnr: string): string => `/konsument-bruker/api/v1/organisasjoner/${orgnr}/applikasjoner/${APP}/brukere`;
  t.same((await gateway.ask(APP, { brukerIdent: person })).json, { tilganger: [] }, 'a trial gives nothing');
  t.equal((await send(OSLO, 'POST', place(OSLO_NR), { brukerIdent: person })).status, 201);
  const real = (await gateway.ask(APP, { brukerIdent: person })).json;
  t.same(
    json.svar.tilganger.filter(({ orgnr }: { orgnr: string }) => orgnr === OSLO_NR),
    real.tilganger,
    'each organisation once, in the same words',
  );
  const sorted = json.svar.tilganger.map(({ orgnr }: { orgnr: string }) => orgnr);
  t.same(sorted, [...new Set(sorted)].sort(), 'in the order of the Tilgang API');
});

t.test('a trial is about any role and any moment, and about a draft as if it were in use', async (t) => {
  const draft = world.applications.find(({ state }) => state === 'draft')?.id;
  const brukerIdent = '01819011067';
  const tried = async (more: object, tilgang: object = {}, id = APP): Promise<boolean> => {
    const { json } = await send(FHI, 'POST', `${API}/${id}/proving`, { brukerIdent, tilganger: [{ orgnr: OSLO_NR, ...tilgang }], ...more });
    return json.avgjorelser[0].tillatt;
  };
  t.equal(await tried({}, {}, draft), true);
  t.equal(await tried({ rolle: 'saksbehandler' }), false);
  t.equal(await tried({ rolle: 'saksbehandler' }, { roller: ['saksbehandler'] }), true);
  t.equal(await tried({ rolle: 'ukjent' }, { roller: ['ukjent'] }), false, 'a role that the application does not know');
  const year = { fra: '2030-01-01', til: '2030-12-31' };
  t.equal(await tried({}, year), false);
  t.equal(await tried({ tidspunkt: '2030-12-31T23:59:00+01:00' }, year), true, 'the last day counts');
  t.equal(await tried({ tidspunkt: '2031-01-01T00:00:00+01:00' }, year), false);
});

t.test('a trial takes no real person, names what it does not know, and leaves no event', async (t) => {
  const orgnr = world.clients.find(({ id }) => id === 'fhi')?.orgnr;
  const events = async (): Promise<number> => {
    const path = `/konsument-bruker/api/v1/organisasjoner/${orgnr}/hendelser?antall=500`;
    return (await send({ person: 'fhi-leder' }, 'GET', path)).json.hendelser.length;
  };
  const before = await events();
  const faults: [object, string][] = [
    [{ brukerIdent: '01019010046' }, '/brukerIdent'],
    [{ brukerIdent: '01819011068' }, '/brukerIdent'],
    [{ tilganger: [{ orgnr: OSLO_NR }, { orgnr: '310000007' }] }, '/tilganger/1/orgnr'],
    [{ tilganger: [{ orgnr: '123456789' }] }, '/tilganger/0/orgnr'],
    [{ tilganger: [{ orgnr: OSLO_NR, fra: '2026-02-30' }] }, '/tilganger/0/fra'],
    [{ tilganger: [{ orgnr: OSLO_NR, til: 'i morgen alle dager' }] }, '/tilganger/0/til'],
    [{ tilganger: [] }, '/tilganger'],
    [{ tidspunkt: 'nå, om litt' }, '/tidspunkt'],
  ];
  for (const [change, pointer] of faults) {
    const body = { brukerIdent: '01819011067', tilganger: [{ orgnr: OSLO_NR }], ...change };
    const { status, json } = await send(FHI, 'POST', `${API}/${APP}/proving`, body);
    t.equal(status, 400, JSON.stringify(change));
    t.same(
      json.errors?.map((one: { pointer: string }) => one.pointer),
      [pointer],
    );
  }
  t.equal((await send(FHI, 'POST', `${API}/${APP}/proving`, { brukerIdent: '01819011067', tilganger: [{ orgnr: OSLO_NR }] })).status, 200);
  t.equal(await events(), before);
});
