import t from 'tap';
import {
  activationOf,
  administratorsOf,
  BASE,
  bergen,
  DAY,
  grantsOf,
  HOUR,
  ifMatch,
  keeper,
  leader,
  machine,
  misspelt,
  OSLO,
  openOffice,
  pointers,
  SOMEBODY,
  said,
  WHATEVER,
} from './office.js';

const office = await openOffice(t);
const { send, give, told, numberOf, smittevern, byggesak, bergenOrgnr } = office;
const lookUp = (brukerIdent: string, more: object = {}, holder = keeper) =>
  send(holder, 'POST', `${BASE}/${OSLO}/oppslag`, { brukerIdent, ...more });
const personAt = (brukerId: string) => `${BASE}/${OSLO}/brukere/${brukerId}`;
interface Row {
  readonly appId: string;
  readonly gjelder: string[];
  readonly hindringer: string[];
}

t.test('a look-up by number and one by brukerId tell the same, of this organisation only (threat 27)', async (t) => {
  const person = office.stranger();
  const { json } = await give(smittevern, person);
  await give(byggesak, person, { til: office.moment(DAY) });
  await send(bergen, 'POST', grantsOf(smittevern, bergenOrgnr), { brukerIdent: person });
  const byNumber = await lookUp(person);
  t.equal(said(byNumber), '200');
  t.same(byNumber.json.tilganger.map(({ appId }: Row) => appId).sort(), [smittevern, byggesak].sort());
  t.notOk(byNumber.text.includes(bergenOrgnr));
  const byId = await send(keeper, 'GET', personAt(json.brukerId));
  t.same(byId.json, byNumber.json);
  t.match(byId.headers.get('etag'), /^"\d+"$/);
  t.same((await lookUp(numberOf('oslo-tilgang'))).json.administrator, ['tilgangsadministrator']);
  t.notOk('administrator' in (await lookUp(numberOf('bergen-leder'))).json, 'not what is administered elsewhere');
});

t.test('somebody unknown looks like one who has nothing (threat 41)', async (t) => {
  const known = numberOf('bergen-leder');
  const shape = (brukerIdent: string) =>
    lookUp(brukerIdent).then(({ status, json: { brukerId, ...rest } }) => [status, brukerId.length, rest]);
  t.same(await shape(office.stranger()), await shape(known));
  t.same(await shape(known), [200, 43, { tilganger: [] }]);
  const unknown = await send(keeper, 'GET', personAt(SOMEBODY));
  t.same([unknown.status, unknown.json], [200, { brukerId: SOMEBODY, tilganger: [] }]);
  t.equal(said(await send(keeper, 'GET', personAt('kort'))), '404 not-found');
  const wrong = await lookUp(misspelt(known));
  t.equal(said(wrong), '400 invalid-request');
  t.same(pointers(wrong), ['/brukerIdent']);
  t.equal(said(await lookUp(known, {}, bergen)), '404 organisation-not-found');
});

t.test('a look-up of a past moment tells what was so then', async (t) => {
  const person = office.stranger();
  const none = office.moment();
  office.pass(HOUR);
  const given = await give(smittevern, person, { til: office.moment(10 * HOUR) });
  const brukerId = given.json.brukerId as string;
  office.pass(HOUR);
  const open = office.moment();
  office.pass(HOUR);
  await send(machine, 'PUT', activationOf(smittevern), { aktiv: false }, WHATEVER);
  office.pass(HOUR);
  const off = office.moment();
  office.pass(HOUR);
  await send(machine, 'PUT', activationOf(smittevern), { aktiv: true }, WHATEVER);
  office.pass(HOUR);
  const withdrawnAt = office.moment(HOUR);
  const kept = office.moment();
  office.pass(HOUR);
  await send(leader, 'DELETE', given.headers.get('location') ?? '', undefined, WHATEVER);
  office.pass(DAY);
  const wasAt = async (tidspunkt: string) => {
    const { json } = await lookUp(person, { tidspunkt });
    return json.tilganger.map(({ gjelder, hindringer }: Row) => [gjelder, hindringer]);
  };
  const hadAt = async (tidspunkt: string): Promise<boolean> => {
    const { json } = await send(keeper, 'GET', `${grantsOf(smittevern)}?antall=500&tidspunkt=${tidspunkt}`);
    return json.brukere.some((row: { brukerId: string }) => row.brukerId === brukerId);
  };
  t.same(await wasAt(none), []);
  t.equal(await hadAt(none), false);
  t.same(await wasAt(open), [[['use'], []]]);
  t.equal(await hadAt(open), true);
  t.same(await wasAt(off), [[[], ['application_not_activated']]]);
  t.equal(await hadAt(off), false, 'who had a grant in what was switched off really had no access');
  t.equal(await hadAt(kept), true);
  t.equal(await hadAt(withdrawnAt), false, 'at the very moment of the withdrawal it is gone');
  t.same(await wasAt(office.moment()), []);
  t.same(await told(smittevern, person), []);
});

