import t from 'tap';
import { BASE, bergen, DAY, grantsOf, ifMatch, keeper, leader, OSLO, openOffice, pointers, SOMEBODY, said, WHATEVER } from './office.js';

const office = await openOffice(t);
const { send, give, told, smittevern, byggesak, bergenOrgnr } = office;
const path = grantsOf(smittevern);
const change = (location: string, patch: object, headers = WHATEVER) => send(leader, 'PATCH', location, patch, headers);

t.test('a patch keeps what it does not name and takes away what is null', async (t) => {
  const person = office.stranger();
  const given = await give(smittevern, person, { fra: '2026-01-01', til: '2026-12-31', begrunnelse: 'Vikar' });
  const location = given.headers.get('location') ?? '';
  office.pass(1000);
  const wider = await send(leader, 'PATCH', location, { roller: ['use', 'saksbehandler'] }, ifMatch(given));
  t.equal(said(wider), '200');
  t.match(wider.json, { roller: ['saksbehandler', 'use'], til: given.json.til, fra: given.json.fra, begrunnelse: 'Vikar', revisjon: 2 });
  const open = await send(leader, 'PATCH', location, { til: null, begrunnelse: null }, ifMatch(wider));
  t.notOk('til' in open.json || 'begrunnelse' in open.json);
  t.equal(open.json.fra, given.json.fra);
  const later = await change(location, { fra: '2026-04-01' });
  t.match(later.json, { gjelder: [], hindringer: ['grant_not_yet_valid'] });
  t.same(await told(smittevern, person), [], 'the next query sees it');
  t.same(pointers(await change(location, { til: '2026-03-31' })), ['/til'], 'the last day ends where the first begins: not after it');
  const same = await change(location, { fra: '2026-04-01' });
  t.equal(same.headers.get('etag'), later.headers.get('etag'), 'a change to what it is already is none');
  t.equal((await office.events(`bruker=${given.json.brukerId}`)).length, 4);
});

t.test('a patch that makes no sense is refused with a pointer', async (t) => {
  const given = await give(smittevern, office.stranger(), { fra: '2026-06-01' });
  const location = given.headers.get('location') ?? '';
  const bad: [object, string[]][] = [
    [{ til: '2026-05-01' }, ['/til']],
    [{ roller: ['use', 'aaa'] }, ['/roller/1']],
    [{ roller: null }, ['/roller']],
    [{ til: '2026-02-30' }, ['/til']],
    [{ brukerIdent: office.stranger() }, ['/brukerIdent']],
    [{ revisjon: 7 }, ['/revisjon']],
    [{ gittAv: 'operator' }, ['/gittAv']],
  ];
  for (const [patch, at] of bad) {
    const answer = await change(location, patch);
    t.equal(said(answer), '400 invalid-request', JSON.stringify(patch));
    t.same(pointers(answer), at, JSON.stringify(patch));
  }
  t.equal(
    said(await send(leader, 'PATCH', location, '[]', { ...WHATEVER, 'Content-Type': 'application/merge-patch+json' })),
    '400 invalid-request',
  );
  t.same((await send(leader, 'GET', location)).json, given.json);
});

t.test('a change from a stale ETag is refused, and of two from one ETag exactly one wins', async (t) => {
  const given = await give(smittevern, office.stranger());
  const location = given.headers.get('location') ?? '';
  t.equal(said(await send(leader, 'PATCH', location, { til: '2026-12-31' })), '428 precondition-required');
  for (let round = 0; round < 5; round += 1) {
    const read = await send(leader, 'GET', location);
    const days = [10, 11, 12].map((day) => `2026-${day}-0${round + 1}`);
    const answers = await Promise.all(days.map((til) => send(leader, 'PATCH', location, { til }, ifMatch(read))));
    t.same(answers.map(said).sort(), ['200', '412 precondition-failed', '412 precondition-failed']);
    const after = await send(leader, 'GET', location);
    t.same(after.json, answers.find(({ status }) => status === 200)?.json, 'what won is what stands');
  }
  t.equal(said(await send(leader, 'PATCH', location, { til: null }, ifMatch(given))), '412 precondition-failed');
  t.equal(said(await send(leader, 'DELETE', location, undefined, ifMatch(given))), '412 precondition-failed');
});

