import t from 'tap';
import type { Holder } from '../../fixtures/gateway.js';
import {
  activationOf,
  administratorsOf,
  BASE,
  bergen,
  grantsOf,
  keeper,
  leader,
  machine,
  OSLO,
  openOffice,
  said,
  UNKNOWN_APP,
  WHATEVER,
} from './office.js';

const office = await openOffice(t, { lookUpsPerMinute: 5, refusalsPerMinute: 6 });
const { send, give, numberOf, smittevern, bergenOrgnr } = office;
const outsider: Holder = { person: 'person-001' };

t.test('a refused attempt is an event of the organisation it was against', async (t) => {
  const answer = await send(keeper, 'PUT', activationOf(smittevern), { aktiv: false }, WHATEVER);
  t.equal(said(answer), '403 action-not-allowed');
  const [event] = await office.events('handling=attempt.refused');
  const leaders = (await send(leader, 'GET', administratorsOf())).json.administratorer;
  const self = leaders.find(({ brukerIdent }: { brukerIdent: string }) => brukerIdent === numberOf('oslo-tilgang')).brukerId;
  t.match(event, {
    handling: 'attempt.refused',
    aktor: self,
    appId: smittevern,
    forespoersel: answer.headers.get('x-request-id'),
    etter: { handling: 'activation.deactivate', grunner: ['role_missing'], orgnr: OSLO },
  });
});

t.test('the organisation is not told what the same one tried against others (threat 27)', async (t) => {
  const theirs = await send(outsider, 'GET', grantsOf(UNKNOWN_APP, bergenOrgnr));
  t.equal(said(theirs), '404 organisation-not-found');
  await send(outsider, 'GET', grantsOf(smittevern));
  await send(outsider, 'GET', grantsOf(UNKNOWN_APP, '999999999'));
  await send(outsider, 'POST', `${BASE}/${bergenOrgnr}/oppslag`, { brukerIdent: numberOf('oslo-leder') });
  const ours = await office.events('handling=attempt');
  t.match(ours[0], { appId: smittevern, etter: { handling: 'grant.list', grunner: ['organisation_foreign'] } });
  t.notOk(JSON.stringify(ours).includes(bergenOrgnr), 'nothing of Bergen');
  const foreign = await office.events('handling=attempt', bergen, bergenOrgnr);
  t.same(
    foreign.map(({ etter }) => etter?.['handling']),
    ['person.look_up', 'grant.list'],
  );
  t.notOk(JSON.stringify(foreign).includes(OSLO), 'nothing of Oslo');
});

t.test('who shows no token, or a forged one, leaves no event', async (t) => {
  const before = await office.events('handling=attempt');
  t.equal(said(await send(null, 'GET', grantsOf(smittevern))), '401 token-missing');
  t.equal(said(await send(null, 'GET', grantsOf(smittevern), undefined, { Authorization: 'Bearer a.b.c' })), '401 token-invalid');
  t.same(await office.events('handling=attempt'), before);
});

t.test('look-ups are limited per caller, and nobody else is affected (threat 41)', async (t) => {
  const lookUp = (holder: Holder) => send(holder, 'POST', `${BASE}/${OSLO}/oppslag`, { brukerIdent: office.stranger() });
  const first = [];
  for (let i = 0; i < 4; i += 1) first.push(said(await lookUp(keeper)));
  first.push(said(await send(keeper, 'GET', `${BASE}/${OSLO}/brukere/${'A'.repeat(43)}`)));
  t.same(first, ['200', '200', '200', '200', '200'], 'by number and by brukerId together');
  const over = await lookUp(keeper);
  t.equal(said(over), '429 too-many-requests');
  t.match(over.headers.get('retry-after'), /^([1-9]|[1-5]\d|60)$/);
  t.equal(said(await send(keeper, 'GET', `${BASE}/${OSLO}/brukere/${'A'.repeat(43)}`)), '429 too-many-requests');
  t.equal(said(await give(smittevern, office.stranger(), {}, keeper)), '201', 'other work goes on');
  t.equal(said(await lookUp(leader)), '200');
  t.equal(said(await lookUp(machine)), '200');
});

t.test('who is refused too often waits, whatever is asked, and nobody else does', async (t) => {
  const stray: Holder = { person: 'person-002' };
  const answers: string[] = [];
  for (let i = 0; i < 9; i += 1) answers.push(said(await send(stray, 'GET', grantsOf(smittevern))));
  t.same(answers, [...Array(6).fill('404 organisation-not-found'), ...Array(3).fill('429 too-many-requests')]);
  const other = await send(stray, 'GET', `${BASE}/${bergenOrgnr}/hendelser`);
  t.equal(said(other), '429 too-many-requests', 'elsewhere too');
  t.ok(Number(other.headers.get('retry-after')) >= 1);
  const attempts = await office.events('handling=attempt');
  const own = attempts.filter(({ aktor }) => aktor === attempts[0]?.aktor);
  t.equal(own.length, 6, 'what is turned away is no event, so the history cannot be filled');
  t.equal(said(await send({ person: 'person-003' }, 'GET', grantsOf(smittevern))), '404 organisation-not-found');
  t.equal(said(await send(leader, 'GET', grantsOf(smittevern))), '200');
});
