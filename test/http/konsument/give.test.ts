import t from 'tap';
import {
  activator,
  bergen,
  DAY,
  grantsOf,
  keeper,
  leader,
  machine,
  misspelt,
  OSLO,
  openOffice,
  pointers,
  said,
  UNKNOWN_APP,
} from './office.js';

const office = await openOffice(t);
const { send, give, told, smittevern } = office;
const path = grantsOf(smittevern);

t.test('what is given is seen by the next query, and is found where Location says', async (t) => {
  const person = office.stranger();
  t.same(await told(smittevern, person), []);
  const terms = { roller: ['use', 'saksbehandler'], fra: '2026-01-01', til: '2026-12-31', begrunnelse: 'Vikar' };
  const given = await give(smittevern, person, terms, keeper);
  t.equal(said(given), '201');
  t.match(given.json, {
    brukerIdent: person,
    appId: smittevern,
    roller: ['saksbehandler', 'use'],
    fra: '2025-12-31T23:00:00.000Z',
    til: '2026-12-31T23:00:00.000Z',
    begrunnelse: 'Vikar',
    gitt: office.moment(),
    kilde: 'person',
    gjelder: ['saksbehandler', 'use'],
    hindringer: [],
    revisjon: 1,
  });
  t.same(await told(smittevern, person), [OSLO]);
  const location = given.headers.get('location') ?? '';
  t.equal(location, `${path}/${given.json.brukerId}`);
  t.notOk(location.includes(person), 'no person number in a path');
  const read = await send(keeper, 'GET', location);
  t.same(read.json, given.json);
  t.equal(read.headers.get('etag'), given.headers.get('etag'));
  t.equal(read.headers.get('etag'), `"${read.json.revisjon}"`);
});

t.test('the role `use` is given if none is named, and a machine gives as the organisation', async (t) => {
  const { status, json } = await give(smittevern, office.stranger(), {}, machine);
  t.equal(status, 201);
  t.match(json, { roller: ['use'], gittAv: OSLO, kilde: 'maskin' });
  t.notOk('til' in json || 'fra' in json || 'begrunnelse' in json);
});

t.test('the same again is 200 and no event; other terms are a conflict', async (t) => {
  const person = office.stranger();
  const first = await give(smittevern, person, { til: '2026-12-31', roller: ['use', 'saksbehandler'] });
  office.pass(1000);
  const bruker = `bruker=${first.json.brukerId}`;
  const again = await give(smittevern, person, { til: '2026-12-31', roller: ['saksbehandler', 'use'], begrunnelse: 'Annen' });
  t.equal(said(again), '200');
  t.same(again.json, first.json);
  t.equal(again.headers.get('location'), first.headers.get('location'));
  t.equal(said(await give(smittevern, person, { til: '2026-12-30', roller: ['saksbehandler', 'use'] })), '409 grant-exists');
  t.equal(said(await give(smittevern, person, { til: '2026-12-31' })), '409 grant-exists');
  t.equal(said(await give(smittevern, person, { roller: ['saksbehandler', 'use'] })), '409 grant-exists');
  t.equal((await office.events(bruker)).length, 1);
});

t.test('of many who give the same at once, one makes it', async (t) => {
  const person = office.stranger();
  const answers = await Promise.all(Array.from({ length: 8 }, () => give(smittevern, person)));
  t.same(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 200, 200, 200, 201]);
  t.equal((await office.events(`bruker=${answers[0]?.json.brukerId}`)).length, 1);
});

t.test('one that has expired can be given anew, on any terms', async (t) => {
  const person = office.stranger();
  const first = await give(smittevern, person, { til: office.moment(DAY) });
  office.pass(DAY);
  t.same(await told(smittevern, person), [], 'it is over on its instant (threat 22)');
  const second = await give(smittevern, person, { roller: ['use', 'saksbehandler'] });
  t.equal(said(second), '201');
  t.ok(second.json.revisjon > first.json.revisjon, 'the old ETag does not come back');
  t.notOk('til' in second.json);
  t.same(await told(smittevern, person), [OSLO]);
});