t.test('what another konsument does to the same person changes nothing here and is not seen (threat 27)', async (t) => {
  const person = office.stranger();
  const given = await give(smittevern, person);
  const location = given.headers.get('location') ?? '';
  const bruker = `bruker=${given.json.brukerId}`;
  const theirs = await send(bergen, 'POST', grantsOf(smittevern, bergenOrgnr), {
    brukerIdent: person,
    til: '2026-12-31',
    begrunnelse: 'Bergens sak',
  });
  t.equal(said(theirs), '201');
  t.equal(theirs.json.brukerId, given.json.brukerId, 'it is one document');
  await send(bergen, 'PATCH', theirs.headers.get('location') ?? '', { til: null }, WHATEVER);
  t.same((await send(leader, 'GET', location)).json, given.json);
  t.equal(said(await send(leader, 'PATCH', location, { til: '2026-11-30' }, ifMatch(given))), '200', 'the ETag is not stale');
  const own = await office.events(bruker);
  t.same(
    own.map(({ handling }) => handling),
    ['grant.change', 'grant.give'],
  );
  t.notOk(JSON.stringify(own).includes(bergenOrgnr) || JSON.stringify(own).includes('Bergens'));
  const foreign = await office.events(bruker, bergen, bergenOrgnr);
  t.same(
    foreign.map(({ handling }) => handling),
    ['grant.change', 'grant.give'],
  );
  t.notOk(JSON.stringify(foreign).includes(OSLO));
  const looked = await send(leader, 'GET', `${BASE}/${OSLO}/brukere/${given.json.brukerId}`);
  t.same(
    looked.json.tilganger.map(({ til }: { til: string }) => til),
    ['2026-11-30T23:00:00.000Z'],
  );
  for (const method of ['GET', 'PATCH', 'DELETE']) {
    const answer = await send(bergen, method, location, method === 'PATCH' ? { til: null } : undefined, WHATEVER);
    t.equal(said(answer), '404 organisation-not-found', `${method} of ours by them`);
  }
  t.equal(said(await send(leader, 'DELETE', location, undefined, WHATEVER)), '204');
  t.same(await told(smittevern, person), [bergenOrgnr], 'theirs stays');
});

t.test('withdrawn is withdrawn at once, and twice is no fault (threat 21)', async (t) => {
  const person = office.stranger();
  const given = await give(smittevern, person, { til: '2026-12-31' });
  const location = given.headers.get('location') ?? '';
  t.equal(said(await send(keeper, 'DELETE', location)), '428 precondition-required');
  t.equal(said(await send(keeper, 'DELETE', location, { begrunnelse: 'Har sluttet' }, ifMatch(given))), '204');
  t.same(await told(smittevern, person), []);
  t.equal(said(await send(keeper, 'DELETE', location, undefined, ifMatch(given))), '204');
  t.equal(said(await send(keeper, 'DELETE', `${path}/${SOMEBODY}`, undefined, WHATEVER)), '204', 'of nobody too');
  t.equal(said(await send(keeper, 'GET', location)), '404 grant-not-found');
  t.equal(said(await send(keeper, 'GET', `${path}/${SOMEBODY}`)), '404 grant-not-found');
  t.equal(said(await change(location, { til: null })), '404 grant-not-found');
  const [last, ...before] = await office.events(`bruker=${given.json.brukerId}`);
  t.match(last, { handling: 'grant.withdraw', begrunnelse: 'Har sluttet', etter: { trukket: { tidspunkt: office.moment() } } });
  t.equal(before.length, 1);
  const anew = await give(smittevern, person);
  t.equal(said(anew), '201');
  t.ok(anew.json.revisjon > given.json.revisjon);
  t.equal(
    said(await send(keeper, 'PATCH', location, { til: null }, ifMatch(given))),
    '412 precondition-failed',
    'the old ETag stays stale',
  );
});

t.test('a patch that ends it in the past ends it now', async (t) => {
  const person = office.stranger();
  const given = await give(byggesak, person);
  t.same(await told(byggesak, person), [OSLO]);
  const over = await change(given.headers.get('location') ?? '', { til: office.moment(-DAY) });
  t.match(over.json, { gjelder: [], hindringer: ['grant_expired'] });
  t.same(await told(byggesak, person), []);
});
