import t from 'tap';
import { personClaims } from '#idporten';
import {
  administratorsOf,
  BASE,
  DAY,
  grantsOf,
  ifMatch,
  keeper,
  leader,
  machine,
  OSLO,
  openOffice,
  pointers,
  said,
  WHATEVER,
} from './office.js';

const office = await openOffice(t);
const { send, give, appoint, told, gateway, numberOf, smittevern, byggesak } = office;
const settings = `${BASE}/${OSLO}/innstillinger`;
const setTo = async (patch: object) => said(await send(leader, 'PATCH', settings, patch, WHATEVER));
const importAs = (holder: typeof leader, lines: string[], query = '') =>
  send(holder, 'POST', `${BASE}/${OSLO}/import${query}`, ['app,brukerIdent,roles,until', ...lines, ''].join('\n'), {
    'Content-Type': 'text/csv',
  });

t.test('who administers until a day gives nothing that lasts longer (threat 29)', async (t) => {
  const one = { person: 'person-001' };
  const own = office.moment(30 * DAY);
  await appoint('person-001', { roller: ['organisasjonsadministrator'], til: own });
  const person = office.stranger();
  t.equal(said(await give(smittevern, person, {}, one)), '403 action-not-allowed', 'without end');
  t.equal(
    said(await give(smittevern, person, { til: office.moment(30 * DAY + 1) }, one)),
    '403 action-not-allowed',
    'a millisecond longer',
  );
  t.same(await told(smittevern, person), []);
  const given = await give(smittevern, person, { til: own }, one);
  t.equal(said(given), '201');
  const location = given.headers.get('location') ?? '';
  t.equal(said(await send(one, 'PATCH', location, { til: null }, WHATEVER)), '403 action-not-allowed');
  t.equal(said(await send(one, 'PATCH', location, { til: office.moment(31 * DAY) }, WHATEVER)), '403 action-not-allowed');
  t.equal((await send(leader, 'GET', location)).json.til, own);
  const report = (
    await importAs(one, [`${smittevern},${office.stranger()},use,`, `${smittevern},${office.stranger()},use,${office.moment(DAY)}`])
  ).json;
  t.match(report, { linjer: 2, gitt: 1, feil: 1, feilListe: [{ linje: 2 }] });
  t.equal(
    said(await appoint('person-006', { roller: ['tilgangsadministrator'] }, one)),
    '403 action-not-allowed',
    'no administrator without end',
  );
  t.equal(said(await appoint('person-006', { roller: ['tilgangsadministrator'], til: own }, one)), '201');
  const self = `${administratorsOf()}/${(await send(leader, 'POST', `${BASE}/${OSLO}/oppslag`, { brukerIdent: numberOf('person-001') })).json.brukerId}`;
  t.equal(said(await send(one, 'PATCH', self, { til: null }, WHATEVER)), '403 action-not-allowed', 'nor longer for oneself');
});

t.test('what an administrator may give and where holds for giving, changing and importing (threats 28 and 29)', async (t) => {
  const one = { person: 'person-002' };
  await appoint('person-002', { roller: ['tilgangsadministrator'], applikasjoner: [smittevern], kanGi: ['use'] });
  const person = office.stranger();
  const given = await give(smittevern, person, {}, one);
  t.equal(said(given), '201');
  t.equal(said(await give(smittevern, office.stranger(), { roller: ['use', 'saksbehandler'] }, one)), '403 action-not-allowed');
  t.equal(said(await give(byggesak, person, {}, one)), '403 action-not-allowed');
  const location = given.headers.get('location') ?? '';
  t.equal(said(await send(one, 'PATCH', location, { roller: ['saksbehandler'] }, WHATEVER)), '403 action-not-allowed');
  const elsewhere = await give(byggesak, person);
  for (const [method, body] of [
    ['GET', undefined],
    ['PATCH', { til: null }],
    ['DELETE', undefined],
  ] as const) {
    const answer = await send(one, method, elsewhere.headers.get('location') ?? '', body, WHATEVER);
    t.equal(said(answer), '403 action-not-allowed', `${method} in another application`);
  }
  t.equal(said(await send(one, 'GET', grantsOf(byggesak))), '403 action-not-allowed');
  const people = [0, 1, 2].map(() => office.stranger());
  const report = await importAs(one, [
    `${smittevern},${people[0]},saksbehandler,`,
    `${byggesak},${people[1]},use,`,
    `${smittevern},${people[2]},use,`,
  ]);
  t.match(report.json, { linjer: 3, gitt: 1, feil: 2 });
  t.same(
    report.json.feilListe.map(({ linje }: { linje: number }) => linje),
    [2, 3],
  );
  t.same(await told(smittevern, people[2] ?? ''), [OSLO]);
  t.same(await told(byggesak, people[1] ?? ''), []);
  const looked = await send(one, 'POST', `${BASE}/${OSLO}/oppslag`, { brukerIdent: person });
  t.same(
    looked.json.tilganger.map(({ appId }: { appId: string }) => appId),
    [smittevern],
    'a look-up shows the own applications only',
  );
  t.notOk(
    (await office.events('', one)).some(({ appId }) => appId !== undefined && appId !== smittevern),
    'and so does the history',
  );
  t.notOk((await send(one, 'GET', `${BASE}/${OSLO}/eksport`)).text.includes(byggesak), 'and the export');
  t.equal(
    (await send(one, 'GET', `${BASE}/${OSLO}/utloper`)).json.brukere.some(({ appId }: { appId: string }) => appId === byggesak),
    false,
  );
  const whole = await send(one, 'POST', `${BASE}/${OSLO}/import?modus=erstatt`, `app,brukerIdent,roles\n${byggesak},${person},use\n`, {
    'Content-Type': 'text/csv',
  });
  const faults = [{ linje: 2, detalj: 'The caller’s role does not reach this application: ask an administrator whose role does.' }];
  const counts = { linjer: 1, gitt: 0, endret: 0, uendret: 0, trukket: 0, feil: 1, gjenopptattEtter: 0 };
  t.same([said(whole), whole.json], ['200', { ...counts, feilListe: faults }], 'nobody is given or withdrawn where one may not');
  t.same(await told(byggesak, person), [OSLO]);
});

