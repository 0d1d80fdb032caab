import t from 'tap';
import { demoWorld } from '#demo';
import { isFault, parseOrgnr, parsePersonNumber, toInstant } from '#domain';

const now = toInstant(Date.UTC(2026, 0, 15, 12));
const world = demoWorld(now);

t.test('the same moment gives the same world, another moment only other dates', async (t) => {
  t.same(demoWorld(now), world);
  t.same(demoWorld(toInstant(Date.UTC(2027, 5, 1))).persons, world.persons);
});

t.test('every organisation has a valid number and its own FiksOrgId', async (t) => {
  t.notOk(world.organisations.some(({ orgnr }) => isFault(parseOrgnr(orgnr))));
  t.equal(new Set(world.organisations.map(({ orgnr }) => orgnr)).size, world.organisations.length);
  t.equal(new Set(world.organisations.map(({ fiksOrgId }) => fiksOrgId)).size, world.organisations.length);
  const uuid8 = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  t.ok(world.organisations.every(({ fiksOrgId }) => uuid8.test(fiksOrgId)));
  t.ok(world.organisations.every(({ orgnr, syntheticOrgnr }) => orgnr.startsWith('3') === (syntheticOrgnr === true)));
});

t.test('there are applications of two tilbydere in every state', async (t) => {
  t.ok(world.applications.length >= 6);
  t.equal(new Set(world.applications.map(({ tilbyder }) => tilbyder)).size, 2);
  t.same(new Set(world.applications.map(({ state }) => state)), new Set(['active', 'draft', 'retired']));
});

t.test('the 300 persons have valid numbers of the synthetic range, each its own', async (t) => {
  t.equal(new Set(world.persons.map(({ brukerIdent }) => brukerIdent)).size, 300);
  t.notOk(world.persons.some(({ brukerIdent }) => isFault(parsePersonNumber(brukerIdent))));
  t.ok(world.persons.every(({ brukerIdent }) => Number(brukerIdent.slice(2, 4)) > 80));
});

t.test('every sort of grant is there, at most one per application, person and konsument', async (t) => {
  t.equal(new Set(world.grants.map(({ sort }) => sort)).size, 12);
  t.equal(new Set(world.grants.map((g) => `${g.appId} ${g.brukerIdent} ${g.konsument}`)).size, world.grants.length);
});

t.test('the expected answers are what the grants say', async (t) => {
  const app = new Map(world.applications.map((a) => [a.id, a]));
  const organisation = new Map(world.organisations.map((o) => [o.orgnr, o]));
  const on = new Set(world.activations.filter(({ active }) => active).map((a) => `${a.appId} ${a.konsument}`));
  for (const person of world.persons) {
    for (const { appId, orgnr, kommuner } of person.expected) {
      const open = world.grants.filter(
        (g) =>
          g.brukerIdent === person.brukerIdent &&
          g.appId === appId &&
          app.get(appId)?.state === 'active' &&
          g.roles.includes('use') &&
          !g.withdrawn &&
          (g.from ?? '') <= now &&
          (g.until ?? '9999') > now &&
          on.has(`${appId} ${g.konsument}`) &&
          organisation.get(g.konsument)?.mayBeKonsument,
      );
      t.same(orgnr, open.map(({ konsument }) => konsument).sort());
      t.same(kommuner, open.flatMap(({ konsument }) => organisation.get(konsument)?.kommunenummer ?? []).sort());
    }
  }
});

t.test('the first question has at least two kommuner in its answer and a client with the scope', async (t) => {
  const person = world.persons.find(({ brukerIdent }) => brukerIdent === world.first.brukerIdent);
  t.ok((person?.expected.find(({ appId }) => appId === world.first.appId)?.kommuner.length ?? 0) >= 2);
  t.ok(world.clients.find(({ id }) => id === world.first.clientId)?.scopes.includes('ks:fiks'));
});
