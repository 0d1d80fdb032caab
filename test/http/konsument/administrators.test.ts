import t from 'tap';
import {
  administratorsOf,
  bergen,
  DAY,
  HOUR,
  ifMatch,
  keeper,
  leader,
  machine,
  openOffice,
  pointers,
  SOMEBODY,
  said,
  UNKNOWN_APP,
  WHATEVER,
} from './office.js';

const office = await openOffice(t);
const { send, give, appoint, smittevern, byggesak, numberOf } = office;
const path = administratorsOf();
interface Row {
  readonly brukerId: string;
  readonly brukerIdent: string;
}
const rows = async (): Promise<Row[]> => (await send(leader, 'GET', path)).json.administratorer;
const at = async (id: string) => `${path}/${(await rows()).find(({ brukerIdent }) => brukerIdent === numberOf(id))?.brukerId}`;

t.test('an administrator works as soon as appointed and is a stranger as soon as removed', async (t) => {
  const one = { person: 'person-001' };
  t.equal(said(await send(one, 'GET', path)), '404 organisation-not-found');
  const made = await appoint('person-001', { roller: ['tilgangsadministrator'], begrunnelse: 'Ny' });
  t.equal(said(made), '201');
  t.match(made.json, {
    brukerIdent: numberOf('person-001'),
    roller: ['tilgangsadministrator'],
    begrunnelse: 'Ny',
    utnevnt: office.moment(),
    revisjon: 1,
  });
  const location = made.headers.get('location') ?? '';
  t.same((await send(one, 'GET', location)).json, made.json);
  t.ok((await rows()).some(({ brukerId }) => brukerId === made.json.brukerId));
  t.equal(said(await give(smittevern, office.stranger(), {}, one)), '201');
  t.equal(said(await appoint('person-001', { roller: ['tilgangsadministrator'] })), '200');
  t.equal(said(await appoint('person-001', { roller: ['applikasjonsadministrator'] })), '409 administrator-exists');
  t.equal(said(await send(leader, 'DELETE', location)), '428 precondition-required');
  t.equal(said(await send(leader, 'DELETE', location, undefined, ifMatch(made))), '204');
  t.equal(said(await give(smittevern, office.stranger(), {}, one)), '404 organisation-not-found');
  t.same((await send(one, 'GET', '/konsument-bruker/api/v1/organisasjoner')).json, { organisasjoner: [] });
  t.equal(said(await send(leader, 'DELETE', location, undefined, ifMatch(made))), '204', 'twice');
  t.equal(said(await send(leader, 'GET', location)), '404 administrator-not-found');
  t.equal(said(await send(leader, 'PATCH', location, { til: null }, WHATEVER)), '404 administrator-not-found');
  const again = await appoint('person-001', { roller: ['applikasjonsadministrator'] });
  t.equal(said(again), '201');
  t.ok(again.json.revisjon > made.json.revisjon);
  t.equal(said(await send(leader, 'DELETE', location, undefined, ifMatch(made))), '412 precondition-failed');
});

t.test('what an administrator may is changed like everything else', async (t) => {
  const made = await appoint('person-002', { roller: ['tilgangsadministrator'], til: '2026-12-31', kanGi: ['use'] });
  const location = made.headers.get('location') ?? '';
  office.pass(1000);
  const patched = await send(
    leader,
    'PATCH',
    location,
    { kanGi: null, applikasjoner: [byggesak.toUpperCase(), smittevern] },
    ifMatch(made),
  );
  t.equal(said(patched), '200');
  t.match(patched.json, { til: made.json.til, applikasjoner: [byggesak, smittevern].sort(), revisjon: 2 });
  t.notOk('kanGi' in patched.json);
  t.equal(said(await send(leader, 'PATCH', location, { til: null }, ifMatch(made))), '412 precondition-failed');
  t.equal(said(await send(leader, 'PATCH', location, { til: null })), '428 precondition-required');
  const raced = await Promise.all(['2026-10-01', '2026-10-02'].map((til) => send(leader, 'PATCH', location, { til }, ifMatch(patched))));
  t.same(raced.map(said).sort(), ['200', '412 precondition-failed']);
  const wrong = await send(leader, 'PATCH', location, { applikasjoner: [smittevern, UNKNOWN_APP] }, WHATEVER);
  t.same([said(wrong), pointers(wrong)], ['400 invalid-request', ['/applikasjoner/1']]);
  t.equal(said(await send(leader, 'PATCH', location, { roller: ['konge'] }, WHATEVER)), '400 invalid-request');
});