t.test('a moment that is not yet, or no moment, is refused', async (t) => {
  const person = office.stranger();
  for (const tidspunkt of [office.moment(1), '2026-01-01', '2026-01-01T12:00:00', 'i går']) {
    const looked = await lookUp(person, { tidspunkt });
    t.same([said(looked), pointers(looked)], ['400 invalid-request', ['/tidspunkt']], tidspunkt);
    const listed = await send(keeper, 'GET', `${grantsOf(smittevern)}?tidspunkt=${encodeURIComponent(tidspunkt)}`);
    t.same([said(listed), pointers(listed)], ['400 invalid-request', ['tidspunkt']], tidspunkt);
  }
  t.equal(said(await lookUp(person, { tidspunkt: office.moment() })), '200', 'now is no future');
});

t.test('a person is removed from everything here, and from nothing elsewhere', async (t) => {
  const person = numberOf('person-010');
  await office.appoint('person-010', { roller: ['applikasjonsadministrator'] });
  const { json } = await give(smittevern, person, { roller: ['use', 'saksbehandler'] });
  await give(byggesak, person);
  await send(bergen, 'POST', grantsOf(smittevern, bergenOrgnr), { brukerIdent: person });
  const location = personAt(json.brukerId);
  const read = await send(leader, 'GET', location);
  t.ok(read.json.tilganger.length >= 2);
  t.equal(said(await send(leader, 'DELETE', location)), '428 precondition-required');
  t.equal(said(await send(leader, 'DELETE', location, undefined, { 'If-Match': '"99999"' })), '412 precondition-failed');
  t.equal(
    said(await send(keeper, 'DELETE', location, undefined, WHATEVER)),
    '403 action-not-allowed',
    'a tilgangsadministrator removes no administrator',
  );
  t.equal(said(await send(machine, 'DELETE', location, undefined, WHATEVER)), '403 action-not-allowed', 'nor does a machine');
  t.same((await send(leader, 'GET', location)).json, read.json, 'and then nothing at all was withdrawn');
  office.pass(1000);
  const removed = await send(leader, 'DELETE', location, { begrunnelse: 'Har sluttet' }, ifMatch(read));
  t.same([said(removed), removed.json], ['200', { trukket: read.json.tilganger.length }]);
  t.same((await send(leader, 'GET', location)).json, { brukerId: json.brukerId, tilganger: [] });
  t.ok((await told(smittevern, person)).includes(bergenOrgnr), 'what Bergen gave is kept');
  t.notOk((await told(smittevern, person)).includes(OSLO) || (await told(byggesak, person)).includes(OSLO));
  t.equal(said(await send({ person: 'person-010' }, 'GET', administratorsOf())), '404 organisation-not-found');
  const events = await office.events(`bruker=${json.brukerId}&fra=${office.moment()}`);
  const changes = events.filter(({ handling }) => handling !== 'person.look_up');
  t.same(new Set(changes.map(({ begrunnelse }) => begrunnelse)), new Set(['Har sluttet']));
  t.same((await send(leader, 'DELETE', location, undefined, ifMatch(read))).json, { trukket: 0 }, 'twice is no fault');
});

t.test('who has looked a person up is in the history, also if there was nothing to see', async (t) => {
  const nobody = office.stranger();
  const path = `${BASE}/${OSLO}/oppslag`;
  const { json } = await send(keeper, 'POST', path, { brukerIdent: nobody });
  await send(leader, 'POST', path, { brukerIdent: nobody, tidspunkt: office.moment(-DAY) });
  await send(machine, 'GET', personAt(json.brukerId));
  await send(bergen, 'POST', `${BASE}/${bergenOrgnr}/oppslag`, { brukerIdent: nobody });
  const events = await office.events(`bruker=${json.brukerId}`);
  t.same(
    events.map(({ handling, etter }) => [handling, etter]),
    [
      ['person.look_up', undefined],
      ['person.look_up', { tidspunkt: office.moment(-DAY) }],
      ['person.look_up', undefined],
    ],
  );
  t.equal(events[0]?.aktor, OSLO, 'the machine acts as its organisation');
  t.equal(new Set(events.map(({ aktor }) => aktor)).size, 3, 'and Bergen’s look-up is Bergen’s own matter');
  t.notOk(JSON.stringify(events).includes(nobody));
});

t.test('a tilgangsadministrator and a machine remove one who is no administrator', async (t) => {
  for (const holder of [keeper, machine]) {
    const { json } = await give(smittevern, office.stranger());
    t.same((await send(holder, 'DELETE', personAt(json.brukerId), undefined, WHATEVER)).json, { trukket: 1 });
  }
});

t.test('the last organisasjonsadministrator is not removed this way either, and keeps the grants', async (t) => {
  const { json } = await give(smittevern, numberOf('oslo-leder'), {}, keeper);
  t.equal(said(await send(leader, 'DELETE', personAt(json.brukerId), undefined, WHATEVER)), '409 last-administrator');
  t.same(await told(smittevern, numberOf('oslo-leder')), [OSLO]);
});
