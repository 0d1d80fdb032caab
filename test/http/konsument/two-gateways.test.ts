// Takes about 10 s.
import t from 'tap';
import { openAccess } from '#installation';
import { demoFolder, newPersons } from '../../fixtures/demo-folder.js';
import { demoConfig } from '../../fixtures/filled-folder.js';
import type { Answer } from '../../fixtures/gateway.js';
import { startGatewayProcess } from '../../fixtures/gateway-process.js';
import { activationOf, administratorsOf, BASE, grantsOf, ifMatch, keeper, leader, machine, OSLO, said, WHATEVER } from './office.js';

// Two processes over one folder, as they are built: what is remembered in memory (registry, answers, tokens) is not shared.
const { data, world } = await demoFolder(t);
const [one, other] = [await startGatewayProcess(t, data), await startGatewayProcess(t, data)];
const smittevern = world.applications.find(({ name }) => name.nb === 'Smittevernmelding')?.id ?? '';
const path = grantsOf(smittevern);
const strangers = newPersons(40, world);
const stranger = (): string => strangers.pop() as string;
const numberOf = (id: string): string =>
  [...world.persons, ...world.administrators].find((somebody) => somebody.id === id)?.brukerIdent ?? '';
const toldBy = (gateway: typeof one, person: string): Promise<string[]> => gateway.told(world, smittevern, person);
const placeOf = (answer: Answer): string => answer.headers.get('location') ?? '';
const appoint = (id: string, roller: string[]): Promise<Answer> =>
  one.send(leader, 'POST', administratorsOf(), { brukerIdent: numberOf(id), roller });

t.test('they are two processes', async (t) => {
  t.not(one.running.child.pid, other.running.child.pid);
  t.not(one.running.child.pid, process.pid);
});

t.test('what one gateway changes, the next query of the other sees (threat 21)', async (t) => {
  for (let round = 0; round < 10; round += 1) {
    const person = stranger();
    t.same(await toldBy(other, person), []);
    const given = await one.send(leader, 'POST', path, { brukerIdent: person });
    t.same(await toldBy(other, person), [OSLO], 'given');
    const location = placeOf(given);
    const patched = await other.send(leader, 'PATCH', location, { begrunnelse: 'Der borte' }, ifMatch(given));
    t.equal(said(patched), '200', 'the ETag holds in both');
    t.equal(said(await one.send(leader, 'DELETE', location, undefined, ifMatch(given))), '412 precondition-failed');
    await one.send(machine, 'PUT', activationOf(smittevern), { aktiv: false }, WHATEVER);
    t.same(await toldBy(other, person), [], 'switched off');
    await one.send(machine, 'PUT', activationOf(smittevern), { aktiv: true }, WHATEVER);
    t.same(await toldBy(other, person), [OSLO], 'switched on');
    t.equal(said(await other.send(leader, 'DELETE', location, undefined, WHATEVER)), '204');
    t.same(await toldBy(one, person), [], 'withdrawn');
  }
});

t.test('an administrator appointed at one works at the other, and removed is gone from both', async (t) => {
  const somebody = { person: 'person-001' };
  const made = await appoint('person-001', ['tilgangsadministrator']);
  t.equal(said(await other.send(somebody, 'POST', path, { brukerIdent: stranger() })), '201');
  await one.send(leader, 'DELETE', placeOf(made), undefined, WHATEVER);
  t.equal(said(await other.send(somebody, 'GET', administratorsOf())), '404 organisation-not-found');
});

t.test('racing at both, one patch of an ETag wins, one of a key is carried out, and one leader stays', async (t) => {
  const given = await one.send(leader, 'POST', path, { brukerIdent: stranger() });
  const location = placeOf(given);
  const patched = await Promise.all(
    [one, other].map((at, i) => at.send(leader, 'PATCH', location, { til: `2099-1${i}-01` }, ifMatch(given))),
  );
  t.same(patched.map(said).sort(), ['200', '412 precondition-failed']);
  const somebody = stranger();
  const key = { 'Idempotency-Key': 'ved-begge' };
  const keyed = await Promise.all([one, other, one, other].map((at) => at.send(keeper, 'POST', path, { brukerIdent: somebody }, key)));
  t.ok(
    keyed.every((answer) => ['201', '409 request-in-progress'].includes(said(answer))),
    keyed.map(said).join(),
  );
  const won = keyed.find(({ status }) => status === 201);
  const events = await one.send(leader, 'GET', `${BASE}/${OSLO}/hendelser?bruker=${won?.json.brukerId}`);
  t.equal(events.json.hendelser.length, 1);
  const later = await other.send(keeper, 'POST', path, { brukerIdent: somebody }, key);
  t.same([later.status, later.json], [201, won?.json], 'the answer is known at both');
  const second = { person: 'person-002' };
  const made = await appoint('person-002', ['organisasjonsadministrator']);
  const { json } = await one.send(leader, 'POST', `${BASE}/${OSLO}/oppslag`, { brukerIdent: numberOf('oslo-leder') });
  await Promise.all([
    one.send(leader, 'DELETE', placeOf(made), undefined, WHATEVER),
    other.send(second, 'DELETE', `${administratorsOf()}/${json.brukerId}`, undefined, WHATEVER),
  ]);
  const seen = await Promise.all([one.send(leader, 'GET', administratorsOf()), other.send(second, 'GET', administratorsOf())]);
  t.same(seen.map(({ status }) => status).sort(), [200, 404]);
});

t.test('one that is killed takes nothing along, and the store is whole after both', async (t) => {
  const person = stranger();
  t.equal(said(await other.send(machine, 'POST', path, { brukerIdent: person })), '201');
  t.equal(await one.stop('SIGKILL'), null);
  t.same(await toldBy(other, person), [OSLO]);
  t.equal(await other.stop(), 0);
  const { access, close } = await openAccess(demoConfig(data));
  t.same((await access.store.events.verify()).broken, undefined);
  await close();
});