t.test('new access lasts no longer than the organisation allows', async (t) => {
  const read = await send(leader, 'GET', settings);
  t.same([read.json, read.headers.get('etag')], [{ fireOyne: false }, '"0"']);
  t.equal(await setTo({ lengsteTilgangDager: 30 }), '200');
  const person = office.stranger();
  t.equal(said(await give(smittevern, person)), '403 action-not-allowed', 'without end');
  t.equal(said(await give(smittevern, person, { til: office.moment(30 * DAY + 1) })), '403 action-not-allowed');
  const later = { fra: office.moment(100 * DAY), til: office.moment(130 * DAY) };
  t.equal(said(await give(smittevern, person, later, machine)), '201', 'counted from when it begins');
  t.equal(said(await give(byggesak, person, { fra: office.moment(-100 * DAY), til: office.moment(30 * DAY) })), '201', 'or from now');
  t.equal(said(await send(leader, 'PATCH', `${grantsOf(byggesak)}/${'A'.repeat(43)}`, { til: null }, WHATEVER)), '404 grant-not-found');
  t.match((await importAs(leader, [`${smittevern},${office.stranger()},use,`])).json, { gitt: 0, feil: 1 });
  for (const lengsteTilgangDager of [0, -1, 1.5, 36_501, '30']) {
    const answer = await send(leader, 'PATCH', settings, { lengsteTilgangDager }, WHATEVER);
    t.same([said(answer), pointers(answer)], ['400 invalid-request', ['/lengsteTilgangDager']]);
  }
  t.same((await send(leader, 'PATCH', settings, { lengsteTilgangDager: null }, WHATEVER)).json, { fireOyne: false });
  t.equal(said(await give(smittevern, office.stranger())), '201');
});

t.test('where four eyes are asked for, nobody gives anything to oneself', async (t) => {
  const own = numberOf('oslo-tilgang');
  const read = await send(leader, 'GET', settings);
  t.same([read.json, read.headers.get('etag')], [{ fireOyne: false }, '"2"']);
  t.equal(said(await send(leader, 'PATCH', settings, { fireOyne: true })), '428 precondition-required');
  const set = await send(leader, 'PATCH', settings, { fireOyne: true, lengsteTilgangDager: 30 }, ifMatch(read));
  t.same([said(set), set.json], ['200', { fireOyne: true, lengsteTilgangDager: 30 }]);
  t.equal(said(await send(leader, 'PATCH', settings, { fireOyne: false }, ifMatch(read))), '412 precondition-failed');
  t.equal(said(await send(keeper, 'PATCH', settings, { fireOyne: false }, WHATEVER)), '403 action-not-allowed');
  t.equal(said(await send(machine, 'PATCH', settings, { fireOyne: false }, WHATEVER)), '403 action-not-allowed');
  const til = office.moment(DAY);
  t.equal(said(await give(smittevern, own, { til }, keeper)), '403 action-not-allowed');
  t.match((await importAs(keeper, [`${smittevern},${own},use,${til}`])).json, { gitt: 0, feil: 1 });
  t.same(await told(smittevern, own), []);
  const given = await give(smittevern, own, { til }, leader);
  t.equal(said(given), '201', 'another one gives it');
  const location = given.headers.get('location') ?? '';
  t.equal(said(await send(keeper, 'PATCH', location, { til: office.moment(2 * DAY) }, WHATEVER)), '403 action-not-allowed');
  t.equal(said(await send(keeper, 'DELETE', location, undefined, WHATEVER)), '204', 'to give it up needs no other');
  t.equal(said(await give(smittevern, numberOf('oslo-leder'), { til }, machine)), '201', 'a machine is nobody’s self');
  const leaders = (await send(leader, 'GET', administratorsOf())).json.administratorer;
  const self = leaders.find(({ brukerIdent }: { brukerIdent: string }) => brukerIdent === numberOf('oslo-leder')).brukerId;
  t.equal(
    said(await send(leader, 'PATCH', `${administratorsOf()}/${self}`, { begrunnelse: 'Meg selv' }, WHATEVER)),
    '403 action-not-allowed',
  );
  const same = await send(leader, 'PATCH', settings, { fireOyne: true }, ifMatch(set));
  t.equal(same.headers.get('etag'), set.headers.get('etag'), 'what is already so stays as it is');
  t.equal((await office.events('handling=settings')).length, 3);
  t.equal(await setTo({ fireOyne: false }), '409 second-person-missing');
  t.equal(said(await give(smittevern, own, { til }, keeper)), '403 action-not-allowed');
});

