import t from 'tap';
import { operatorRequest } from '#access';
import type { PersonNumber } from '#domain';
import { blockPerson, unblockPerson } from '#idporten';
import { CONTACT, LEVEL, machine, openRegistry } from './register.js';

const PATH = '/authlevel/rest/v1/sikkerhetsnivaa';
const HIGH = 'idporten-loa-high';

t.test('the level of logins over HTTP (§8 30)', async (t) => {
  const { gateway, parts, persons, login, keep, post } = await openRegistry(t);
  const ask = (person: string, more: object = {}) => post(PATH, { personidentifikator: person, ...more }, machine(LEVEL));
  const used = async (person: string, more?: object): Promise<boolean> => (await ask(person, more)).json.harbruktnivaa4;

  await t.test('a login at level high counts for 18 months, or since the day that is named', async (t) => {
    const [fresh, old, weak] = persons(3) as [PersonNumber, PersonNumber, PersonNumber];
    await Promise.all([login(fresh, HIGH, 30), login(old, 'Level4', 580), login(weak, 'idporten-loa-substantial', 1)]);
    t.same((await ask(fresh)).json, { personidentifikator: fresh, harbruktnivaa4: true });
    t.notOk(await used(old), 'nineteen months ago');
    t.ok(await used(old, { fraDato: '2024-01-01' }));
    t.notOk(await used(old, { fraDato: '2026-01-01' }));
    t.notOk(await used(fresh, { fraDato: '2026-11-27' }));
    t.notOk(await used(weak), 'at a lower level');
  });

  await t.test('who is blocked has used nothing, until that ends', async (t) => {
    const [person] = persons(1) as [PersonNumber];
    await login(person, HIGH, 3);
    t.ok(await used(person));
    t.ok(await blockPerson(parts, operatorRequest(), { person, reason: 'meldt tapt' }));
    t.notOk(await blockPerson(parts, operatorRequest(), { person }), 'once');
    t.notOk(await used(person));
    t.ok(await unblockPerson(parts, operatorRequest(), { person }));
    t.ok(await used(person));
  });

  await t.test('who has neither logged in nor stands in the contact register is 404; who stands there only has used nothing', async (t) => {
    const [registered, nobody] = persons(2) as [PersonNumber, PersonNumber];
    await keep({ personidentifikator: registered });
    t.notOk(await used(registered));
    const unknown = await ask(nobody);
    t.match(unknown, { status: 404, json: { type: '/problems/person-not-found' } });
    t.notOk(unknown.text.includes(nobody));
  });

  await t.test('another scope is 403, a person too, nobody 401; that does not depend on the person', async (t) => {
    const [known, nobody] = persons(2) as [PersonNumber, PersonNumber];
    await login(known, HIGH, 1);
    for (const personidentifikator of [known, nobody]) {
      t.match(await post(PATH, { personidentifikator }, machine(CONTACT)), { status: 403, json: { type: '/problems/scope-missing' } });
      t.equal((await gateway.send({ person: 'person-001' }, 'POST', PATH, { personidentifikator })).status, 403);
      t.equal((await post(PATH, { personidentifikator }, null)).status, 401);
    }
  });

  await t.test('what is not as described is 400, and names the field', async (t) => {
    const [person] = persons(1) as [PersonNumber];
    const bad: readonly (readonly [body: unknown, pointer: string])[] = [
      [{}, '/personidentifikator'],
      [{ personidentifikator: '123' }, '/personidentifikator'],
      [{ personidentifikator: '01010199999' }, '/personidentifikator'],
      [{ personidentifikator: person, fraDato: 'i fjor' }, '/fraDato'],
      [{ personidentifikator: person, fraDato: '2026-02-30' }, '/fraDato'],
      [{ personidentifikator: person, fraDato: '2027-01-01' }, '/fraDato'],
      [{ personidentifikator: person, fraDato: 20260101 }, '/fraDato'],
      [{ personidentifikator: person, fradato: '2026-01-01' }, '/fradato'],
    ];
    for (const [body, pointer] of bad) {
      t.match(await post(PATH, body, machine(LEVEL)), { status: 400, json: { errors: [{ pointer }] } }, JSON.stringify(body));
    }
  });
});