t.test('one that is over already is given once, and gives nothing', async (t) => {
  const person = office.stranger();
  const terms = { til: office.moment(-DAY) };
  const first = await give(smittevern, person, terms);
  t.same([said(first), first.json.gjelder, first.json.hindringer], ['201', [], ['grant_expired']]);
  t.equal(said(await give(smittevern, person, terms)), '200', 'the same again is not new');
  t.equal((await office.events(`bruker=${first.json.brukerId}`)).length, 1);
  t.same(await told(smittevern, person), []);
});

t.test('what cannot be is refused with a pointer to it, and nothing is written', async (t) => {
  const person = office.stranger();
  const bad: [what: string, body: object, at: string[]][] = [
    ['til before fra', { brukerIdent: person, fra: '2026-06-01', til: '2026-05-01' }, ['/til']],
    ['til at fra', { brukerIdent: person, fra: '2026-06-01T00:00:00Z', til: '2026-06-01T00:00:00Z' }, ['/til']],
    ['an unknown role', { brukerIdent: person, roller: ['finnes-ikke'] }, ['/roller/0']],
    ['an unknown role after a known one', { brukerIdent: person, roller: ['use', 'zzz'] }, ['/roller/1']],
    ['an unknown role that sorts before a known one', { brukerIdent: person, roller: ['use', 'aaa'] }, ['/roller/1']],
    ['a wrong check digit', { brukerIdent: misspelt(person) }, ['/brukerIdent']],
    ['a day that there is not', { brukerIdent: person, til: '2026-02-30' }, ['/til']],
    ['a leap day in another year', { brukerIdent: person, fra: '2027-02-29' }, ['/fra']],
    ['month 13', { brukerIdent: person, til: '2026-13-01' }, ['/til']],
    ['hour 24', { brukerIdent: person, til: '2026-12-01T24:00:00Z' }, ['/til']],
    ['no offset', { brukerIdent: person, til: '2026-12-01T12:00:00' }, ['/til']],
    ['a Norwegian date', { brukerIdent: person, til: '31.12.2026' }, ['/til']],
    ['blanks around', { brukerIdent: person, til: ' 2026-12-31' }, ['/til']],
    ['no person', {}, ['/brukerIdent']],
    ['a number', { brukerIdent: Number(person) }, ['/brukerIdent']],
    ['a query operator (threat 26)', { brukerIdent: { $gt: '' } }, ['/brukerIdent']],
    ['no role at all', { brukerIdent: person, roller: [] }, ['/roller']],
    ['a role twice', { brukerIdent: person, roller: ['use', 'use'] }, ['/roller']],
    ['what only the service says (threat 45)', { brukerIdent: person, gittAv: 'operator' }, ['/gittAv']],
  ];
  for (const [what, body, at] of bad) {
    const answer = await send(leader, 'POST', path, body);
    t.equal(said(answer), '400 invalid-request', what);
    t.same(pointers(answer), at, what);
    t.notOk(answer.text.includes(person), `${what}: the number is not repeated`);
  }
  t.same(await told(smittevern, person), []);
  t.equal(said(await give(smittevern, person, { fra: '2028-02-29', til: '2028-02-29' })), '201', 'one whole leap day');
});

t.test('who may: not the applikasjonsadministrator, not another konsument, and only in an application that is there', async (t) => {
  const person = office.stranger();
  t.equal(said(await give(smittevern, person, {}, activator)), '403 action-not-allowed');
  t.equal(said(await give(smittevern, person, {}, bergen)), '404 organisation-not-found');
  t.equal(said(await give(UNKNOWN_APP, person)), '404 application-not-found');
  t.equal(said(await give('nei', person)), '404 application-not-found');
  t.equal(said(await give(office.appNamed('Vannprøveregister'), person)), '404 application-not-found');
  t.same(await told(smittevern, person), []);
});