t.test('what loosens four eyes is asked for by one and confirmed by another, over HTTP as well (fault 9, threat 56)', async (t) => {
  const second = { person: 'person-003' };
  const waiting = `${settings}/ventende`;
  const confirm = `${waiting}/bekreft`;
  t.equal(said(await appoint('person-003', { roller: ['organisasjonsadministrator'] })), '201');
  office.pass(14 * DAY);
  t.equal(await setTo({ fireOyne: true, lengsteTilgangDager: 30 }), '200');
  const asked = await send(leader, 'PATCH', settings, { fireOyne: false }, WHATEVER);
  t.equal(said(asked), '202');
  const til = office.moment(14 * DAY);
  const ventende = { fireOyne: false, lengsteTilgangDager: 30, foreslaatt: office.moment(), til };
  t.match(asked.json, { fireOyne: true, lengsteTilgangDager: 30, ventende });
  const read = await send(second, 'GET', settings);
  t.same([read.json, read.headers.get('etag')], [asked.json, asked.headers.get('etag')]);
  t.equal(said(await send(leader, 'POST', confirm, undefined, ifMatch(read))), '403 action-not-allowed');
  t.equal(said(await send(machine, 'POST', confirm, undefined, ifMatch(read))), '403 action-not-allowed');
  t.equal(said(await send(keeper, 'DELETE', waiting, undefined, ifMatch(read))), '403 action-not-allowed');
  t.equal(said(await send(second, 'POST', confirm)), '428 precondition-required');
  t.equal(said(await send(second, 'POST', confirm, undefined, WHATEVER)), '412 precondition-failed');
  t.equal(said(await send(second, 'POST', confirm, undefined, { 'If-Match': '"1"' })), '412 precondition-failed');
  const confirmed = await send(second, 'POST', confirm, undefined, ifMatch(read));
  t.same([said(confirmed), confirmed.json], ['200', { fireOyne: false, lengsteTilgangDager: 30 }]);
  t.equal(said(await send(second, 'POST', confirm, undefined, ifMatch(confirmed))), '409 nothing-pending');
  t.equal(said(await send(second, 'DELETE', waiting, undefined, WHATEVER)), '204');
  t.match(await office.events('handling=settings'), [
    { handling: 'settings.confirm', foer: { fireOyne: true, ventende }, etter: { fireOyne: false } },
    { handling: 'settings.ask', aktor: read.json.ventende.foreslaattAv, etter: { fireOyne: true, ventende } },
  ]);
});

t.test('who has logged in at a lower level is told which one is needed', async (t) => {
  const tokenAt = (acr: string) => {
    const names = { issuer: `${gateway.origin}/idporten`, audience: gateway.origin, clientId: 'demo-innlogging' };
    const pid = gateway.world.administrators.find(({ id }) => id === 'oslo-leder')?.brukerIdent;
    if (pid === undefined) throw new TypeError('no oslo-leder');
    return gateway.keys.sign(personClaims({ ...names, pid, acr }), { expiresInSeconds: 600, now: office.now() });
  };
  for (const acr of ['idporten-loa-substantial', 'Level3', 'idporten-loa-low', 'IDPORTEN-LOA-HIGH', 'idporten-loa-high ', '']) {
    const authorization = { Authorization: `Bearer ${await tokenAt(acr)}` };
    const read = await send(null, 'GET', settings, undefined, authorization);
    t.equal(read.status, 401, acr);
    if (acr.trim() !== acr || acr === '') {
      t.equal(said(read), '401 token-invalid', 'no level at all');
      continue;
    }
    t.equal(said(read), '401 security-level-too-low', acr);
    t.match(read.headers.get('www-authenticate'), /^Bearer .*error="insufficient_user_authentication".*acr_values="idporten-loa-high"/);
    const person = office.stranger();
    t.equal((await send(null, 'POST', grantsOf(smittevern), { brukerIdent: person }, authorization)).status, 401);
    t.same(await told(smittevern, person), []);
  }
  for (const acr of ['idporten-loa-high', 'Level4']) {
    t.equal(said(await send(null, 'GET', settings, undefined, { Authorization: `Bearer ${await tokenAt(acr)}` })), '200', acr);
  }
});
