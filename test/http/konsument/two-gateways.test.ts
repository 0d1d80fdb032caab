import t from 'tap';
import { openAccess } from '#gateway';
import { runGateway } from '../../fixtures/gateway.js';
import {
  activationOf,
  administratorsOf,
  BASE,
  grantsOf,
  ifMatch,
  keeper,
  leader,
  machine,
  OSLO,
  openOffice,
  said,
  WHATEVER,
} from './office.js';

const office = await openOffice(t);
const { gateway, send, smittevern, numberOf } = office;
const other = await runGateway(t, { data: gateway.config.data }, office.now);
const path = grantsOf(smittevern);

async function toldByOther(brukerIdent: string): Promise<string[]> {
  const { json } = await other.ask(smittevern, { brukerIdent });
  return json.tilganger.map(({ orgnr }: { orgnr: string }) => orgnr);
}

t.test('what one gateway changes, the next query of the other sees (threat 21)', async (t) => {
  for (let round = 0; round < 10; round += 1) {
    const person = office.stranger();
    t.same(await toldByOther(person), []);
    const given = await send(leader, 'POST', path, { brukerIdent: person });
    t.same(await toldByOther(person), [OSLO], 'given');
    const location = given.headers.get('location') ?? '';
    t.equal(
      said(await other.send(leader, 'PATCH', location, { begrunnelse: 'Der borte' }, ifMatch(given))),
      '200',
      'the ETag holds in both',
    );
    t.equal(said(await send(leader, 'DELETE', location, undefined, ifMatch(given))), '412 precondition-failed');
    await send(machine, 'PUT', activationOf(smittevern), { aktiv: false }, WHATEVER);
    t.same(await toldByOther(person), [], 'switched off');
    await send(machine, 'PUT', activationOf(smittevern), { aktiv: true }, WHATEVER);
    t.same(await toldByOther(person), [OSLO], 'switched on');
    t.equal(said(await other.send(leader, 'DELETE', location, undefined, WHATEVER)), '204');
    t.same(await office.told(smittevern, person), [], 'withdrawn');
  }
});

t.test('an administrator appointed at one works at the other, and removed is gone from both', async (t) => {
  const one = { person: 'person-001' };
  const made = await office.appoint('person-001', { roller: ['tilgangsadministrator'] });
  t.equal(said(await other.send(one, 'POST', path, { brukerIdent: office.stranger() })), '201');
  await send(leader, 'DELETE', made.headers.get('location') ?? '', undefined, WHATEVER);
  t.equal(said(await other.send(one, 'GET', administratorsOf())), '404 organisation-not-found');
});

t.test('racing at both, one patch of an ETag wins, one of a key is carried out, and one leader stays', async (t) => {
  const person = office.stranger();
  const given = await send(leader, 'POST', path, { brukerIdent: person });
  const location = given.headers.get('location') ?? '';
  const patched = await Promise.all(
    [gateway, other].map((at, i) => at.send(leader, 'PATCH', location, { til: `2026-1${i}-01` }, ifMatch(given))),
  );
  t.same(patched.map(said).sort(), ['200', '412 precondition-failed']);
  const somebody = office.stranger();
  const keyed = await Promise.all(
    [gateway, other, gateway, other].map((at) =>
      at.send(keeper, 'POST', path, { brukerIdent: somebody }, { 'Idempotency-Key': 'ved-begge' }),
    ),
  );
  t.ok(
    keyed.every((answer) => ['201', '409 request-in-progress'].includes(said(answer))),
    keyed.map(said).join(),
  );
  const won = keyed.find(({ status }) => status === 201);
  t.equal((await office.events(`bruker=${won?.json.brukerId}`)).length, 1);
  const later = await other.send(keeper, 'POST', path, { brukerIdent: somebody }, { 'Idempotency-Key': 'ved-begge' });
  t.same([later.status, later.json], [201, won?.json], 'the answer is known at both');
  const second = { person: 'person-002' };
  const made = await office.appoint('person-002', { roller: ['organisasjonsadministrator'] });
  const { json } = await send(leader, 'POST', `${BASE}/${OSLO}/oppslag`, { brukerIdent: numberOf('oslo-leder') });
  await Promise.all([
    gateway.send(leader, 'DELETE', made.headers.get('location') ?? '', undefined, WHATEVER),
    other.send(second, 'DELETE', `${administratorsOf()}/${json.brukerId}`, undefined, WHATEVER),
  ]);
  const seen = await Promise.all([send(leader, 'GET', administratorsOf()), other.send(second, 'GET', administratorsOf())]);
  t.same(seen.map(({ status }) => status).sort(), [200, 404]);
});

t.test('the store is whole after both', async (t) => {
  await Promise.all([gateway.stop(), other.stop()]);
  const { access, close } = await openAccess(gateway.config);
  t.same((await access.store.events.verify()).broken, undefined);
  await close();
});