t.test('only an organisasjonsadministrator appoints, changes and removes: no tilgangsadministrator, no machine, nobody else', async (t) => {
  const terms = { roller: ['organisasjonsadministrator'] };
  const before = await rows();
  const location = await at('oslo-applikasjon');
  const refusals: [Parameters<typeof send>[0], string][] = [
    [keeper, '403 action-not-allowed'],
    [machine, '403 action-not-allowed'],
    [bergen, '404 organisation-not-found'],
    [null, '401 token-missing'],
  ];
  for (const [holder, answer] of refusals) {
    t.equal(said(await send(holder, 'POST', path, { brukerIdent: numberOf('person-003'), ...terms })), answer);
    t.equal(said(await send(holder, 'PATCH', location, terms, WHATEVER)), answer);
    t.equal(said(await send(holder, 'DELETE', location, undefined, WHATEVER)), answer);
  }
  t.equal(
    said(await send(keeper, 'PATCH', await at('oslo-tilgang'), terms, WHATEVER)),
    '403 action-not-allowed',
    'nobody raises oneself (threat 29)',
  );
  t.same(await rows(), before);
  t.equal(said(await send(leader, 'DELETE', `${path}/${SOMEBODY}`, undefined, WHATEVER)), '204', 'to remove nobody is no fault');
});

t.test('a time-limited administrator is one until the clock passes', async (t) => {
  const one = { person: 'person-004' };
  const made = await appoint('person-004', { roller: ['tilgangsadministrator'], fra: office.moment(HOUR), til: office.moment(DAY) });
  const organisations = async () => (await send(one, 'GET', '/konsument-bruker/api/v1/organisasjoner')).json.organisasjoner.length;
  t.equal(said(await send(one, 'GET', path)), '404 organisation-not-found', 'not yet');
  office.pass(HOUR);
  t.equal(said(await send(one, 'GET', path)), '200');
  t.equal(await organisations(), 1);
  office.pass(DAY - HOUR - 1);
  t.equal(said(await send(one, 'GET', path)), '200');
  office.pass(1);
  t.equal(said(await send(one, 'GET', path)), '404 organisation-not-found', 'no longer (threat 22)');
  t.equal(await organisations(), 0);
  const anew = await appoint('person-004', { roller: ['tilgangsadministrator'] });
  t.equal(said(anew), '201', 'can be appointed anew');
  t.ok(anew.json.revisjon > made.json.revisjon);
});

t.test('the last organisasjonsadministrator stays, also if those before go at once', async (t) => {
  const own = await at('oslo-leder');
  t.equal(said(await send(leader, 'DELETE', own, undefined, WHATEVER)), '409 last-administrator');
  t.equal(said(await send(leader, 'PATCH', own, { roller: ['tilgangsadministrator'] }, WHATEVER)), '409 last-administrator');
  t.equal(said(await send(leader, 'PATCH', own, { fra: office.moment(DAY) }, WHATEVER)), '409 last-administrator');
  for (const limit of [{ kanGi: ['use'] }, { applikasjoner: [smittevern] }, { til: '2027-01-01' }]) {
    t.equal(
      said(await send(leader, 'PATCH', own, limit, WHATEVER)),
      '409 last-administrator',
      `${Object.keys(limit)} (fault 7, threat 56)`,
    );
  }
  const second = { person: 'person-005' };
  for (let round = 0; round < 5; round += 1) {
    const made = await appoint('person-005', { roller: ['organisasjonsadministrator'] });
    t.equal(said(made), '201');
    const answers = await Promise.all([
      send(leader, 'DELETE', made.headers.get('location') ?? '', undefined, WHATEVER),
      send(second, 'DELETE', own, undefined, WHATEVER),
    ]);
    const seen = await Promise.all([send(leader, 'GET', path), send(second, 'GET', path)]);
    t.same(seen.map(({ status }) => status).sort(), [200, 404], `${answers.map(said)}: one stays`);
    t.equal(answers.filter(({ status }) => status === 204).length, 1);
    if (seen[0]?.status === 404) {
      const back = await send(second, 'POST', path, { brukerIdent: numberOf('oslo-leder'), roller: ['organisasjonsadministrator'] });
      t.equal(said(back), '201');
      t.equal(said(await send(leader, 'DELETE', made.headers.get('location') ?? '', undefined, WHATEVER)), '204');
    }
  }
  const made = await appoint('person-005', { roller: ['organisasjonsadministrator'] });
  const both = [own, made.headers.get('location') ?? ''];
  const selves = await Promise.all([
    send(leader, 'DELETE', both[0] ?? '', undefined, WHATEVER),
    send(second, 'DELETE', both[1] ?? '', undefined, WHATEVER),
  ]);
  t.same(selves.map(said).sort(), ['204', '409 last-administrator'], 'each resigning');
  t.equal((await Promise.all([send(leader, 'GET', path), send(second, 'GET', path)])).filter(({ status }) => status === 200).length, 1);
});
