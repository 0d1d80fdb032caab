import t from 'tap';
import { type AdminRequest, appointAdministrator, exportGrants, giveGrants, operatorRequest, removeAdministrator } from '#access';
import { syntheticPersonNumber } from '#demo';
import { ProblemError } from '#problem';
import { ADA, openWorld, order, SANDVIK, seeded } from './world.js';

t.test('an export ends where the right to it is withdrawn (threat 52)', async (t) => {
  const world = await openWorld(t);
  const operator = operatorRequest();
  const random = seeded(7);
  const persons = [...new Set(Array.from({ length: 350 }, () => syntheticPersonNumber(random)))];
  await giveGrants(
    world,
    operator,
    persons.map((person) => order({ person })),
  );
  const { view } = await appointAdministrator(world, operator, SANDVIK, ADA, { roles: ['tilgangsadministrator'] });
  const { brukerId } = view.assignment;
  const reader: AdminRequest = { caller: { kind: 'person', brukerId, acr: 'idporten-loa-high', clientId: 'portal', scopes: [] } };
  const all: string[] = [];
  for await (const grant of await exportGrants(world, reader, { orgnr: SANDVIK })) all.push(grant.brukerIdent);
  t.ok(all.length >= persons.length);
  const told: string[] = [];
  await t.rejects(
    (async () => {
      for await (const grant of await exportGrants(world, reader, { orgnr: SANDVIK })) {
        told.push(grant.brukerIdent);
        if (told.length === 1) await removeAdministrator(world, operator, { orgnr: SANDVIK, brukerId }, 'any', undefined);
      }
    })(),
    new ProblemError('organisation-not-found'),
  );
  t.ok(told.length > 0 && told.length < all.length / 2, 'only what had been read before');
});
